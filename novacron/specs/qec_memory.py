"""Logical memory experiments of quantum error correction: `qec_memory`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from novacron.specs.base import Spec
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, Number
from novacron.specs.schema import NUMBER_TOO, TEXT_TOO

MOST_DETECTORS = 1_000_000
MOST_POINTS = 1000
MOST_SHOTS = 10**12
USUAL_ERRORS = 1000

Code = Literal["rotated_surface", "unrotated_surface", "repetition", "toric", "color_666"]
Decoder = Literal["pymatching", "pymatching_correlated", "chromobius"]


@dataclass(frozen=True, slots=True)
class Family:
    """The facts about a family of codes that are known without building a circuit.

    Attributes:
        n_data: distance -> number of data qubits.
        n_stabilizers: distance -> number of stabilizers measured in a round.
        bases: bases in which a logical state can be stored.
        decoders: names of the decoders that take its circuits, the usual one first.
        even: whether even distances are sensible.
    """

    n_data: Callable[[int], int]
    n_stabilizers: Callable[[int], int]
    bases: tuple[str, ...] = ("z", "x")
    decoders: tuple[str, ...] = ("pymatching", "pymatching_correlated")
    even: bool = False


FAMILIES: dict[str, Family] = {
    "rotated_surface": Family(lambda d: d * d, lambda d: d * d - 1),
    "unrotated_surface": Family(lambda d: d * d + (d - 1) ** 2, lambda d: 2 * d * (d - 1)),
    "repetition": Family(lambda d: d, lambda d: d - 1, bases=("z",)),
    "toric": Family(lambda d: 2 * d * d, lambda d: d * d, even=True),
    "color_666": Family(
        lambda d: (3 * d * d + 1) // 4, lambda d: (3 * d * d - 3) // 4, decoders=("chromobius",)
    ),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One experiment of a study: a circuit and a decoder.

    Attributes:
        code: name of the family.
        distance: code distance.
        rounds: rounds of syndrome extraction.
        basis: basis of the stored logical state, `z` or `x`.
        p: physical error probability.
        decoder: name of the decoder.
    """

    code: str
    distance: int
    rounds: int
    basis: str
    p: float
    decoder: str


def _listed(value: object) -> object:
    """Convert a single value to a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def _ascending(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sort, and refuse a repeated value."""
    for position, value in enumerate(values):
        if value in values[:position]:
            raise refuse("is given twice", at=(position,), value=value)
    return tuple(sorted(values))


Distance = Annotated[Integer, Field(ge=3, le=99)]
Probability = Annotated[Number, Field(gt=0, le=0.5)]


class QECMemory(Spec):
    """Measure logical error rates: store a logical state, extract syndromes, decode, compare.

    Each combination of `distance`, `p` and `decoder` is a point, sampled until it reaches one of its limits.

    Attributes:
        code: family of codes.
        distance: code distance, odd; one or several.
        p: physical error probability of every operation; one or several.
        rounds: rounds of syndrome extraction; None takes as many as the distance.
        basis: basis of the stored logical state.
        decoder: one or several; by default that of the code.
        max_errors: logical errors after which a point ends; None is 1,000, or no limit beside
            `relative_error`.
        relative_error: relative standard error of the rate at which a point ends; None is no limit.
        max_shots: shots after which a point ends, rounded up to whole chunks.
        max_seconds: processor seconds of this job after which all points end; None is no limit.
    """

    _filled = ("decoder",)

    kind: Literal["qec_memory"] = "qec_memory"
    code: Code
    distance: Annotated[
        tuple[Distance, ...],
        BeforeValidator(_listed),
        Field(min_length=1, max_length=50),
        AfterValidator(_ascending),
        NUMBER_TOO,
    ]
    p: Annotated[
        tuple[Probability, ...],
        BeforeValidator(_listed),
        Field(min_length=1, max_length=MOST_POINTS),
        AfterValidator(_ascending),
        NUMBER_TOO,
    ]
    rounds: Annotated[Integer, Field(ge=1, le=100_000)] | None = None
    basis: Literal["z", "x"] = "z"
    decoder: Annotated[
        tuple[Decoder, ...],
        BeforeValidator(_listed),
        Field(min_length=1, max_length=len(get_args(Decoder))),
        AfterValidator(_ascending),
        TEXT_TOO,
    ]
    max_errors: Annotated[Integer, Field(ge=1, le=MOST_SHOTS)] | None = None
    relative_error: Annotated[Number, Field(ge=1e-4, le=1)] | None = None
    max_shots: Annotated[Integer, Field(ge=1, le=MOST_SHOTS)] = 100_000_000
    max_seconds: Annotated[Number, Field(gt=0, le=1e9)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _choose_decoder(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("decoder") is not None:
            return data
        code = data.get("code")
        family = FAMILIES.get(code) if isinstance(code, str) else None
        return data if family is None else {**data, "decoder": family.decoders[:1]}

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_unused()
        family = FAMILIES[self.code]
        if self.basis not in family.bases:
            rule = f"{self.code} stores a state only in the basis {' or '.join(family.bases)}"
            raise refuse(rule, at=("basis",), value=self.basis)
        for position, name in enumerate(self.decoder):
            if name not in family.decoders:
                rule = f"cannot decode {self.code}; {', '.join(family.decoders)} can"
                raise refuse(rule, at=("decoder", position), value=name)
        n_points = len(self.distance) * len(self.p) * len(self.decoder)
        if n_points > MOST_POINTS:
            raise refuse(f"distances, p and decoders make {n_points:,} points, more than {MOST_POINTS:,}")
        self._check_distances(family)
        return self

    def _check_unused(self) -> None:
        """Refuse common fields that have no meaning here."""
        if self.shots is not None:
            raise refuse("a point has no fixed number of shots", at=("shots",), hint="set max_shots")
        if self.noise is not None:
            raise refuse("noise is set by p", at=("noise",), hint="leave it out")
        if self.backend != "auto":
            rule = "qec_memory always samples with Stim"
            raise refuse(rule, at=("backend",), value=self.backend, hint="leave it out")

    def _check_distances(self, family: Family) -> None:
        for position, distance in enumerate(self.distance):
            if distance % 2 == 0 and not family.even:
                rule = "must be odd: an even distance corrects no more errors than the one below"
                hint = f"use {distance - 1} or {distance + 1}"
                raise refuse(rule, at=("distance", position), value=distance, hint=hint)
            rounds = self.rounds or distance
            n = family.n_stabilizers(distance) * rounds
            if n > MOST_DETECTORS:
                rule = f"{rounds:,} rounds make about {n:,} detectors, more than {MOST_DETECTORS:,}"
                raise refuse(rule, at=("distance", position), value=distance, hint="lower it or set rounds")

    @property
    def errors_wanted(self) -> int | None:
        """Logical errors after which a point ends, None for no limit."""
        return USUAL_ERRORS if self.max_errors is None and self.relative_error is None else self.max_errors

    def points(self) -> Iterator[Point]:
        """Yield the points, by distance, then p, then decoder."""
        for distance, p, decoder in product(self.distance, self.p, self.decoder):
            yield Point(self.code, distance, self.rounds or distance, self.basis, p, decoder)
