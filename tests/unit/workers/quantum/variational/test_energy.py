import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testing.asking import Asking
from workers.quantum.ansatz.base import Ansatz, Parameter
from workers.quantum.backends import load
from workers.quantum.objective import Request, measure
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.simulation.statevector.sampling import groups, sample_group
from workers.quantum.variational.parameter_shift import ParameterShift, rule
from workers.quantum.variational.vqe import ExactEnergy, SampledEnergy
from workers.runtime.outcome import UserError

LETTERS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
TERMS = [("III", 0.5), ("ZZI", -1.0), ("IZZ", 0.7), ("XIX", 0.4), ("IXI", -0.3), ("YYI", 0.25), ("IYX", 0.6)]


def dense(terms):
    total = 0
    for string, coefficient in terms:
        matrix = np.eye(1)
        for letter in string:
            matrix = np.kron(matrix, LETTERS[letter])
        total = total + coefficient * matrix
    return total


def program():
    """Every kind of op; parameter 0 in two ops, one angle with two parameters and an offset."""
    hadamard = np.array([[1, 1], [1, -1]], dtype=np.complex128) * 0.5**0.5
    ops = (
        Unitary((0,), hadamard),
        PauliRotation(0b010, 0b011, Angle(((0, 1.5), (1, -0.5)), 0.3)),
        RXLayer(Angle.parameter(1)),
        DiagonalPhase(np.array([2.0, 0.5, -1.0, 0.5, 0.5, -1.0, 0.5, 2.0]), Angle.parameter(2, 0.7)),
        Excitation((0,), (2,), Angle.parameter(0)),
        PauliRotation(0b101, 0b100, Angle.parameter(3)),
        RXLayer(Angle((), 0.4)),
    )
    return Program(3, 4, ops, 0b110)


def trial(made):
    return Ansatz(made, tuple(Parameter(name, name) for name in "abcd"), np.zeros(made.n_parameters))


def exact():
    return ExactEnergy(trial(program()), PauliSum.from_terms(TERMS), load("statevector"))


def sampled(shots=500, seed=3, terms=TERMS):
    return SampledEnergy(trial(program()), PauliSum.from_terms(terms), load("statevector"), shots, seed)


POINT = np.array([0.3, -0.8, 0.5, 1.1])


def test_exact_energy_and_gradient_are_those_of_dense_matrices():
    state = Asking(load("statevector"), program()).state(POINT)
    target = exact()
    found = measure(target, Request(0, 0, POINT, True))
    assert target.constant + found.value == pytest.approx(
        float((state.conj() @ dense(TERMS) @ state).real), abs=1e-12
    )
    assert found.variance is None
    assert found.gradient is not None
    for k in range(4):
        step = 1e-5 * np.eye(4)[k]
        sides = [measure(exact(), Request(0, 0, POINT + s * step, False)).value for s in (1, -1)]
        assert found.gradient[k] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


def test_shifts_of_every_kind_of_op_give_the_exact_gradient():
    shifting = ParameterShift(program())
    compiled = Asking(load("statevector"), shifting.program, PauliSum.from_terms(TERMS))
    values = []
    for shift in shifting.shifts:
        angles = shifting.angles(POINT)
        angles[shift.angle] += shift.by
        values.append(compiled.energy(angles))
    target = exact()
    found = target.constant + measure(target, Request(0, 0, POINT, False)).value
    assert compiled.energy(shifting.angles(POINT)) == pytest.approx(found, abs=1e-12)
    whole = measure(exact(), Request(0, 0, POINT, True)).gradient
    assert whole is not None
    assert np.allclose(shifting.gradient(np.array(values)), whole, atol=1e-10)


@given(st.integers(1, 6), st.lists(st.floats(-1, 1), min_size=13, max_size=13), st.floats(-3, 3))
def test_the_shift_rule_is_exact_for_trigonometric_polynomials(count, numbers, x):
    k = np.arange(1, count + 1)
    a, b = np.array(numbers[:count]), np.array(numbers[6 : 6 + count])

    def f(t):
        return float((a * np.cos(k * t) + b * np.sin(k * t)).sum())

    slope = float((k * (b * np.cos(k * x) - a * np.sin(k * x))).sum())
    assert sum(weight * f(x + by) for by, weight in rule(count)) == pytest.approx(slope, abs=1e-10)


def test_unequal_weights_have_no_shift_rule_and_still_energies():
    odd = Program(1, 1, (DiagonalPhase(np.array([0.0, 1.0]), Angle.parameter(0)),))
    uneven = Program(2, 1, (DiagonalPhase(np.array([0.0, 1.0, 2.0, 3.0 + 2**0.5]), Angle.parameter(0)),))
    assert len(ParameterShift(odd).shifts) == 2
    observable = PauliSum.from_terms([("ZI", 1.0)])
    target = SampledEnergy(trial(uneven), observable, load("statevector"), 10, 0)
    assert measure(target, Request(0, 0, np.zeros(1), False)).value == 1.0
    with pytest.raises(UserError, match="choose spsa, cobyla or nelder_mead"):
        target.units(Request(0, 0, np.zeros(1), True))


pauli_sums = st.dictionaries(
    st.text("IXYZ", min_size=4, max_size=4), st.floats(-2, 2).filter(bool), min_size=1, max_size=25
)


@settings(deadline=None)
@given(pauli_sums)
def test_groups_hold_every_term_once_and_commute_qubit_by_qubit(terms):
    observable = PauliSum.from_terms(list(terms.items()))
    found = groups(observable)
    members = []
    for group in found:
        for support, coefficient in zip(group.supports.tolist(), group.coefficients.tolist(), strict=True):
            members.append((group.x & support, (~group.x | group.y) & support & 0b1111, coefficient))
    held = zip(
        observable.x_masks.tolist(),
        observable.z_masks.tolist(),
        observable.coefficients.tolist(),
        strict=True,
    )
    assert sorted(members) == sorted(term for term in held if term[0] | term[1])


def test_a_chain_takes_two_measurements():
    n = 6
    bonds = [("".join("Z" if q in (k, k + 1) else "I" for q in range(n)), -1.0) for k in range(n - 1)]
    fields = [("".join("X" if q == k else "I" for q in range(n)), -0.5) for k in range(n)]
    assert len(groups(PauliSum.from_terms(bonds + fields))) == 2


@settings(max_examples=20, deadline=None)
@given(pauli_sums, st.integers(0, 2**32))
def test_group_means_are_unbiased_with_the_variance_they_claim(terms, seed):
    rng = np.random.default_rng(seed)
    state = rng.normal(size=16) + 1j * rng.normal(size=16)
    state /= np.linalg.norm(state)
    observable = PauliSum.from_terms(list(terms.items()))
    drawn = [sample_group(state, group, 4000, rng) for group in groups(observable)]
    truth = float((state.conj() @ dense(list(terms.items())) @ state).real) - observable.constant
    sigma = sum(variance for _, variance in drawn) ** 0.5
    assert abs(sum(mean for mean, _ in drawn) - truth) < 6.0 * sigma + 0.02


def test_sampled_energy_and_gradient_spread_around_the_exact_ones_as_they_say():
    truth = measure(exact(), Request(0, 0, POINT, True))
    assert truth.gradient is not None
    target = sampled(shots=64)
    found = [measure(target, Request(0, position, POINT, True)) for position in range(80)]
    values = np.array([evaluation.value for evaluation in found])
    claimed = np.mean([evaluation.variance for evaluation in found])
    assert abs(values.mean() - truth.value) < 5 * (claimed / 80) ** 0.5
    assert values.var(ddof=1) == pytest.approx(claimed, rel=0.7)
    gradients = np.array([evaluation.gradient for evaluation in found])
    errors = np.abs(gradients.mean(axis=0) - truth.gradient)
    assert (errors < 5 * gradients.std(axis=0) / 80**0.5).all()


def test_units_are_groups_times_points_and_may_run_in_any_order():
    request = Request(1, 5, POINT, True)
    target = sampled()
    n_groups, n_shifts = len(groups(PauliSum.from_terms(TERMS))), len(ParameterShift(program()).shifts)
    assert target.units(request) == n_groups * (1 + n_shifts)
    backwards = {unit: sampled().run_unit(request, unit) for unit in reversed(range(target.units(request)))}
    again = target.combine(request, [backwards[unit] for unit in range(target.units(request))])
    whole = measure(target, request)
    assert (again.value, again.variance) == (whole.value, whole.variance)
    assert again.gradient is not None and whole.gradient is not None
    assert np.array_equal(again.gradient, whole.gradient)


def test_randomness_comes_from_seed_loop_and_position():
    value = measure(sampled(), Request(0, 0, POINT, False)).value
    assert value == measure(sampled(), Request(0, 0, POINT, False)).value
    others = [
        measure(sampled(seed=seed), Request(loop, position, POINT, False)).value
        for seed, loop, position in itertools.islice(itertools.product((3, 4), (0, 1), (0, 1)), 1, None)
    ]
    assert value not in others and len(set(others)) == len(others)


def test_a_constant_needs_no_measurement_and_one_shot_has_no_variance():
    request = Request(0, 0, POINT, False)
    flat = sampled(terms=[("III", 0.5)])
    assert (flat.constant, measure(flat, request).value, measure(flat, request).variance) == (0.5, 0.0, 0.0)
    assert measure(sampled(shots=1), request).variance is None
    assert (measure(sampled(shots=2), request).variance or 0.0) > 0.0


def test_cost_grows_with_the_work():
    with_gradient, without = Request(0, 0, POINT, True), Request(0, 0, POINT, False)
    assert exact().cost_s(with_gradient) > exact().cost_s(without) > 0
    assert sampled().cost_s(with_gradient) > sampled().cost_s(without) > sampled(shots=5).cost_s(without)
