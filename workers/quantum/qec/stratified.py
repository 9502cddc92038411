"""Shots of a point with a given number of faults, for errors that are rare (`workers.quantum.qec.strata`).

The faults are those of the circuit's detector error model, which are independent: given their number, a set
has a probability in proportion to the product of the odds p / (1 - p) of its faults. Faults drawn one by one
by their odds, and shots with one drawn twice rejected, have that distribution exactly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib import metadata
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from novacron.errors import BadInput
from workers.quantum.qec import faults
from workers.quantum.qec.certificate import fewest_faults
from workers.quantum.qec.experiment import BATCH_SHOTS, Experiment, chunk_shots, experiment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from novacron.specs.qec_point import GivenPoint, Point
    from workers.quantum.qec.faults import Faults

MOST_MEAN = 64.0
"""Expected faults in a shot up to which strata are sensible: with more, errors are rare no longer."""


@dataclass(frozen=True)
class Stratified:
    """An experiment whose shots are drawn by their number of faults.

    Attributes:
        experiment: circuit and decoder.
        faults: of the circuit, as independent mechanisms.
    """

    experiment: Experiment
    faults: Faults

    @cached_property
    def least(self) -> int:
        """The fewest faults that the decoder may predict wrongly, as far as that is certain."""
        distance = self.experiment.distance()
        if self._decode(np.zeros((1, self._columns.shape[1]), dtype=np.uint64)).any():
            return 0
        if self.experiment.point.decoder != "pymatching" or distance is None:
            return 1
        return fewest_faults(self.experiment.model, distance)

    def events(self, n_faults: int) -> float:
        """Return about how many detection events so many faults cause."""
        each = np.asarray(self.faults.detectors.sum(axis=0)).ravel()
        return n_faults * float(np.average(each, weights=self._odds))

    def chunk_shots(self, n_faults: int) -> int:
        """Return the shots in a chunk of a stratum, a function of the circuit and the decoder."""
        return chunk_shots(self.events(n_faults), self.experiment.decoder)

    def stream(self, seed: int, n_faults: int) -> str:
        """Return the id of a stratum's sequence of chunks, as `Experiment.stream`."""
        versions = [metadata.version(name) for name in ("stim", self.experiment.decoder.library, "numpy")]
        identity = [self.experiment.strong_id, "faults", n_faults, self.chunk_shots(n_faults), BATCH_SHOTS]
        return sha256(json.dumps([*identity, seed, *versions]).encode()).hexdigest()

    def spread(self, other: Stratified) -> float:
        """Return by how much the odds of the other's faults depart from a common factor, inf if others."""
        same = (
            self.faults.detectors.shape == other.faults.detectors.shape
            and not (self.faults.detectors != other.faults.detectors).nnz
            and not (self.faults.observables != other.faults.observables).nnz
        )
        factors = other._odds / self._odds if same else np.array([1.0, inf])
        return float(factors.max() / factors.min() - 1)

    def errors(self, stream: str, n_faults: int, chunk: int) -> int:
        """Draw and decode one chunk of a stratum; return the shots that were predicted wrongly."""
        seed = int.from_bytes(sha256(f"{stream}/{chunk}".encode()).digest()[:16], "big")
        draw, left, wrong = np.random.Generator(np.random.PCG64(seed)), self.chunk_shots(n_faults), 0
        while left:
            chosen = self._chosen(draw, min(left, BATCH_SHOTS), n_faults)
            left -= len(chosen)
            flipped = np.zeros((len(chosen), self._columns.shape[1]), dtype=np.uint64)
            flips = np.zeros((len(chosen), self._observables.shape[1]), dtype=np.uint8)
            for column in chosen.T:
                flipped ^= self._columns[column]
                flips ^= self._observables[column]
            wrong += int(np.count_nonzero((self._decode(flipped) != flips).any(axis=1)))
        return wrong

    def _decode(self, flipped: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """Return the predicted flips of the observables, from detection events padded to whole words."""
        n_bytes = -(-self.faults.detectors.shape[0] // 8)
        return self.experiment.decode(np.ascontiguousarray(flipped.view(np.uint8)[:, :n_bytes]))

    def _chosen(self, draw: np.random.Generator, shots: int, n_faults: int) -> NDArray[np.intp]:
        """Draw sets of faults, (at most shots, n_faults); those with a repeated fault are left out."""
        kept, other = self._alias
        scaled = draw.random((shots, n_faults)) * len(kept)
        first = scaled.astype(np.intp)
        chosen: NDArray[np.intp] = np.where(scaled - first < kept[first], first, other[first])
        ordered = np.sort(chosen, axis=1)
        distinct: NDArray[np.bool_] = (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
        return chosen[distinct]

    @cached_property
    def _odds(self) -> NDArray[np.float64]:
        odds: NDArray[np.float64] = self.faults.probabilities / (1 - self.faults.probabilities)
        return odds

    @cached_property
    def _alias(self) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """The table with which a fault is drawn by its odds (Vose, IEEE Trans. Softw. Eng. 17, 972 (1991)).

        A fault i, drawn uniformly, is kept with probability `kept[i]`, else it is `other[i]`.
        """
        n_faults = len(self._odds)
        kept = self._odds * (n_faults / self._odds.sum())
        other = np.arange(n_faults)
        small, large = [list(np.flatnonzero(kept < 1)), list(np.flatnonzero(kept >= 1))]
        while small and large:
            less, more = small.pop(), large.pop()
            other[less] = more
            kept[more] -= 1 - kept[less]
            (small if kept[more] < 1 else large).append(more)
        kept[[*small, *large]] = 1.0
        return kept, other

    @cached_property
    def _columns(self) -> NDArray[np.uint64]:
        """The detection events of each fault, (n_faults, words), bit 0 of byte 0 first."""
        packed = _packed(self.faults.detectors)
        padded = np.zeros((len(packed), 8 * -(-packed.shape[1] // 8)), dtype=np.uint8)
        padded[:, : packed.shape[1]] = packed
        return padded.view(np.uint64)

    @cached_property
    def _observables(self) -> NDArray[np.uint8]:
        """The observables that each fault flips, (n_faults, bytes)."""
        return _packed(self.faults.observables)


def _packed(flips: Any) -> NDArray[np.uint8]:
    """Return the columns of a sparse matrix as rows of bits."""
    n_rows, n_columns = flips.shape
    packed = np.zeros((n_columns, -(-n_rows // 8)), dtype=np.uint8)
    rows, columns = flips.nonzero()
    np.bitwise_or.at(packed, (columns, rows // 8), (1 << (rows % 8)).astype(np.uint8))
    return packed


@lru_cache(maxsize=64)
def stratified(point: Point | GivenPoint) -> Stratified:
    """Return the experiment of a point with its faults, built once per process.

    Raises:
        BadInput: its faults are not independent, or too many for strata; or see `experiment`.
    """
    made = experiment(point)
    try:
        model = made.circuit.detector_error_model()
    except ValueError:
        rule = "needs independent faults, but the circuit has noise with exclusive or heralded errors"
        hint = "sample directly, or write the noise with DEPOLARIZE, X_ERROR, Y_ERROR, Z_ERROR, E"
        raise BadInput(rule, field="sampling", value="stratified", hint=hint) from None
    found = faults.of(model)
    if (mean := float(found.probabilities.sum())) > MOST_MEAN:
        rule = f"is for rare errors, but a shot of {point.label} has {mean:.0f} faults on average"
        hint = f"sample directly where there are more than {MOST_MEAN:.0f}"
        raise BadInput(rule, field="sampling", value="stratified", hint=hint)
    return Stratified(made, found)
