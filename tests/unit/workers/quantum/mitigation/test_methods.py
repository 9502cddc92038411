"""The parts of mitigation against dense matrices."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.specs.mitigation import Readout, Sector
from shared.circuits.instruction import Barrier, Gate
from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from testing.mitigation.problems import h2
from workers.quantum import backends
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers
from workers.quantum.mitigation import allocation
from workers.quantum.mitigation.data import LEAST_SHOTS, Data, Part
from workers.quantum.mitigation.distillation import distilled
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.measurement import Histogram, Observables
from workers.quantum.mitigation.mitigate import mitigate
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.randomised import Randomised
from workers.quantum.mitigation.readout import UnreadableError, corrector
from workers.quantum.mitigation.recipe import Variant
from workers.quantum.mitigation.regression import trained
from workers.quantum.mitigation.residual import survival
from workers.quantum.mitigation.runner import BackendRunner
from workers.quantum.mitigation.symmetry import projected, projector
from workers.quantum.mitigation.twirling import twirled
from workers.quantum.mitigation.zne import extrapolated, folded
from workers.quantum.simulation.ir.gates import pauli

letters = st.text("IXYZ", min_size=3, max_size=3)


def dense(terms):
    return sum(coefficient * pauli(string) for string, coefficient in terms)


def values(record):
    asked = np.empty(63, dtype=object)
    strings = ["".join(one) for one in product("IXYZ", repeat=3)][1:]
    for place, string in enumerate(strings):
        asked[place] = [(string, 1.0)]
    batch = Batch((Pub(record, observables=asked),), frozenset({Want.EXPECTATIONS}))
    return answers(backends.load("statevector"), batch)[0].expectations


PAIRS = [Gate("cx", (0, 1)), Gate("ecr", (1, 2)), Gate("cz", (2, 0)), Gate("rzz", (0, 2), (0.7,))]
RECORD = CircuitRecord(
    3, (), (), (Gate("h", (0,)), Gate("ry", (1,), (0.3,)), Gate("t", (2,)), *PAIRS, Gate("sx", (2,)))
)
ISA = Isa(RECORD, (0, 1, 2))


@pytest.mark.parametrize("scale", [3, 5])
def test_folding_repeats_pairs_behind_barriers_and_keeps_the_state(scale):
    found = folded(ISA, scale).record
    assert sum(found.gate_counts()[name] for name in ("cx", "ecr", "cz", "rzz")) == scale * len(PAIRS)
    assert sum(isinstance(item, Barrier) for item in found.instructions) == (scale - 1) * len(PAIRS)
    assert found.gate_counts()["h"] == 1
    np.testing.assert_allclose(values(found), values(RECORD), atol=1e-12)


def test_twirling_keeps_the_state_and_changes_the_circuit():
    made = [twirled(ISA, np.random.default_rng(seed)).record for seed in range(6)]
    for record in made:
        np.testing.assert_allclose(values(record), values(RECORD), atol=1e-12)
    assert len(set(made)) > 1
    added = [item for item in made[0].instructions if isinstance(item, Gate) and item.noiseless]
    assert all(item.name in ("x", "y", "z") for item in added)


def test_training_circuits_are_clifford_and_close_angles_are_likely():
    isa = Isa(CircuitRecord(1, (), (), (Gate("rz", (0,), (0.1,)), Gate("ry", (0,), (0.7,)))), (0,))
    made = trained(isa, 200, np.random.default_rng(1))
    gates = [[item for item in one.record.instructions if isinstance(item, Gate)] for one in made]
    angles = [[gate.params[0] for gate in one] for one in gates]
    quarters = np.array(angles) / (np.pi / 2)
    np.testing.assert_allclose(quarters, np.round(quarters), atol=1e-12)
    assert np.mean(quarters[::2, 0] == 0) > 0.95
    assert 0.1 < np.mean(quarters[1::2, 0] == 0) < 0.5
    assert {*quarters[1::2, 1]} == {-1.0, 0.0, 1.0, 2.0}


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.01, 0.3))
def test_each_fit_recovers_its_own_model(value, asymptote, rate):
    scales = (1, 3, 5)
    decays = [np.array([asymptote + (value - asymptote) * np.exp(-rate * s)]) for s in scales]
    assert extrapolated(scales, decays, "exponential", np.array([asymptote])) == pytest.approx(value)
    lines = [np.array([value + rate * s]) for s in scales]
    assert extrapolated(scales, lines, "linear", np.array([0.0])) == pytest.approx(value, abs=1e-9)
    curves = [np.array([value + rate * s - rate * s * s]) for s in scales]
    assert extrapolated(scales, curves, "richardson", np.array([0.0])) == pytest.approx(value, abs=1e-9)


def test_a_decay_through_the_asymptote_is_extrapolated_linearly():
    crossing = [np.array([0.2]), np.array([-0.1])]
    assert extrapolated((1, 3), crossing, "exponential", np.array([0.0])) == pytest.approx(0.35)


@settings(max_examples=25)
@given(st.lists(st.tuples(letters, st.floats(-1, 1)), min_size=1, max_size=4), st.integers(0, 2))
def test_projected_observables_are_the_hermitian_part_of_the_product(terms, ones):
    sectors = [Sector(qubits=(0, 2), ones=ones)]
    projection = projector(sectors, 3)
    matrix = np.diag([float((x >> 2 & 1) + (x & 1) == ones) for x in range(8)])
    strings = dense(
        [("".join("Z" if z >> (2 - q) & 1 else "I" for q in range(3)), c) for z, c in projection.items()]
    )
    np.testing.assert_allclose(strings, matrix, atol=1e-12)
    both = matrix @ dense(terms)
    np.testing.assert_allclose(dense(projected(terms, projection)), (both + both.conj().T) / 2, atol=1e-9)


def test_a_wide_sector_is_verified_by_its_parity():
    projection = projector([Sector(qubits=tuple(range(7)), ones=3)], 7)
    assert projection == {0: 0.5, 127: -0.5}


@pytest.mark.parametrize("method", ["tensored", "correlated"])
def test_readout_errors_of_each_qubit_are_inverted(method):
    rng = np.random.default_rng(3)
    matrices = [np.array([[1 - a, a], [b, 1 - b]]) for a, b in rng.uniform(0, 0.2, (3, 2))]
    whole = np.kron(np.kron(*matrices[:2]), matrices[2])
    every = np.array([list(format(x, "03b")) for x in range(8)], dtype=np.uint8)
    prepared = range(8) if method == "correlated" else (0, 7)
    calibration = {state: Histogram(every, whole[state], None) for state in prepared}
    made = corrector(method, calibration, 0, rng)
    ideal = rng.dirichlet(np.ones(8))
    observables = Observables([[("ZIZ", 1.0), ("IZI", 0.5)]])
    (setting,) = observables.settings
    signs = (-1.0) ** (every.astype(int) @ setting.supports.T.astype(int))
    read = ideal @ whole @ made.values(every, setting)[0]
    np.testing.assert_allclose(read, ideal @ signs, atol=1e-12)


def test_a_reading_without_information_is_an_error():
    noise = Histogram(np.array([[0], [1]], dtype=np.uint8), np.array([0.5, 0.5]), None)
    with pytest.raises(UnreadableError, match="qubit 0"):
        corrector("tensored", {0: noise, 1: noise}, 0, np.random.default_rng(0))


def test_settings_cover_all_terms_and_bound_the_observable():
    observables = Observables([[("XX", 1.0), ("ZI", -2.0), ("II", 3.0)], [("IZ", 1.0), ("XX", 0.5)]])
    assert sorted(k for one in observables.settings for k in one.terms) == [0, 1, 2]
    assert observables.constants.tolist() == [3.0, 0.0]
    assert observables.spreads.tolist() == [3.0, 1.5]


def test_shots_follow_the_weights_and_leave_none_out():
    parts = [Part(Variant("target", 1), k) for k in range(3)]
    weights = dict(zip(parts, (3.0, 1.0, 0.0), strict=True))
    data = Data(h2().problem, h2().runner, Randomised())
    assert allocation.divided(data, 1048, weights) == {parts[0]: 766, parts[1]: 266, parts[2]: LEAST_SHOTS}
    assert sum(allocation.divided(data, 10, weights).values()) <= 10
    twirled = Data(h2().problem, h2().runner, Randomised(twirls=5))
    assert allocation.divided(twirled, 1000, weights)[parts[2]] == 5 * LEAST_SHOTS


def test_survival_is_the_product_over_the_gates():
    assert survival(h2().problem.isa) == pytest.approx((1 - 0.005) ** 6)
    assert survival(h2().problem.isa, pairs=False) == 1.0


def test_distillation_gives_the_value_of_the_squared_state():
    found = distilled(h2().problem)
    (mixed,) = mitigate(h2().problem, [Readout()], None, h2().runner).estimates
    assert abs(found.values[0] - h2().exact) * 10 < abs(mixed.value - h2().exact)
    assert 0.9 < found.purity < 1.0
    pure = Problem(Isa(RECORD, (2, 0, 1)), [[("XYZ", 1.0), ("IIZ", 0.5)]])
    (exact,) = mitigate(pure, [], None, BackendRunner(backends.load("statevector"))).estimates
    assert distilled(pure).values[0] == pytest.approx(exact.value, abs=1e-12)
    assert distilled(pure).purity == pytest.approx(1.0)
