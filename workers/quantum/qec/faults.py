"""The faults of a detector error model as matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import stim
from numpy.typing import NDArray
from scipy.sparse import csc_matrix


@dataclass(frozen=True, slots=True)
class Faults:
    """Independent faults, one a column.

    Attributes:
        detectors: which detectors each flips, (n_detectors, n_faults).
        observables: which observables each flips, (n_observables, n_faults).
        probabilities: of each fault.
    """

    detectors: csc_matrix
    observables: csc_matrix
    probabilities: NDArray[np.float64]

    def predictions(self, chosen: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the packed flips of the observables, (shots, ceil(n_observables / 8)).

        Args:
            chosen: faults of each shot, (shots, n_faults).
        """
        flips = (self.observables @ chosen.T.astype(np.int32)) & 1
        return np.packbits(flips.T.astype(np.uint8), axis=1, bitorder="little")


def of(model: stim.DetectorErrorModel) -> Faults:
    """Return the faults of a model; those that flip the same are one already."""
    places: dict[bool, tuple[list[int], list[int]]] = {True: ([], []), False: ([], [])}
    probabilities: list[float] = []
    for fault in model.flattened():
        if fault.type != "error":
            continue
        flipped: dict[tuple[bool, int], int] = {}
        for target in fault.targets_copy():
            if not target.is_separator():
                key = (target.is_relative_detector_id(), target.val)
                flipped[key] = flipped.get(key, 0) ^ 1
        for (detector, number), odd in flipped.items():
            if odd:
                places[detector][0].append(number)
                places[detector][1].append(len(probabilities))
        probabilities.append(fault.args_copy()[0])

    def matrix(detector: bool, n_rows: int) -> csc_matrix:
        rows, columns = places[detector]
        ones = np.ones(len(rows), dtype=np.uint8)
        return csc_matrix((ones, (rows, columns)), shape=(n_rows, len(probabilities)))

    return Faults(
        matrix(True, model.num_detectors), matrix(False, model.num_observables), np.array(probabilities)
    )  # fmt: skip
