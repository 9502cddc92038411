import itertools

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from testing.asking import Asking
from testing.specs import ising
from workers.quantum.backends import load
from workers.quantum.objective import End, Frequencies, Request, Stage, measure
from workers.quantum.variational.qaoa import Qaoa, interpolate, linear_ramp

weight = st.floats(-3, 3, allow_nan=False)


def no_screen(stage):
    raise AssertionError("nothing is screened here")


def brute_force(n, value):
    return np.array([value(bits) for bits in itertools.product((0, 1), repeat=n)])


def pairs(n):
    """Weighted pairs, each once."""
    ends = st.sampled_from(list(itertools.permutations(range(n), 2)))
    rows = st.tuples(ends, weight).map(lambda row: (*row[0], row[1]))
    return st.lists(rows, max_size=8, unique_by=lambda row: frozenset(row[:2]))


def stated(problem):
    """The gain of a problem; what no job may ask, such as a graph in pieces, is passed over."""
    try:
        return ising(problem)
    except BadInput:
        reject()


@settings(deadline=None)
@given(pairs(4))
def test_maxcut_gain_is_the_weight_cut(rows):
    problem = stated(
        {"maxcut": {"n_nodes": 4, "edges": [r[:2] for r in rows], "weights": [r[2] for r in rows]}}
    )
    cut = brute_force(4, lambda bits: sum(w for a, b, w in rows if bits[a] != bits[b]))
    assert np.allclose(-problem.loss().diagonal(), cut, atol=1e-12)
    assert problem.value(2.0) == 2.0


@settings(deadline=None)
@given(st.lists(weight, min_size=4, max_size=4), pairs(4), weight, weight)
def test_qubo_and_ising_gains_are_minus_their_energies(linear, rows, constant, square):
    qubo = ising(
        {
            "qubo": {
                "n_variables": 4,
                "linear": linear,
                "quadratic": [*rows, (2, 2, square)],
                "constant": constant,
            }
        }
    )
    energy = brute_force(
        4,
        lambda x: (
            constant
            + sum(weight * bit for weight, bit in zip(linear, x, strict=True))
            + sum(w * x[i] * x[j] for i, j, w in rows)
            + square * x[2]
        ),
    )
    assert np.allclose(qubo.loss().diagonal(), energy, atol=1e-12)
    assert qubo.value(2.0) == -2.0
    spins = ising({"ising": {"n_spins": 4, "h": linear, "J": rows, "constant": constant}})
    energy = brute_force(
        4,
        lambda x: (
            constant
            + sum(h * (1 - 2 * bit) for h, bit in zip(linear, x, strict=True))
            + sum(w * (1 - 2 * x[i]) * (1 - 2 * x[j]) for i, j, w in rows)
        ),
    )
    assert np.allclose(spins.loss().diagonal(), energy, atol=1e-12)


RING = {"maxcut": {"n_nodes": 6, "edges": [[k, (k + 1) % 6] for k in range(6)]}}


def qaoa(layers, init="linear_ramp", problem=RING):
    return Qaoa(ising(problem), load("statevector"), layers, init)


def test_one_layer_on_a_ring_has_its_closed_form():
    target = qaoa(1)
    for gamma, beta in ((0.3, 0.2), (-1.1, 0.7)):
        point = np.array([gamma * target.problem.scale, beta])
        loss = target.constant + measure(target, Request(0, 0, point, False)).value
        # Wang et al., Phys. Rev. A 97, 022304 (2018), eq. 14 without triangles, degree 2.
        edge = 0.5 + 0.25 * np.sin(4 * beta) * np.sin(gamma) * 2 * np.cos(gamma)
        assert -loss == pytest.approx(6 * edge, abs=1e-12)


def test_gradient_matches_differences_for_signed_weights():
    problem = {
        "maxcut": {"n_nodes": 4, "edges": [[0, 1], [1, 2], [2, 3], [0, 2]], "weights": [1, -0.5, 2, 0.3]}
    }
    target, point = qaoa(2, problem=problem), np.array([0.4, 0.7, 0.6, 0.2])
    found = measure(target, Request(0, 0, point, True))
    assert found.gradient is not None
    for k in range(4):
        step = 1e-5 * np.eye(4)[k]
        sides = [measure(target, Request(0, 0, point + s * step, False)).value for s in (1, -1)]
        assert found.gradient[k] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


def test_angles_multiply_the_gain_itself():
    target = qaoa(2)
    assert target.angles([0.5, 1.0, 0.25, 0.125]) == {
        "gammas": [0.5 / target.problem.scale, 1.0 / target.problem.scale],
        "betas": [0.25, 0.125],
    }
    angles = np.array([0.3, 0.7, 0.2, 0.1])
    assert [*target.angles(target.point_of(angles))["gammas"], 0.2, 0.1] == pytest.approx(angles.tolist())
    tenfold = {"maxcut": {**RING["maxcut"], "weights": [10.0] * 6}}
    loss = [measure(qaoa(2, problem=p), Request(0, 0, linear_ramp(2), False)).value for p in (RING, tenfold)]
    assert loss[1] == pytest.approx(10 * loss[0], abs=1e-10)


def test_interpolation_follows_its_paper():
    assert interpolate(np.array([0.3])).tolist() == [0.3, 0.3]
    assert np.allclose(interpolate(np.array([1.0, 2.0])), [1.0, 1.5, 2.0])
    assert np.allclose(
        interpolate(np.array([1.0, 2.0, 4.0])), [1.0, 1 / 3 + 2 * 2 / 3, 2 * 2 / 3 + 4 / 3, 4.0]
    )


def test_starts_have_their_shapes():
    rng = np.random.default_rng(0)
    ramp = qaoa(4).initial_point(0, rng)
    assert (np.diff(ramp[:4]) > 0).all() and (np.diff(ramp[4:]) < 0).all()
    assert not np.array_equal(qaoa(4).initial_point(1, rng), ramp)
    assert qaoa(4, "random").initial_point(0, rng).size == 8
    target = qaoa(3, "interp")
    stage, sizes = Stage(target.initial_point(0, rng)), []
    while isinstance(stage, Stage):
        sizes.append(stage.point.size)
        assert len(target.frequencies(stage)) == stage.point.size
        stage = target.grow(stage, no_screen)
    assert sizes == [2, 4, 6] and stage == End()


def test_frequencies_are_the_levels_of_the_gain_and_the_spins_turned():
    gamma, beta = qaoa(1, problem=RING).frequencies(Stage(np.zeros(2)))
    scale = qaoa(1, problem=RING).problem.scale
    levels = np.unique(qaoa(1, problem=RING).gain)
    assert gamma.spacing == pytest.approx(np.diff(levels).min() / scale)
    assert gamma.spacing * gamma.harmonics == pytest.approx((levels[-1] - levels[0]) / scale)
    assert beta == Frequencies(2.0, qaoa(1, problem=RING).problem.n_spins)


def test_natural_gradients_solve_the_metric_for_the_plain_one():
    target, point = qaoa(2), np.array([0.3, 0.5, 0.4, 0.1])
    plain = measure(target, Request(0, 0, point, True)).gradient
    natural = measure(target, Request(0, 0, point, True, 0.01)).gradient
    assert plain is not None and natural is not None
    states, circuit = [], Asking(target.backend, target.circuit(2))
    for k in range(4):
        sides = [circuit.state(point + s * 1e-5 * np.eye(4)[k]) for s in (1, -1)]
        states.append((sides[0] - sides[1]) / 2e-5)
    state, slopes = circuit.state(point), np.array(states)
    along = slopes.conj() @ state
    metric = (slopes.conj() @ slopes.T).real - np.outer(along, along.conj()).real
    assert np.allclose((metric + 0.01 * np.eye(4)) @ natural, plain, atol=1e-7)


def test_a_problem_without_weights_is_flat():
    flat = {"ising": {"n_spins": 2, "h": [0.0, 0.0], "J": [], "constant": 3.0}}
    target = qaoa(1, problem=flat)
    assert (target.constant, target.unit) == (3.0, 1.0)
    assert measure(target, Request(0, 0, linear_ramp(1), False)).value == 0.0


def test_cost_grows_with_layers_and_gradient():
    target = qaoa(2)
    costs = [
        target.cost_s(Request(0, 0, np.zeros(size), flag))
        for size, flag in ((2, False), (4, False), (4, True))
    ]
    assert 0 < costs[0] < costs[1] < costs[2]
