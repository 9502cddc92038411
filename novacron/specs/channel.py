"""The errors of a noise model: channels, and the gates and qubits they apply to."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    model_validator,
)
from pydantic_core import CoreSchema

from novacron.specs.record import Record, by_name, named
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Flag, Identifier, Integer, Number, matching
from novacron.specs.schema import NUMBER_TOO, TEXT_TOO

CHANNELS = (
    *("depolarizing", "pauli", "bit_flip", "phase_flip", "amplitude_damping", "phase_damping"),
    *("thermal_relaxation", "kraus", "crosstalk"),
)
MAX_QUBITS = 1000
TOLERANCE = 1e-8
"""Tolerance of the sums of probabilities and of Kraus operators."""

Probability = Annotated[Number, Field(ge=0, le=1)]
Seconds = Annotated[Number, Field(gt=0, le=1e6)]
Qubit = Annotated[Integer, Field(ge=0, lt=MAX_QUBITS)]


def _place(value: object) -> object:
    """Wrap a bare qubit in a tuple."""
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


def different(place: tuple[int, ...]) -> tuple[int, ...]:
    """Refuse a place that names a qubit twice."""
    if len(set(place)) < len(place):
        raise refuse("must be different qubits", value=list(place))
    return place


Place = Annotated[
    tuple[Qubit, ...],
    BeforeValidator(_place),
    Field(min_length=1, max_length=4),
    AfterValidator(different),
    NUMBER_TOO,
]
"""Qubits that a gate acts on; a bare number is a single qubit."""


class Fault(Record):
    """Fields common to all errors.

    Attributes:
        gates: names of the gates it follows, including `reset` and `unitary`; None is every gate.
        gate_qubits: qubits of the gate, [0, 1] for exactly these two; None is any.
        ordered: whether the gate must have them in this order.
        qubits: qubits it may affect; an error on several qubits requires all of them to be listed. None is
            all.
    """

    gates: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)] | None = None
    gate_qubits: Annotated[tuple[Place, ...], Field(min_length=1, max_length=10_000)] | None = None
    ordered: Flag = False
    qubits: Annotated[tuple[Qubit, ...], Field(min_length=1, max_length=MAX_QUBITS)] | None = None


class Depolarizing(Fault):
    """E(rho) = (1 - p) rho + p I/2^k on the k qubits of a gate together, or on `each` of them.

    This is Qiskit's convention. The probability of any Pauli error is p (4^k - 1)/4^k; Stim's DEPOLARIZE1 and
    DEPOLARIZE2 take that probability.
    """

    name: Literal["depolarizing"] = "depolarizing"
    p: Probability
    each: Flag = False


def _check_paulis(probabilities: dict[str, float]) -> dict[str, float]:
    lengths = {len(string) for string in probabilities}
    for string in probabilities:
        if not string or set(string) - set("IXYZ"):
            raise refuse("must be Pauli strings of the letters I, X, Y, Z", value=string)
    if len(lengths) > 1 or max(lengths) > 3:
        raise refuse("must be Pauli strings of one length, 1 to 3", value=sorted(probabilities))
    total = sum(probabilities.values())
    if total > 1 + TOLERANCE:
        raise refuse("must add up to at most 1", value=total)
    return probabilities


class Pauli(Fault):
    """Pauli strings with their probabilities; the identity has the remaining probability.

    Strings of one letter act on each qubit of a gate. Longer ones are correlated errors on gates of that many
    qubits, character i on the gate's qubit i.
    """

    name: Literal["pauli"] = "pauli"
    probabilities: Annotated[
        dict[str, Probability], Field(min_length=1, max_length=64), AfterValidator(_check_paulis)
    ]


class BitFlip(Fault):
    """X with probability p, on each qubit of a gate."""

    name: Literal["bit_flip"] = "bit_flip"
    p: Probability


class PhaseFlip(Fault):
    """Z with probability p, on each qubit of a gate."""

    name: Literal["phase_flip"] = "phase_flip"
    p: Probability


class AmplitudeDamping(Fault):
    """Decay of |1> with probability gamma, towards a state with population `excited_population` of |1>."""

    name: Literal["amplitude_damping"] = "amplitude_damping"
    gamma: Probability
    excited_population: Probability = 0.0


class PhaseDamping(Fault):
    """Loss of coherence without energy loss: off-diagonal elements shrink by sqrt(1 - lam)."""

    name: Literal["phase_damping"] = "phase_damping"
    lam: Probability


class ThermalRelaxation(Fault):
    """Decay during a gate: of |1> by exp(-t/T1), of coherence by exp(-t/T2), on each of its qubits.

    T2 is capped at 2 T1, see `effective_t2_s`.
    """

    name: Literal["thermal_relaxation"] = "thermal_relaxation"
    t1_s: Seconds
    t2_s: Seconds
    duration_s: Annotated[Number, Field(ge=0, le=1e6)]
    excited_population: Probability = 0.0


def effective_t2_s(t1_s: float, t2_s: float) -> float:
    """Return T2, at most 2 T1: no process has longer coherence, although devices report such fits."""
    return min(t2_s, 2 * t1_s)


def _entry(value: object) -> object:
    """Convert a real number to a complex one."""
    return (value, 0.0) if isinstance(value, int | float) and not isinstance(value, bool) else value


Entry = Annotated[tuple[Number, Number], BeforeValidator(_entry), NUMBER_TOO]
Matrix = tuple[tuple[Entry, ...], ...]


class Kraus(Fault):
    """rho -> sum K rho K^dagger; one-qubit operators act on each qubit of a gate, larger ones on all of them.

    Attributes:
        operators: each of shape (2^k, 2^k), k up to 3; entries are numbers or [real, imaginary]; the first
            qubit of the gate is the most significant bit of an index. The sum of K^dagger K must be the
            identity.
    """

    name: Literal["kraus"] = "kraus"
    operators: Annotated[tuple[Matrix, ...], Field(min_length=1, max_length=64)]

    @model_validator(mode="after")
    def _physical(self) -> Self:
        sizes = {len(operator) for operator in self.operators}
        rows = {len(row) for operator in self.operators for row in operator}
        if sizes | rows not in ({2}, {4}, {8}):
            raise refuse("must be square matrices of one size, 2, 4 or 8", at=("operators",))
        _check_complete([_complex(operator) for operator in self.operators])
        return self


def _complex(operator: Matrix) -> list[list[complex]]:
    return [[complex(*entry) for entry in row] for row in operator]


def _check_complete(operators: Sequence[list[list[complex]]]) -> None:
    for i, j in product(range(len(operators[0])), repeat=2):
        entry = sum(row[i].conjugate() * row[j] for operator in operators for row in operator)
        if abs(entry - (i == j)) > TOLERANCE:
            rule = f"is no channel: the sum of K^dagger K has {entry:.6g} at [{i}][{j}], not {int(i == j)}"
            raise refuse(rule, at=("operators",), hint="scale the operators, or add the missing one")


class Crosstalk(Fault):
    """A gate on one qubit disturbs another: a correlated Pauli error on both.

    Attributes:
        pairs: [i, j, p] each: a gate on qubit i, and not on j, is followed by `pauli` on (i, j) with
            probability p. Alternatively `matrix`, p at row i and column j.
        pauli: two letters, the first acts on i.
    """

    _filled = ("pairs",)

    name: Literal["crosstalk"] = "crosstalk"
    pairs: Annotated[tuple[tuple[Qubit, Qubit, Probability], ...], Field(min_length=1, max_length=10_000)]
    pauli: Annotated[
        str, Field(strict=True), matching("[IXYZ]{2}", "must be two of the letters I, X, Y, Z")
    ] = "ZZ"

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Add `matrix` as an alternative to `pairs`; see `Record`."""
        schema = super().__get_pydantic_json_schema__(core, handler)
        if handler.mode == "validation":
            matrix = {"type": "array", "description": "probabilities, in place of pairs."}
            handler.resolve_ref_schema(schema)["properties"]["matrix"] = matrix
        return schema

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "matrix" not in data:
            return data
        if "pairs" in data:
            raise refuse("must not be given beside pairs", at=("matrix",))
        rest = {key: value for key, value in data.items() if key != "matrix"}
        return {**rest, "pairs": _pairs(data["matrix"])}

    @model_validator(mode="after")
    def _between_two(self) -> Self:
        for position, (i, j, _) in enumerate(self.pairs):
            if i == j:
                raise refuse("must be two different qubits", at=("pairs", position), value=[i, j])
        return self


def _pairs(matrix: object) -> list[tuple[int, int, object]]:
    square = isinstance(matrix, list | tuple) and all(
        isinstance(row, list | tuple) and len(row) == len(matrix) for row in matrix
    )
    if not square or not isinstance(matrix, list | tuple):
        raise refuse("must be a square matrix", at=("matrix",))
    entries = [(i, j, value) for i, row in enumerate(matrix) for j, value in enumerate(row) if value != 0]
    return [(i, j, value) for i, j, value in entries if i != j]


AnyError = Annotated[
    Annotated[Depolarizing, Tag("depolarizing")]
    | Annotated[Pauli, Tag("pauli")]
    | Annotated[BitFlip, Tag("bit_flip")]
    | Annotated[PhaseFlip, Tag("phase_flip")]
    | Annotated[AmplitudeDamping, Tag("amplitude_damping")]
    | Annotated[PhaseDamping, Tag("phase_damping")]
    | Annotated[ThermalRelaxation, Tag("thermal_relaxation")]
    | Annotated[Kraus, Tag("kraus")]
    | Annotated[Crosstalk, Tag("crosstalk")],
    Discriminator(by_name),
    named(CHANNELS),
    TEXT_TOO,
]
"""An error, discriminated by `name`."""
