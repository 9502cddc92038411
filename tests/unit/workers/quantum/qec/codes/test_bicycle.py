"""Bivariate bicycle codes."""

import pytest

from novacron.specs.qec_point import FAMILIES, Point
from workers.quantum.qec.codes import bicycle


@pytest.mark.parametrize("distance", [6, 12])
def test_stabilizers_and_logical_operators_are_those_of_the_paper(distance):
    code = bicycle.Bicycle(*bicycle.SIZES[distance])
    checks = {basis: code.checks(basis).astype(int) for basis in "XZ"}
    assert not (checks["X"] @ checks["Z"].T % 2).any()
    assert 2 * code.n_cells == FAMILIES["bivariate_bicycle"].n_data(distance)
    for basis, other in ("XZ", "ZX"):
        assert (checks[basis].sum(axis=1) == 6).all()
        found = code.logicals(basis)
        assert len(found) == 12
        for qubits in found:
            assert not (checks[other][:, qubits].sum(axis=1) % 2).any()


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
