"""Error mitigation: the methods that correct measured expectation values, and their options."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from novacron.specs.record import Record, by_name, named
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer
from novacron.specs.schema import TEXT_OR_LIST_TOO, TEXT_TOO

AUTO = "auto"
MAX_SCALE = 31


class Auto(Record):
    """Choose the methods that keep the estimated squared bias plus variance least, or none."""

    name: Literal["auto"] = "auto"


class Readout(Record):
    """Invert the readout errors, calibrated on prepared basis states.

    Attributes:
        method: `tensored` inverts each qubit by itself, `correlated` all qubits together, `twirled` flips
            random qubits before they are read and divides by the attenuation that is left (TREX).
    """

    name: Literal["readout"] = "readout"
    method: Literal["tensored", "correlated", "twirled"] = "tensored"


class Zne(Record):
    """Extrapolate to zero noise from circuits whose two-qubit gates are repeated.

    Attributes:
        scales: how often each two-qubit gate is executed: odd numbers, 1 among them.
        fit: extrapolation; null selects `exponential`, towards the value of the maximally mixed state, or
            `linear` beside a method that makes the decay no exponential.
    """

    name: Literal["zne"] = "zne"
    scales: Annotated[
        tuple[Annotated[Integer, Field(ge=1, le=MAX_SCALE)], ...],
        Field(min_length=2, max_length=8),
        AfterValidator(lambda scales: _check_scales(scales)),
    ] = (1, 3)
    fit: Literal["linear", "richardson", "exponential"] | None = None


class Twirling(Record):
    """Surround two-qubit Clifford gates by random Pauli gates that cancel: errors become Pauli errors.

    Attributes:
        circuits: number of random circuits in place of each.
    """

    name: Literal["twirling"] = "twirling"
    circuits: Annotated[Integer, Field(ge=1, le=1000)] = 16


class Sector(Record):
    """A number of ones that the ideal state has on some qubits, in every outcome.

    Attributes:
        qubits: the qubits.
        ones: number of ones among them.
    """

    qubits: Annotated[tuple[Annotated[Integer, Field(ge=0, le=999)], ...], Field(min_length=1, max_length=62)]
    ones: Annotated[Integer, Field(ge=0, le=62)]


class SymmetryVerification(Record):
    """Project the noisy state onto its symmetry sector, by measuring the symmetries as well.

    Attributes:
        sectors: the symmetries; empty selects those of the declared electrons of a `hybrid_vqe`.
    """

    name: Literal["symmetry_verification"] = "symmetry_verification"
    sectors: Annotated[tuple[Sector, ...], Field(max_length=8)] = ()


class ReferenceState(Record):
    """Subtract the error of a state whose value is known: the same compiled circuit with all angles 0.

    Attributes:
        correction: `additive` subtracts the reference's error, `proportional` multiplies by its attenuation.
    """

    name: Literal["reference_state"] = "reference_state"
    correction: Literal["additive", "proportional"] = "additive"


class CliffordRegression(Record):
    """Fit the error on circuits with Clifford angles, whose exact values are computed.

    Attributes:
        circuits: number of training circuits.
    """

    name: Literal["clifford_regression"] = "clifford_regression"
    circuits: Annotated[Integer, Field(ge=2, le=100)] = 8


class VirtualDistillation(Record):
    """Report the observables of the squared state beside the mitigated ones, as a diagnosis."""

    name: Literal["virtual_distillation"] = "virtual_distillation"


AnyMethod = (
    Auto
    | Readout
    | Zne
    | Twirling
    | SymmetryVerification
    | ReferenceState
    | CliffordRegression
    | VirtualDistillation
)
METHODS: tuple[str, ...] = tuple(one.model_fields["name"].default for one in get_args(AnyMethod))

Method = Annotated[
    Annotated[
        Annotated[Auto, Tag("auto")]
        | Annotated[Readout, Tag("readout")]
        | Annotated[Zne, Tag("zne")]
        | Annotated[Twirling, Tag("twirling")]
        | Annotated[SymmetryVerification, Tag("symmetry_verification")]
        | Annotated[ReferenceState, Tag("reference_state")]
        | Annotated[CliffordRegression, Tag("clifford_regression")]
        | Annotated[VirtualDistillation, Tag("virtual_distillation")],
        Discriminator(by_name),
    ],
    named(METHODS),
    TEXT_TOO,
]


def _check_scales(scales: tuple[int, ...]) -> tuple[int, ...]:
    for position, scale in enumerate(scales):
        if scale % 2 == 0:
            rule = "must be odd: a gate is followed by pairs of its inverse and itself"
            raise refuse(rule, at=(position,), value=scale, hint=f"take {scale - 1} or {scale + 1}")
        if scale in scales[:position]:
            raise refuse("is given twice", at=(position,), value=scale)
    if 1 not in scales:
        raise refuse("must include 1, the circuit itself", value=list(scales))
    return scales


def _listed(value: object) -> object:
    """Accept one method in place of a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def _check(methods: tuple[AnyMethod, ...]) -> tuple[AnyMethod, ...]:
    names = [method.name for method in methods]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise refuse("is given twice", at=(position,), value=name)
    if AUTO in names and len(names) > 1:
        other = next(name for name in names if name != AUTO)
        raise refuse("auto chooses all methods", value=names, hint=f"leave out auto or {other}")
    return methods


Mitigation = Annotated[
    tuple[Method, ...],
    BeforeValidator(_listed),
    Field(max_length=16),
    AfterValidator(_check),
    TEXT_OR_LIST_TOO,
]
"""Methods by name or as mappings, or `auto`."""
