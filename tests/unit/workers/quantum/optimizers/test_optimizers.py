import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from novacron.specs.optimizer import OPTIMIZERS as NAMES
from testing.specs import optimizer
from workers.quantum.objective import Evaluation
from workers.quantum.optimizers import OPTIMIZERS, load

MATRIX = np.array([[2.0, 0.4, 0.0], [0.4, 1.0, -0.3], [0.0, -0.3, 1.5]])
TARGET = np.array([0.3, -0.7, 0.5])
OPTIONS: dict[str, dict[str, float]] = {
    "lbfgs": {"tolerance": 1e-12},
    "slsqp": {"tolerance": 1e-12},
    "cobyla": {"tolerance": 1e-6},
    "nelder_mead": {"tolerance": 1e-10},
    "spsa": {"max_iterations": 1500},
    "powell": {"tolerance": 1e-10},
    "adam": {"max_iterations": 3000, "tolerance": 1e-12},
    "gradient_descent": {"max_iterations": 3000, "tolerance": 1e-12, "learning_rate": 0.3},
    "qng": {"max_iterations": 3000, "tolerance": 1e-12, "learning_rate": 0.3},
}
SHORT_STEPS = {
    "cobyla": {"rhobeg": 1e-3},
    "nelder_mead": {"initial_step": 1e-3},
    **{name: {"learning_rate": 1e-3} for name in ("spsa", "adam", "gradient_descent", "qng")},
}
# Rotosolve is for sinusoids.
GENERAL = sorted(OPTIONS)
TOLERANCES = {"spsa": 0.02, "adam": 1e-4}


class Counting:
    def __init__(self, function):
        self.function, self.calls, self.points = function, 0, []

    def __call__(self, points, gradient):
        self.calls += 1
        self.points += [np.array(point) for point in points]
        return [self.function(np.array(point), gradient) for point in points]


def quadratic(point, gradient):
    away = point - TARGET
    return Evaluation(float(0.5 * away @ MATRIX @ away), MATRIX @ away if gradient else None)


def minimize(name, x0=(0.0, 0.0, 0.0), options=None, function=quadratic):
    evaluate = Counting(function)
    rng = np.random.Generator(np.random.PCG64(3))
    given = optimizer({"name": name, **(options or OPTIONS[name])})
    return load(given)(evaluate, np.array(x0), given, rng), evaluate


@pytest.mark.parametrize("name", GENERAL)
def test_finds_the_minimum_of_a_quadratic(name):
    found, evaluate = minimize(name)
    assert np.allclose(found.point, TARGET, atol=TOLERANCES.get(name, 1e-4))
    assert found.value == pytest.approx(quadratic(found.point, False).value, abs=1e-15)
    assert 0 < found.n_iterations <= len(evaluate.points)


def test_every_optimizer_is_tried():
    assert {*GENERAL, "rotosolve"} == set(NAMES) == {kind.model_fields["name"].default for kind in OPTIMIZERS}


@pytest.mark.parametrize("name", GENERAL)
def test_asks_for_gradients_only_where_it_says_so(name):
    asked = set()

    def record(point, gradient):
        asked.add(gradient)
        return quadratic(point, gradient)

    minimize(name, function=record)
    assert asked == {optimizer(name).gradient}


@settings(max_examples=15, deadline=None)
@given(x0=arrays(np.float64, 3, elements=st.floats(-2.0, 2.0)), name=st.sampled_from(GENERAL))
def test_the_same_start_gives_the_same_points(x0, name):
    short = {"max_iterations": 15}
    first, second = minimize(name, x0, short), minimize(name, x0, short)
    assert np.array_equal(first[0].point, second[0].point)
    assert np.array_equal(first[1].points, second[1].points)


@pytest.mark.parametrize("name", GENERAL)
def test_keeps_to_its_iterations_and_says_that_it_has_not_converged(name):
    def rosenbrock(point, gradient):
        x, y = point
        value = (1 - x) ** 2 + 100 * (y - x * x) ** 2
        slope = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
        return Evaluation(float(value), slope if gradient else None)

    found, _ = minimize(name, [-1.2, 1.0], {"max_iterations": 5, **SHORT_STEPS.get(name, {})}, rosenbrock)
    assert found.n_iterations <= 5
    assert not found.converged
    assert found.message.startswith("stopped a") and "iterations" in found.message


def test_spsa_asks_for_pairs_after_one_batch_that_sets_its_gain():
    _, evaluate = minimize("spsa", options={"max_iterations": 4})
    assert evaluate.calls == 1 + 4 + 1
    assert len(evaluate.points) == 16 + 8 + 1
    plus, minus = evaluate.points[16:18]
    assert np.allclose(0.5 * (plus + minus), 0.0)
    assert np.allclose(np.abs(plus), 0.1)


def test_spsa_takes_the_gains_it_is_given():
    gains = {"a": 0.2, "c": 0.05, "A": 3.0, "alpha": 0.7, "gamma": 0.2}
    _, evaluate = minimize("spsa", options={"max_iterations": 2, **gains})
    assert len(evaluate.points) == 5
    plus, minus, plus_2, minus_2, _ = evaluate.points
    slope = (quadratic(plus, False).value - quadratic(minus, False).value) / 0.1
    step = 0.2 / 4.0**0.7 * slope * (plus - minus) / 0.1
    assert np.allclose(0.5 * (plus_2 + minus_2), -step, atol=1e-14)
    assert np.allclose(np.abs(plus_2 - minus_2), 0.1 / 2.0**0.2)


def test_spsa_stays_where_everything_is_flat():
    found, _ = minimize("spsa", function=lambda point, gradient: Evaluation(1.0))
    assert found.converged
    assert np.array_equal(found.point, np.zeros(3))


def test_spsa_found_flat_at_the_start_takes_no_endless_steps():
    def plateau(point, gradient):
        return Evaluation(
            float(1e-6 * point[0] + np.square(np.maximum(np.abs(point - 0.6) - 0.2, 0.0)).sum())
        )

    found, evaluate = minimize("spsa", (0.6, 0.6, 0.6), {"max_iterations": 200}, plateau)
    steps = np.abs(np.diff([point for point in evaluate.points[16:-1:2]], axis=0))
    assert steps.max() < 1.3 and found.value < 1e-2


def test_adam_follows_its_paper_for_two_steps():
    _, evaluate = minimize("adam", options={"max_iterations": 2, "learning_rate": 0.1})
    start, one, two = evaluate.points
    g0, g1 = (quadratic(point, True).gradient for point in (start, one))
    assert np.allclose(one, start - 0.1 * np.sign(g0), atol=1e-7)
    mean = (0.09 * g0 + 0.1 * g1) / (1 - 0.9**2)
    square = (0.000999 * g0**2 + 0.001 * g1**2) / (1 - 0.999**2)
    assert np.allclose(two, one - 0.1 * mean / (np.sqrt(square) + 1e-8), atol=1e-12)


@pytest.mark.parametrize("name", GENERAL)
def test_one_parameter_is_enough(name):
    found, _ = minimize(
        name,
        [0.5],
        {"max_iterations": 200, "tolerance": 1e-6},
        lambda x, g: Evaluation(float(1 - np.cos(x[0])), np.sin(x) if g else None),
    )
    assert abs(found.point[0]) < 0.1


@pytest.mark.parametrize("name", ["gradient_descent", "qng"])
def test_descent_goes_its_rate_down_the_gradient(name):
    _, evaluate = minimize(name, options={"max_iterations": 2, "learning_rate": 0.1})
    start, one, two = evaluate.points
    assert np.array_equal(one, start - 0.1 * quadratic(start, True).gradient)
    assert np.array_equal(two, one - 0.1 * quadratic(one, True).gradient)


def test_powell_searches_along_every_direction():
    _, evaluate = minimize("powell", options={"max_iterations": 1})
    assert all(len(np.unique(np.array(evaluate.points)[:, index])) > 3 for index in range(3))


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("lbfgs", 500), ("slsqp", 500), ("cobyla", 1000), ("nelder_mead", 600), ("powell", 200),
        ("spsa", 300), ("adam", 500), ("gradient_descent", 1000), ("qng", 200), ("rotosolve", 100),
    ],
)  # fmt: skip
def test_an_optimizer_without_a_limit_has_its_own(name, limit):
    assert optimizer({"name": name, "max_iterations": None}).iterations(3) == limit
    assert optimizer({"name": name, "max_iterations": 7}).iterations(3) == 7
