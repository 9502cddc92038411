"""Samples an encoded circuit, decodes it, and corrects the outcomes.

Shots are divided into blocks, each with a seed of its own, so that counts do not depend on who samples which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import stim
from numpy.typing import NDArray

from workers.quantum.qec.decoders import DECODERS
from workers.quantum.qec.encoded.circuit import Encoded
from workers.quantum.qec.encoded.machine import ONE, Parity
from workers.quantum.simulation.circuits.outcomes import texts

DECODER = "pymatching"
MOST_LIKELY = 1 - 1e-6
"""Largest probability of a fault that the decoder assumes."""

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sampled:
    """Counts of some shots.

    Attributes:
        shots: number of shots.
        counts: by outcome, corrected.
        uncorrected: by outcome, as read from the logical qubits without decoding.
        errors: shots in which a certain sum of outcomes is wrong after the correction.
        uncorrected_errors: the same before it.
    """

    shots: int
    counts: dict[str, int]
    uncorrected: dict[str, int]
    errors: int
    uncorrected_errors: int


class Sampler:
    """Samples blocks of shots of an encoded circuit.

    Args:
        encoded: the circuit.
        seed: the job's seed.
    """

    def __init__(self, encoded: Encoded, seed: int) -> None:
        self._encoded, self._seed = encoded, seed
        self._decode = DECODERS[DECODER].compile(_bounded(encoded.model))
        self._detect = encoded.circuit.compile_m2d_converter()
        self._reference = encoded.circuit.reference_sample()

    def block(self, number: int, shots: int) -> Sampled:
        """Sample the shots of a block."""
        name = sha256(f"encoded/{self._seed}/{number}".encode()).digest()
        seed = int.from_bytes(name[:8], "big") >> 1
        sampler = self._encoded.circuit.compile_sampler(seed=seed, reference_sample=self._reference)
        packed = sampler.sample_bit_packed(shots)
        detections, _ = self._detect.convert(measurements=packed, separate_observables=True, bit_packed=True)
        read = np.stack([_sum(packed, parity) for parity in self._encoded.outcomes], axis=1)
        found = np.unpackbits(
            self._decode(detections), axis=1, count=len(self._encoded.certain), bitorder="little"
        )
        corrected = read.copy()
        for one, wrong in zip(self._encoded.certain, found.T, strict=True):
            corrected[:, one.measured[-1]] ^= wrong
        return Sampled(
            shots, self._counted(corrected), self._counted(read), self._errors(corrected), self._errors(read)
        )

    def _errors(self, outcomes: Bits) -> int:
        wrong = np.zeros(len(outcomes), dtype=bool)
        for one in self._encoded.certain:
            wrong |= (outcomes[:, one.measured].sum(axis=1) % 2) != one.value
        return int(np.count_nonzero(wrong))

    def _counted(self, outcomes: Bits) -> dict[str, int]:
        ends = self._encoded.ends
        whole = np.zeros((len(outcomes), ends.width), dtype=np.uint8)
        whole[:, ends.places] = outcomes
        return dict(sorted(Counter(texts(whole)).items()))


def _bounded(model: stim.DetectorErrorModel) -> stim.DetectorErrorModel:
    """Return the model without faults that are certain: matching weighs faults by their log odds."""
    found = stim.DetectorErrorModel()
    for one in model.flattened():
        if one.type == "error" and one.args_copy()[0] > MOST_LIKELY:
            found.append("error", MOST_LIKELY, one.targets_copy())
        else:
            found.append(one)
    return found


def _sum(packed: Bits, parity: Parity) -> Bits:
    """Return the sum modulo 2 of records of each shot, uint8[shots]."""
    total = np.full(len(packed), int(bool(parity & ONE)), dtype=np.uint8)
    for record in parity - ONE:
        total ^= packed[:, record >> 3] >> (record & 7) & 1
    return total


def merged(parts: Iterable[Sampled]) -> Sampled:
    """Return the sum of counts."""
    counts: Counter[str] = Counter()
    uncorrected: Counter[str] = Counter()
    shots = errors = uncorrected_errors = 0
    for part in parts:
        counts.update(part.counts)
        uncorrected.update(part.uncorrected)
        shots += part.shots
        errors += part.errors
        uncorrected_errors += part.uncorrected_errors
    return Sampled(
        shots, dict(sorted(counts.items())), dict(sorted(uncorrected.items())), errors, uncorrected_errors
    )
