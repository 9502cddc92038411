"""Logical memory experiments of quantum error correction: `qec_memory`."""

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from novacron.specs.base import Spec
from novacron.specs.qec_point import DISTANCES, FAMILIES, Code, Decoder, Family, GivenPoint, Point
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Integer, JsonObject, Number, matching
from novacron.specs.schema import NUMBER_TOO, TEXT_TOO
from novacron.specs.sinter_counts import SinterCounts
from novacron.specs.stim_text import MOST_DETECTORS, StimText

if TYPE_CHECKING:
    from novacron.inputs.files import Files

MOST_POINTS = 1000
MOST_SHOTS = 10**12
USUAL_ERRORS = 1000
MOST_SI1000 = 0.1
USUAL_DECODER: Decoder = "pymatching"


def _listed(value: object) -> object:
    """Convert a single value to a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def _ascending(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sort, and refuse a repeated value."""
    for position, value in enumerate(values):
        if value in values[:position]:
            raise refuse("is given twice", at=(position,), value=value)
    return tuple(sorted(values))


Distance = Annotated[Integer, Field(ge=DISTANCES[0], le=DISTANCES[1])]
Probability = Annotated[Number, Field(gt=0, le=0.5)]


CircuitNoise = Annotated[
    str,
    Field(strict=True, max_length=100),
    matching(r"uniform|si1000|fake:[a-z0-9_-]+", "must be uniform, si1000 or fake:DEVICE"),
]
Distances = Annotated[
    tuple[Distance, ...],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=50),
    AfterValidator(_ascending),
    NUMBER_TOO,
]
Probabilities = Annotated[
    tuple[Probability, ...],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=MOST_POINTS),
    AfterValidator(_ascending),
    NUMBER_TOO,
]


class QECMemory(Spec):
    """Measure logical error rates: store a logical state, extract syndromes, decode, compare.

    Each combination of `distance`, `p` and `decoder` is a point, sampled until it reaches one of its limits.
    With `circuit` in place of `code`, each decoder is a point.

    Attributes:
        code: family of codes.
        circuit: a circuit of Stim, or its path, with noise, detectors and observables.
        metadata: sinter's `json_metadata` of the circuit, part of the id of its counts.
        distance: code distance, odd; one or several.
        p: physical error probability of every operation; one or several.
        circuit_noise: noise model of a circuit of gates: `uniform`, `si1000`, or `fake:DEVICE` for the
            proportions of a device's calibration; None is that of the code.
        rounds: rounds of syndrome extraction; None takes as many as the distance.
        basis: basis of the stored logical state; None is `z`.
        decoder: one or several; by default that of the code, `pymatching` for a circuit.
        max_errors: logical errors after which a point ends; None is 1,000, or no limit beside
            `relative_error`.
        relative_error: relative standard error of the rate at which a point ends; None is no limit.
        max_shots: shots after which a point ends, rounded up to whole chunks.
        max_seconds: processor seconds of this job after which all points end; None is no limit.
        aim: what `max_seconds` are spent on: the error of the `threshold`, or of `lambda` at every p; None
            is the same relative error of all points.
        sampling: `direct`; `stratified`, by number of faults, for rates below about 1e-3; or `reweighted`,
            the same with the shots of the lowest p, and its decoder, for all p.
        counts: counts sampled elsewhere, with which the points of the same strong id begin.
    """

    _filled = ("decoder",)

    kind: Literal["qec_memory"] = "qec_memory"
    code: Code | None = None
    circuit: StimText | None = None
    metadata: JsonObject | None = None
    distance: Distances | None = None
    p: Probabilities | None = None
    circuit_noise: CircuitNoise | None = None
    rounds: Annotated[Integer, Field(ge=1, le=100_000)] | None = None
    basis: Literal["z", "x"] | None = None
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
    aim: Literal["threshold", "lambda"] | None = None
    sampling: Literal["direct", "stratified", "reweighted"] = "direct"
    counts: SinterCounts | None = None

    @classmethod
    def inline(cls, data: dict[str, Any], files: "Files") -> dict[str, Any]:
        """See `Spec.inline`."""
        if data.get("circuit") is not None:
            data = {**data, "circuit": files.stim(data["circuit"], "circuit")}
        if data.get("counts") is not None:
            data = {**data, "counts": files.counts(data["counts"], "counts")}
        return super().inline(data, files)

    @model_validator(mode="before")
    @classmethod
    def _choose_decoder(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("decoder") is not None:
            return data
        code = data.get("code")
        family = FAMILIES.get(code) if isinstance(code, str) else None
        return {**data, "decoder": family.decoders[:1] if family else (USUAL_DECODER,)}

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_unused()
        self._check_aim()
        if self.code is None:
            self._check_circuit()
        else:
            self._check_code(self.code, FAMILIES[self.code])
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
        if self.counts is not None and self.sampling != "direct":
            rule = f"holds shots as they occur, which {self.sampling} sampling cannot begin with"
            raise refuse(rule, at=("counts",), hint="leave it out, or set sampling: direct")
        if self.counts is not None and any(self.seed in row.seeds for row in self.counts.rows):
            rule = "counts hold shots of this seed, which would be counted twice"
            raise refuse(rule, at=("seed",), value=self.seed, hint="set another seed")

    def _check_aim(self) -> None:
        least = {"threshold": (2, 3), "lambda": (2, 1)}
        if self.aim is None:
            return
        rule = ""
        if self.max_seconds is None:
            rule = "distributes max_seconds, which is not set"
        elif self.sampling != "direct":
            rule = f"belongs to direct sampling, not to {self.sampling}"
        elif self.code is None:
            rule = "needs a code with several distances, not a circuit"
        elif len(self.distance or ()) < least[self.aim][0] or len(self.p or ()) < least[self.aim][1]:
            rule = "needs {} distances and {} values of p at least".format(*least[self.aim])
        if rule:
            raise refuse(rule, at=("aim",), value=self.aim)

    def _check_circuit(self) -> None:
        if self.circuit is None:
            hint = "name a family of codes, or the file of a circuit under circuit"
            raise refuse("is required", at=("code",), hint=hint)
        if self.sampling == "reweighted":
            rule = "needs several p; a circuit has its own"
            raise refuse(rule, at=("sampling",), value=self.sampling, hint="set stratified")
        for name in ("distance", "p", "circuit_noise", "rounds", "basis"):
            if (value := getattr(self, name)) is not None:
                rule = "belongs to a code; a circuit has its own"
                raise refuse(rule, at=(name,), value=value, hint="leave it out, or put it under metadata")

    def _check_code(self, code: str, family: Family) -> None:
        for name in ("circuit", "metadata"):
            if getattr(self, name) is not None:
                raise refuse(f"cannot stand beside code {code!r}", at=(name,), hint="leave one of them out")
        for name in ("distance", "p"):
            if getattr(self, name) is None:
                raise refuse("is required", at=(name,))
        if self.basis is not None and self.basis not in family.bases:
            rule = f"{code} stores a state only in the basis {' or '.join(family.bases)}"
            raise refuse(rule, at=("basis",), value=self.basis)
        for position, name in enumerate(self.decoder):
            if name not in family.decoders:
                rule = f"cannot decode {code}; {', '.join(family.decoders)} can"
                raise refuse(rule, at=("decoder", position), value=name)
        n_points = len(self.distance or ()) * len(self.p or ()) * len(self.decoder)
        if n_points > MOST_POINTS:
            raise refuse(f"distances, p and decoders make {n_points:,} points, more than {MOST_POINTS:,}")
        self._check_distances(family)
        self._check_noise(code, family)

    def _check_noise(self, code: str, family: Family) -> None:
        if self.circuit_noise is not None and not family.layered:
            rule = f"{code} has {family.noise} noise only"
            raise refuse(rule, at=("circuit_noise",), value=self.circuit_noise, hint="leave it out")
        for position, p in enumerate(self.p or ()):
            if self.circuit_noise == "si1000" and p > MOST_SI1000:
                rule = f"must be at most {MOST_SI1000} with si1000: outcomes flip with probability 5 p"
                raise refuse(rule, at=("p", position), value=p)

    def _check_distances(self, family: Family) -> None:
        for position, distance in enumerate(self.distance or ()):
            if unfit := family.unfit(distance):
                rule, hint = unfit
                raise refuse(rule, at=("distance", position), value=distance, hint=hint)
            rounds = self.rounds or distance
            n = family.n_stabilizers(distance) * rounds
            if n > MOST_DETECTORS:
                rule = f"{rounds:,} rounds make about {n:,} detectors, more than {MOST_DETECTORS:,}"
                hint = "lower it, or rounds" if self.rounds else "lower it, or set rounds"
                raise refuse(rule, at=("distance", position), value=distance, hint=hint)

    @property
    def errors_wanted(self) -> int | None:
        """Logical errors after which a point ends, None for no limit."""
        usual = self.max_errors is None and self.relative_error is None and self.aim is None
        return USUAL_ERRORS if usual else self.max_errors

    def points(self) -> Iterator[Point | GivenPoint]:
        """Yield the points, by distance, then p, then decoder."""
        if self.circuit is not None:
            for decoder in self.decoder:
                yield GivenPoint(self.circuit.stim, decoder, self.metadata)
        for distance, p, decoder in product(self.distance or (), self.p or (), self.decoder):
            basis, rounds = self.basis or "z", self.rounds or distance
            noise = self.circuit_noise or FAMILIES[self.code or ""].noise
            yield Point(self.code or "", distance, rounds, basis, p, decoder, noise)
