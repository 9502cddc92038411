import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from novacron.specs.optimizer import Rotosolve
from workers.quantum.objective import Evaluation, Frequencies
from workers.quantum.optimizers.rotosolve import lowest, minimize

RNG = np.random.Generator(np.random.PCG64(0))
SPECTRUM = (Frequencies(1.0, 1), Frequencies(0.5, 2))


def landscape(x):
    """One harmonic of rate 1 in x[0], two of rate 0.5 in x[1]; lowest is -5 at (pi, 2 pi)."""
    return 2.0 * np.cos(x[0]) + 2.0 * np.cos(0.5 * x[1]) - np.cos(x[1])


def run(x0, function=landscape, spectrum=SPECTRUM, **options):
    batches = []

    def evaluate(points, gradient):
        assert not gradient
        batches.append([np.array(point) for point in points])
        return [Evaluation(float(function(point))) for point in points]

    return minimize(evaluate, np.array(x0), Rotosolve(**options), RNG, spectrum), batches


def test_finds_the_lowest_point_of_independent_sinusoids_in_one_sweep():
    found, batches = run([0.3, -1.0])
    assert found.converged and found.n_iterations == 2
    assert found.value == pytest.approx(-5.0, abs=1e-12)
    assert np.allclose(np.cos(found.point * [1.0, 0.5]), -1.0, atol=1e-12)
    assert [len(batch) for batch in batches] == [3, 5, 1] * 2


def test_one_batch_moves_one_parameter_and_starts_where_it_stands():
    _, batches = run([0.3, -1.0], max_iterations=1)
    assert np.array_equal(batches[0][0], [0.3, -1.0])
    assert np.array_equal(batches[1][0], [batches[1][1][0], -1.0])
    assert np.allclose([point[0] - 0.3 for point in batches[0]], 2 * np.pi / 3 * np.arange(3))


def test_goes_down_sweep_by_sweep_where_parameters_depend_on_each_other():
    matrix = np.array([[0.0, 1.0], [0.5, -0.3]])

    def coupled(x):
        a, b = (np.array([np.cos(t), np.sin(t)]) for t in x)
        return float(a @ matrix @ b)

    found, batches = run([0.1, 0.2], coupled, (Frequencies(1.0, 1),) * 2, tolerance=1e-14)
    assert found.converged and found.value == pytest.approx(-np.linalg.norm(matrix, 2), abs=1e-7)
    ends = [coupled(batch[0]) for batch in batches if len(batch) == 1]
    assert all(after <= before + 1e-12 for before, after in itertools.pairwise(ends))


def test_stays_where_everything_is_flat():
    found, _ = run([0.3, -1.0], lambda x: 2.0)
    assert found.converged
    assert np.array_equal(found.point, [0.3, -1.0])


def test_says_when_it_runs_out_of_sweeps():
    found, _ = run([0.3, -1.0], max_iterations=1)
    assert not found.converged and found.message == "stopped after 1 sweeps"


@example(5, [0.0] * 4 + [1.0] + [0.0] * 6)
@example(2, [1.0, 5e-324] + [0.0] * 9)
@example(2, [5e-324, 5e-324] + [0.0] * 9)
@settings(max_examples=300, deadline=None)
@given(st.integers(1, 5), st.lists(st.floats(-1, 1), min_size=11, max_size=11))
def test_no_point_of_a_fine_grid_is_lower(harmonics, numbers):
    k = np.arange(1, harmonics + 1)
    a, b = np.array(numbers[:harmonics]), np.array(numbers[5 : 5 + harmonics])

    def f(t):
        return (a * np.cos(np.outer(t, k)) + b * np.sin(np.outer(t, k))).sum(axis=1) + numbers[10]

    t = lowest(f(2 * np.pi / (2 * harmonics + 1) * np.arange(2 * harmonics + 1)))
    assert -np.pi <= t <= np.pi
    assert f([t])[0] <= f(np.linspace(-np.pi, np.pi, 2000)).min() + 1e-9
