"""Single quantum circuits: `pure_quantum`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from novacron.specs.base import DEFAULT_LEVEL, Level, Spec, distinct
from novacron.specs.circuit_text import ParsedCircuit, Source
from novacron.specs.error_correction import Encoding
from novacron.specs.hamiltonian import Terms
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Label
from novacron.specs.schema import TEXT_TOO

if TYPE_CHECKING:
    from novacron.inputs.files import Files


class Observable(Record):
    """A named sum of Pauli strings; character i acts on qubit i."""

    _filled = ("name",)

    name: Label
    terms: Terms


def _shorthand(value: object) -> object:
    """Convert a bare Pauli string to a term with coefficient 1."""
    if isinstance(value, str):
        return {"name": value, "terms": [[value, 1.0]]}
    if isinstance(value, Mapping) and "name" not in value and _one_string(value.get("terms")):
        return {**value, "name": value["terms"][0][0]}
    return value


def _one_string(terms: object) -> bool:
    return (
        isinstance(terms, list | tuple)
        and len(terms) == 1
        and isinstance(terms[0], list | tuple)
        and len(terms[0]) == 2
        and isinstance(terms[0][0], str)
    )


def _check_names(observables: tuple[Observable, ...]) -> tuple[Observable, ...]:
    seen: set[str] = set()
    for position, observable in enumerate(observables):
        if observable.name in seen:
            raise refuse("is given twice", at=(position, "name"), value=observable.name)
        seen.add(observable.name)
        n, first = len(observable.terms[0][0]), len(observables[0].terms[0][0])
        if n != first:
            raise refuse(f"acts on {n} qubits, the first observable on {first}", at=(position, "terms"))
    return observables


class CircuitSpec(Spec):
    """A job of one circuit, given as text or by the path of its file."""

    circuit: Source
    optimization_level: Level = DEFAULT_LEVEL

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if "circuit" in data:
            data = {**data, "circuit": files.circuit(data["circuit"], "circuit")}
        return super().inline(data, files)

    @property
    def n_qubits(self) -> int | None:
        """Number of qubits the circuit declares, None before the scheduler has parsed it."""
        return self.circuit.n_qubits if isinstance(self.circuit, ParsedCircuit) else None


class Circuit(CircuitSpec):
    """Run one circuit.

    Attributes:
        circuit: OpenQASM text, or the path of an OpenQASM file.
        observables: requested expectation values.
        analyze: requested properties of the final state: purity, von Neumann entropy, fidelity to the ideal
            state.
        shots: number of samples; None gives exact probabilities.
        optimization_level: effort of compilation for a device, from 0 (only translate) to 3 (search).
        error_correction: the code in which the qubits are encoded; None or `none` runs the circuit as it is.
    """

    kind: Literal["pure_quantum"] = "pure_quantum"
    observables: Annotated[
        tuple[Annotated[Observable, BeforeValidator(_shorthand), TEXT_TOO], ...],
        Field(max_length=1000),
        AfterValidator(_check_names),
    ] = ()
    analyze: Annotated[
        tuple[Literal["purity", "entropy", "fidelity"], ...], Field(max_length=3), AfterValidator(distinct)
    ] = ()
    error_correction: Encoding = None

    @model_validator(mode="after")
    def _check_encoded(self) -> Self:
        if self.error_correction is None:
            return self
        if self.shots is None:
            rule = "is required with error_correction: an encoded circuit is sampled"
            raise refuse(rule, at=("shots",), hint="give the number of shots")
        for name in ("observables", "analyze"):
            if getattr(self, name):
                rule = "is not available with error_correction, which gives counts"
                raise refuse(rule, at=(name,), hint="leave it out")
        return self
