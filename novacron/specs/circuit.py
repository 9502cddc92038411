"""Single quantum circuits: `pure_quantum`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from novacron.specs.base import DEFAULT_LEVEL, Level, Spec, distinct
from novacron.specs.circuit_text import ParsedCircuit, Source
from novacron.specs.error_correction import Encoding
from novacron.specs.pub import (
    Observables,
    Points,
    PubSpec,
    Shape,
    Wanted,
    bare,
    check_shape,
    flattened,
)
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Number

if TYPE_CHECKING:
    from novacron.inputs.files import Files


MAX_CIRCUITS = 10_000
BATCH = ("circuits", "points", "want", "precision", "observables_shape")
"""Fields that make the results arrays."""
OF_OBSERVABLES = ("expectations", "gradient", "variances")
SAMPLED = ("counts", "bits")
EXACT = ("gradient", "variances", "probabilities", "state")


class CircuitSpec(Spec):
    """A job of circuits, given as text or by the paths of their files."""

    optimization_level: Level = DEFAULT_LEVEL

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if data.get("circuit") is not None:
            data = {**data, "circuit": files.circuit(data["circuit"], "circuit")}
        if isinstance(several := data.get("circuits"), list | tuple):
            read = [_inlined(one, files, f"circuits[{place}]") for place, one in enumerate(several)]
            data = {**data, "circuits": read}
        return super().inline(data, files)


def _inlined(one: Any, files: "Files", field: str) -> Any:
    """Return one of several circuits with its file read."""
    if isinstance(one, Mapping) and "circuit" in one:
        return {**one, "circuit": files.circuit(one["circuit"], f"{field}.circuit")}
    return files.circuit(one, field)


def width(circuit: Source | None) -> int | None:
    """Return the number of qubits a circuit declares, None before the scheduler has parsed it."""
    return circuit.n_qubits if isinstance(circuit, ParsedCircuit) else None


class Circuit(CircuitSpec):
    """Run circuits: one of them, or several, each at many points with many observables.

    With `circuits`, `points`, `want`, `precision` or nested `observables` the results are arrays.

    Attributes:
        circuit: OpenQASM text, or the path of an OpenQASM file.
        circuits: several circuits in place of `circuit`, each alone or with its own points and observables.
        points: values of the parameters that the circuits declare with `input float`, in radians and in
            the order of declaration, of shape (..., n_parameters).
        observables: requested expectation values; nested lists of observables broadcast with the points as in
            NumPy.
        observables_shape: shape of `observables`, which are stored flat; follows from their nesting.
        want: requested results: expectations, gradient, variances, probabilities, counts, bits, state.
            Default: expectations if there are observables, else counts if there are shots, else
            probabilities.
        precision: maximum standard error of the expectation values, in place of shots.
        analyze: requested properties of the final state: purity, von Neumann entropy, fidelity to the ideal
            state.
        shots: number of samples; None gives exact probabilities.
        optimization_level: effort of compilation for a device, from 0 (only translate) to 3 (search).
        error_correction: the code in which the qubits are encoded; None or `none` runs the circuit as it is.
    """

    kind: Literal["pure_quantum"] = "pure_quantum"
    circuit: Source | None = None
    circuits: Annotated[
        tuple[Annotated[PubSpec, BeforeValidator(bare)], ...], Field(max_length=MAX_CIRCUITS)
    ] = ()
    points: Points | None = None
    observables: Observables = ()
    observables_shape: Shape | None = None
    want: Annotated[tuple[Wanted, ...], Field(max_length=7), AfterValidator(distinct)] = ()
    precision: Annotated[Number, Field(gt=0)] | None = None
    analyze: Annotated[
        tuple[Literal["purity", "entropy", "fidelity"], ...], Field(max_length=3), AfterValidator(distinct)
    ] = ()
    error_correction: Encoding = None

    @property
    def n_qubits(self) -> int | None:
        """Number of qubits of the largest circuit, None before the scheduler has parsed it."""
        widths = [width(pub.circuit) for pub in self.pubs()]
        return None if None in widths else max(n for n in widths if n is not None)

    @property
    def batched(self) -> bool:
        """Whether the results are arrays."""
        given = (self.points, self.precision, self.observables_shape)
        return bool(self.circuits or self.want) or any(one is not None for one in given)

    def pubs(self) -> tuple[PubSpec, ...]:
        """Return its circuits, each with the points and observables that it is run with."""
        if self.circuit is not None:
            return (self._pub(self.circuit),)
        return tuple(
            self._pub(one.circuit)
            if one.points is None and one.observables is None
            else self._with_defaults(one)
            for one in self.circuits
        )

    def _pub(self, circuit: Source) -> PubSpec:
        return PubSpec.model_construct(
            circuit=circuit, points=self.points, observables=self.observables,
            observables_shape=self.observables_shape,
        )  # fmt: skip

    def _with_defaults(self, one: PubSpec) -> PubSpec:
        own = one.observables is not None
        return PubSpec.model_construct(
            circuit=one.circuit,
            points=self.points if one.points is None else one.points,
            observables=one.observables if own else self.observables,
            observables_shape=one.observables_shape if own else self.observables_shape,
        )

    def alone(self, pub: PubSpec) -> "Circuit":
        """Return the job for one of its circuits with its observables, at any point."""
        observables = pub.observables or ()
        return self.model_copy(update={"circuit": pub.circuit, "circuits": (), "observables": observables})

    @property
    def wanted(self) -> tuple[str, ...]:
        """The requested results."""
        if self.want:
            return self.want
        if any(pub.observables for pub in self.pubs()):
            return ("expectations",)
        return ("probabilities",) if self.shots is None else ("counts",)

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        return flattened(data)

    @model_validator(mode="after")
    def _check_circuits(self) -> Self:
        if self.circuit is None and not self.circuits:
            raise refuse("is required: OpenQASM text, or the path of a circuit's file", at=("circuit",))
        if self.circuit is not None and self.circuits:
            raise refuse("is given beside circuit", at=("circuits",), hint="give one of the two")
        check_shape(self.observables, self.observables_shape)
        if not self.batched:
            _check_names(self.observables)
        return self

    @model_validator(mode="after")
    def _check_encoded(self) -> Self:
        if self.error_correction is None:
            return self
        if self.shots is None:
            rule = "is required with error_correction: an encoded circuit is sampled"
            raise refuse(rule, at=("shots",), hint="give the number of shots")
        for name in ("observables", "analyze", *BATCH):
            if getattr(self, name):
                rule = "is not available with error_correction, which gives counts"
                raise refuse(rule, at=(name,), hint="leave it out")
        return self

    @model_validator(mode="after")
    def _check_want(self) -> Self:
        if not self.batched:
            return self
        for name in ("analyze", "mitigation"):
            if getattr(self, name):
                raise refuse("is not available with arrays of results", at=(name,), hint="leave it out")
        if self.shots is not None and self.precision is not None:
            raise refuse("is given beside shots", at=("precision",), hint="give one of the two")
        observed = all(pub.observables for pub in self.pubs())
        for position, name in enumerate(self.wanted):
            if cure := _cure(name, observed=observed, shots=self.shots, precision=self.precision):
                raise refuse(f"{name} {cure[0]}", at=("want", position) if self.want else (), hint=cure[1])
        if self.precision is not None and "expectations" not in self.wanted:
            raise refuse("is that of expectation values, and none are requested", at=("precision",))
        return self


def _cure(name: str, *, observed: bool, shots: int | None, precision: float | None) -> tuple[str, str] | None:
    """Return what keeps a job from a requested result and what to do, None where nothing does."""
    sampled = shots is not None or precision is not None
    if name in OF_OBSERVABLES and not observed:
        return "is of observables, and a circuit has none", "give observables"
    if name in SAMPLED and shots is None:
        return "is sampled", "give shots"
    if name in EXACT and sampled:
        return "is exact", "leave shots and precision out"
    return None


def _check_names(observables: Observables) -> None:
    seen: set[str] = set()
    for position, observable in enumerate(observables):
        if observable.name in seen:
            raise refuse("is given twice", at=("observables", position, "name"), value=observable.name)
        seen.add(observable.name)
