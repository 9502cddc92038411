"""Programs that once were refused, failed or gave wrong numbers, with the right distributions."""

from math import cos, sin
from pathlib import Path

import pytest

from shared.circuits.reader import read
from workers.quantum.simulation.circuits import simulator

CASES = Path(__file__).parents[3] / "data" / "cases" / "circuits"
UP = [sin(angle / 2) ** 2 for angle in (0.1, 0.9, 0.3)]
EXPECTED = {
    "measure_never_reached.qasm": {"00": 1.0},
    "popcount_condition.qasm3": {"1011": 1.0},
    "not_of_uint.qasm3": {"1": 1.0},
    "exported_switch.qasm3": {"00": 0.5, "01": 0.5},
    "subroutine_local_bit.qasm3": {"0": 0.5, "1": 0.5},
    "durations.qasm3": {"1": 1.0},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_distribution_is_right(name):
    found = simulator.probabilities(read((CASES / name).read_text()))
    assert found == pytest.approx(EXPECTED[name], abs=1e-12)


def test_an_assigned_element_of_an_array_turns_its_qubit():
    found = simulator.probabilities(read((CASES / "array_element.qasm3").read_text()))
    assert found["111"] == pytest.approx(UP[0] * UP[1] * UP[2], abs=1e-12)
    assert found["000"] == pytest.approx((cos(0.05) * cos(0.45) * cos(0.15)) ** 2, abs=1e-12)
