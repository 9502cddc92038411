"""Distances of circuits, searched where that is quick."""

import pytest
import stim

from novacron.specs.qec_point import Point
from workers.quantum.qec import distance
from workers.quantum.qec.experiment import experiment


def searched(text: str) -> int | None:
    circuit = stim.Circuit(text)
    return distance.of(circuit, circuit.detector_error_model())


@pytest.mark.parametrize(
    ("code", "found"), [("rotated_surface", 21), ("repetition", 21), ("toric", None), ("color_666", None)]
)
def test_the_distance_of_large_circuits_is_searched_on_a_plane(code, found):
    decoder = "chromobius" if code == "color_666" else "pymatching"
    assert experiment(Point(code, 21, 21, "z", 0.001, decoder)).distance() == found


def test_hyperedges_are_searched():
    one = "M 0 1 2 3\nDETECTOR rec[-1]\nDETECTOR rec[-2]\nDETECTOR rec[-3]\nOBSERVABLE_INCLUDE(0) rec[-4]"
    assert searched(f"E(0.1) X0 X1 X2 X3\nX_ERROR(0.1) 1 2 3\n{one}") == 4


def test_a_circuit_whose_errors_are_all_detected_has_no_distance():
    assert searched("X_ERROR(0.1) 0\nM 0 1\nDETECTOR rec[-2]\nOBSERVABLE_INCLUDE(0) rec[-1]") is None
