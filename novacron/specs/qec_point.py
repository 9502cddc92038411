"""What is known of codes and decoders without a simulator, and the points of a study."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Code = Literal[
    "rotated_surface", "unrotated_surface", "repetition", "toric", "color_666", "bivariate_bicycle"
]
Decoder = Literal[
    "pymatching", "pymatching_correlated", "fusion_blossom", "chromobius",
    "bposd", "lsd", "relay_bp", "tesseract",
]  # fmt: skip
ANY_FAULTS = ("bposd", "lsd", "relay_bp", "tesseract")
"""Decoders that take faults with any number of detectors."""
DISTANCES = (3, 99)
"""Smallest and largest distance of any code."""


@dataclass(frozen=True, slots=True)
class Family:
    """The facts about a family of codes that are known without building a circuit.

    Attributes:
        n_data: distance -> number of data qubits.
        n_stabilizers: distance -> number of stabilizers measured in a round.
        bases: bases in which a logical state can be stored.
        decoders: names of the decoders that take its circuits, the usual one first.
        distances: the only distances that it has, None for all.
        even: whether even distances are sensible.
        noise: its usual noise.
        layered: whether its circuits have layers of gates, which other noise models need.
    """

    n_data: Callable[[int], int]
    n_stabilizers: Callable[[int], int]
    bases: tuple[str, ...] = ("z", "x")
    decoders: tuple[str, ...] = ("pymatching", "pymatching_correlated", "fusion_blossom", *ANY_FAULTS)
    distances: tuple[int, ...] | None = None
    even: bool = False
    noise: str = "uniform"
    layered: bool = True

    def unfit(self, distance: int) -> tuple[str, str | None] | None:
        """Return why the family has no code of a distance, and what to do; None if it has one."""
        if distance % 2 == 0 and not self.even:
            rule = "must be odd: an even distance corrects no more errors than the one below"
            return rule, f"use {distance - 1} or {distance + 1}"
        if self.distances is not None and distance not in self.distances:
            return f"must be {' or '.join(map(str, self.distances))}: the code has no other", None
        return None


FAMILIES: dict[str, Family] = {
    "rotated_surface": Family(lambda d: d * d, lambda d: d * d - 1),
    "unrotated_surface": Family(lambda d: d * d + (d - 1) ** 2, lambda d: 2 * d * (d - 1)),
    "repetition": Family(lambda d: d, lambda d: d - 1, bases=("z",)),
    "toric": Family(lambda d: 2 * d * d, lambda d: d * d, even=True, noise="phenomenological", layered=False),
    "color_666": Family(
        lambda d: (3 * d * d + 1) // 4,
        lambda d: (3 * d * d - 3) // 4,
        decoders=("chromobius", *ANY_FAULTS),
        noise="phenomenological",
        layered=False,
    ),
    "bivariate_bicycle": Family(
        lambda d: 12 * d, lambda d: 6 * d, decoders=ANY_FAULTS, distances=(6, 12), even=True
    ),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One experiment of a study: a circuit of a code and a decoder.

    Attributes:
        code: name of the family.
        distance: code distance.
        rounds: rounds of syndrome extraction.
        basis: basis of the stored logical state, `z` or `x`.
        p: physical error probability.
        decoder: name of the decoder.
        noise: name of the noise model.
    """

    code: str
    distance: int
    rounds: int
    basis: str
    p: float
    decoder: str
    noise: str = "uniform"

    @property
    def facts(self) -> dict[str, Any]:
        """What identifies it in a result."""
        return asdict(self)

    @property
    def metadata(self) -> Mapping[str, Any] | None:
        """The metadata that are part of sinter's id."""
        return self.facts

    @property
    def label(self) -> str:
        """A short name."""
        return f"{self.code} d={self.distance} p={self.p:g}"


@dataclass(frozen=True, slots=True)
class GivenPoint:
    """One experiment of a study: a circuit of the user and a decoder.

    Attributes:
        circuit: text of the circuit.
        decoder: name of the decoder.
        metadata: the metadata that are part of sinter's id.
    """

    circuit: str
    decoder: str
    metadata: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def facts(self) -> dict[str, Any]:
        """What identifies it in a result."""
        unknown = dict.fromkeys(("code", "distance", "rounds", "basis", "noise", "p"))
        return {**unknown, "decoder": self.decoder, "metadata": self.metadata}

    @property
    def label(self) -> str:
        """A short name."""
        return "circuit"
