"""Whole mitigations of circuits whose exact values are known."""

import json

import numpy as np
import pytest

from novacron.specs.mitigation import (
    Auto,
    CliffordRegression,
    Readout,
    ReferenceState,
    SymmetryVerification,
    Twirling,
    Zne,
)
from novacron.specs.noise import Noise
from shared.circuits.reader import read
from shared.circuits.record import CircuitRecord
from testing.mitigation.problems import DATA, Sampled, h2, noise, qaoa
from workers.quantum import backends
from workers.quantum.mitigation.isa import Isa, gates
from workers.quantum.mitigation.measurement import Histogram
from workers.quantum.mitigation.mitigate import mitigate
from workers.quantum.mitigation.problem import Problem
from workers.quantum.mitigation.recipe import Recipe
from workers.quantum.mitigation.regression import trained
from workers.quantum.mitigation.runner import BackendRunner
from workers.quantum.simulation.noise.model import NoiseModel

READOUT = Readout()


@pytest.mark.parametrize(
    ("methods", "error_mha"),
    [
        ([], 81.3),
        ([READOUT], 28.03),
        ([Readout(method="correlated")], 28.03),
        ([Readout(method="twirled")], 28.03),
        ([READOUT, Zne(fit="linear")], 1.151),
        ([READOUT, Zne(scales=(1, 3, 5))], 0.061),
        ([READOUT, ReferenceState()], 0.639),
        ([READOUT, ReferenceState(), Zne()], 0.028),
        ([READOUT, SymmetryVerification(), Zne(scales=(1, 3, 5), fit="richardson")], 0.001),
        ([READOUT, Twirling(circuits=2), Zne(fit="linear")], 1.151),
    ],
)
def test_errors_of_h2_without_shot_noise(methods, error_mha):
    case = h2()
    (found,) = mitigate(case.problem, methods, None, case.runner).estimates
    assert abs(found.value - case.exact) * 1e3 == pytest.approx(error_mha, abs=0.006)
    assert found.unmitigated - case.exact == pytest.approx(0.0813, abs=1e-5)
    assert abs(found.value - case.exact) <= 2 * found.error + 1e-6
    assert found.std_error < 1e-9


def test_auto_without_shot_noise():
    for case, factor in ((h2(), 80), (qaoa(), 50)):
        result = mitigate(case.problem, [Auto()], None, case.runner)
        (found,) = result.estimates
        assert abs(found.value - case.exact) * factor < abs(found.unmitigated - case.exact)
        assert found.interval[0] <= case.exact <= found.interval[1]
        assert result.n_shots is None and len(result.candidates) > 3


def test_auto_with_shots_divides_them_and_covers_the_exact_value():
    case, covered = h2(), 0
    known: dict[CircuitRecord, Histogram] = {}
    errors = []
    for seed in range(20):
        runner = Sampled(case.runner, known, np.random.default_rng(seed))
        result = mitigate(case.problem, [Auto()], 100_000, runner, seed)
        (found,) = result.estimates
        errors.append(abs(found.value - case.exact))
        covered += found.interval[0] <= case.exact <= found.interval[1]
        assert result.n_shots is not None and 90_000 < result.n_shots <= 101_000
    assert covered >= 16
    assert np.median(errors) * 20 < 0.0813


@pytest.mark.parametrize("methods", [[Auto()], [READOUT, Zne()], [READOUT, Twirling(circuits=4)], [Zne()]])
@pytest.mark.parametrize("shots", [1000, 20_000])
def test_shots_are_never_exceeded_and_almost_all_are_used(methods, shots):
    result = mitigate(h2().problem, methods, shots, h2().runner)
    assert result.n_shots is not None and 0.9 * shots < result.n_shots <= shots


def test_auto_does_nothing_where_nothing_helps():
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'
    isa = Isa(read(text), (0, 1), noise(2, p=1e-6, readout=1e-6))
    problem = Problem(isa, [[("ZI", 1.0)]])
    result = mitigate(problem, [Auto()], 5000, BackendRunner(backends.load("density_matrix"), isa.noise))
    assert result.methods == []


def test_regression_of_h2_by_clifford_angles():
    case = h2()
    isa = case.problem.isa
    training = trained(isa, 8, np.random.default_rng(1))
    known = json.loads((DATA / "h2_sto3g_0.7414.json").read_text())["terms"]
    problem = Problem(isa, [known], training=training)
    (found,) = mitigate(problem, [READOUT, CliffordRegression()], None, case.runner).estimates
    assert abs(found.value - case.exact) * 20 < abs(found.unmitigated - case.exact)
    assert abs(found.value - case.exact) < 2 * found.error


def test_regression_recovers_a_common_attenuation():
    case = h2()
    isa = case.problem.isa
    training = [h2().problem.isa, *(isa.with_gates(gates(isa.record)) for _ in range(2))]
    same = Problem(isa, [[("ZIII", 1.0)]], training=training)
    (found,) = mitigate(same, [READOUT, CliffordRegression()], None, case.runner).estimates
    (exact,) = mitigate(same, [], None, BackendRunner(backends.load("statevector"))).estimates
    assert found.value == pytest.approx(exact.value, abs=1e-9)


def test_several_observables_share_their_circuits():
    isa = h2().problem.isa
    observables = [[("ZIII", 1.0)], [("ZZII", 0.5), ("IIII", 2.0)], [("XXYY", 1.0), ("ZIII", 1.0)]]
    together = mitigate(Problem(isa, observables), [READOUT, Zne()], None, h2().runner)
    apart = [mitigate(Problem(isa, [one]), [READOUT, Zne()], None, h2().runner) for one in observables]
    for one, (other,) in zip(together.estimates, [each.estimates for each in apart], strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-12)
    assert together.n_circuits == 2 + 2 * 2


@pytest.mark.parametrize("shots", [None, 5000])
@pytest.mark.parametrize("methods", [[Auto()], [READOUT, ReferenceState()]])
def test_what_has_no_terms_or_a_reference_without_values_is_a_value_too(methods, shots):
    isa = h2().problem.isa
    constant = mitigate(Problem(isa, [[("IIII", 2.0)]], isa), methods, shots, h2().runner)
    assert [(one.value, one.error) for one in constant.estimates] == [(2.0, 0.0)]
    still = isa.with_gates(())
    (found,) = mitigate(Problem(isa, [[("XIII", 1.0)]], still), methods, shots, h2().runner).estimates
    assert abs(found.value) < 5 * found.error + 1e-9


def test_an_impossible_value_is_told_and_its_interval_reaches_the_range():
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; x q[0]; cx q[0], q[1]; cx q[0], q[1];'
    isa = Isa(read(text), (0, 1), noise(2, p=0.05))
    problem = Problem(isa, [[("ZI", 1.0)]])
    told = covered = 0
    for seed in range(12):
        runner = BackendRunner(backends.load("density_matrix"), isa.noise, seed)
        (found,) = mitigate(problem, [READOUT, Zne()], 2000, runner, seed).estimates
        covered += found.interval[0] <= -1.0 <= found.interval[1]
        if found.value < -1.0 - 1e-9:
            told += 1
            assert "outside the observable's range" in str(found.warning("spin"))
    assert told and covered >= 10


def test_errors_that_folding_does_not_scale_are_in_the_interval():
    model = Noise(errors=[{"name": "depolarizing", "p": 0.01, "gates": ["x"]}]).document
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; x q[0]; cx q[0], q[1];'
    isa = Isa(read(text), (0, 1), NoiseModel(model, range(2)))
    runner = BackendRunner(backends.load("density_matrix"), isa.noise)
    (found,) = mitigate(Problem(isa, [[("ZI", 1.0)]]), [READOUT, Zne()], None, runner).estimates
    assert found.value == pytest.approx(-0.99) and found.interval[0] < -1.0


def test_recipes_name_their_methods():
    recipe = Recipe.of([READOUT, ReferenceState(), Zne()])
    assert recipe.names == ["readout", "reference_state (additive)", "zne (linear, scales 1, 3)"]
    assert Recipe.of([Zne()]).fit == "exponential"
