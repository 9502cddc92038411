"""Bivariate bicycle codes."""

import pytest

from novacron.specs.qec_point import FAMILIES, Point
from workers.quantum.qec.codes import bicycle


@pytest.mark.parametrize("basis", ["z", "x"])
@pytest.mark.parametrize("noise", ["uniform", "si1000"])
def test_a_round_measures_the_stabilizers(basis, noise):
    """Circuits whose detectors are not determined have no error model."""
    circuit = bicycle.memory(Point("bivariate_bicycle", 6, 3, basis, 0.001, "bposd", noise))
    assert circuit.num_observables == 12
    assert circuit.num_detectors == 4 * FAMILIES["bivariate_bicycle"].n_stabilizers(6)
    faults = circuit.detector_error_model(approximate_disjoint_errors=True)
    assert faults.num_errors > 1000
    if noise == "uniform":
        assert circuit.num_ticks == 1 + 3 * 8
