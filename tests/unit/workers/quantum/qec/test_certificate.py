"""The fewest faults that matching can fail on, against all sets of so many faults."""

from itertools import combinations

import numpy as np
import pytest

from novacron.specs.qec_point import FAMILIES, Point
from workers.quantum.qec import faults
from workers.quantum.qec.certificate import fewest_faults
from workers.quantum.qec.experiment import experiment


def failing_pairs(made):
    """How many pairs of faults are decoded wrongly."""
    known = faults.of(made.circuit.detector_error_model())
    detectors, observables = (
        np.packbits(matrix.toarray().T, axis=1, bitorder="little")
        for matrix in (known.detectors, known.observables)
    )
    first, second = np.array(list(combinations(range(len(known.probabilities)), 2))).T
    predicted = made.decode(detectors[first] ^ detectors[second])
    return int((predicted != observables[first] ^ observables[second]).any(axis=1).sum())


@pytest.mark.parametrize(
    ("code", "distance", "p", "fewest", "fails"),
    [
        ("toric", 5, 0.001, 3, False),
        ("toric", 4, 0.001, 2, True),
        ("repetition", 5, 0.001, 2, False),
        # Three of five edges are no majority where they weigh less than the other two.
        ("rotated_surface", 5, 0.005, 1, True),
    ],
)
def test_no_fewer_faults_are_decoded_wrongly(code, distance, p, fewest, fails):
    made = experiment(Point(code, distance, distance, "z", p, "pymatching", FAMILIES[code].noise))
    assert fewest_faults(made.model, made.distance() or 0) == fewest
    assert (failing_pairs(made) > 0) is fails
