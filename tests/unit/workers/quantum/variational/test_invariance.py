"""Where an optimizer goes and when it stops depends neither on the zero nor on the unit of the energy."""

import numpy as np
import pytest

from novacron.specs.optimizer import OPTIMIZERS
from testing.specs import objective, replay
from workers.quantum.objective import measure
from workers.quantum.variational.replay import entry_of

TERMS = [("ZZI", -1.1), ("IZZ", -0.7), ("XII", -0.4), ("IXI", -0.9), ("IIX", -0.35), ("YIY", 0.21)]
LINEAR = [1.0, -2.0, 0.5, -0.7]
QUADRATIC = [[0, 1, 1.5], [1, 2, -1.0], [2, 3, 0.8], [0, 3, -1.2]]
AFFINE = [(1e-6, 0.0), (1e6, 0.0), (1.0, 1e6), (1.0, -3.0), (2.5e-3, 40.0), (27.211386245988, -1e4)]
OPTIONS = {
    "cobyla": {"max_iterations": 60},
    "nelder_mead": {"max_iterations": 60},
    "powell": {"max_iterations": 3},
    "spsa": {"max_iterations": 40},
    "adam": {"max_iterations": 60},
    "gradient_descent": {"max_iterations": 60},
    "qng": {"max_iterations": 30},
    "rotosolve": {"max_iterations": 3},
}


def vqe(a, b, optimizer, **changes):
    terms = [["III", b], *([string, a * weight] for string, weight in TERMS)]
    spec = {
        "kind": "hybrid_vqe",
        "hamiltonian": {"terms": terms if b else terms[1:]},
        "ansatz": {"name": "hardware_efficient", "layers": 1},
        "optimizer": {"name": optimizer, **OPTIONS.get(optimizer, {})},
        "seed": 11,
    }
    return {**spec, **changes}


def qaoa(a, b, optimizer):
    qubo = {
        "n_variables": 4,
        "linear": [a * weight for weight in LINEAR],
        "quadratic": [[i, j, a * weight] for i, j, weight in QUADRATIC],
        "constant": b,
    }
    optimizer = {"name": optimizer, **OPTIONS.get(optimizer, {})}
    return {"kind": "hybrid_qaoa", "problem": {"qubo": qubo}, "layers": 2, "optimizer": optimizer, "seed": 5}


def run(spec):
    """The loop's end and the points it went through."""
    target = objective(spec)
    points: list[np.ndarray] = []

    def live(requests):
        points.extend(request.point for request in requests)
        return [entry_of(request, measure(target, request), target.constant) for request in requests]

    return replay(target, spec["optimizer"], spec["seed"], 0, [], live), points


def assert_same_course(one, other, a, b):
    (end, points), (end_2, points_2) = one, other
    assert len(points) == len(points_2)
    for k, (point, point_2) in enumerate(zip(points, points_2, strict=True)):
        assert np.allclose(point, point_2, rtol=0.0, atol=1e-9), f"evaluation {k + 1}"
    assert (end.converged, end.n_iterations, end.position) == (
        end_2.converged,
        end_2.n_iterations,
        end_2.position,
    )
    assert end.gain == pytest.approx(end_2.gain, rel=1e-9, abs=1e-12)
    assert end_2.value == pytest.approx(a * end.value + b, rel=1e-12, abs=1e-9 * a)
    if a == 1.0:
        assert all(map(np.array_equal, points, points_2))


@pytest.mark.parametrize(("a", "b"), AFFINE)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_hamiltonian_times_a_plus_b_is_minimised_along_the_same_points(optimizer, a, b):
    assert_same_course(run(vqe(1.0, 0.0, optimizer)), run(vqe(a, b, optimizer)), a, b)


@pytest.mark.parametrize(("a", "b"), AFFINE)
@pytest.mark.parametrize("optimizer", sorted(set(OPTIMIZERS) - {"rotosolve"}))
def test_so_is_the_loss_of_a_qubo(optimizer, a, b):
    assert_same_course(run(qaoa(1.0, 0.0, optimizer)), run(qaoa(a, b, optimizer)), a, b)


DEGENERATE = [("XXII", 0.9), ("IIXX", 0.9), ("IZZI", 0.7), ("ZIIZ", -0.4), ("YIII", 0.3)]


@pytest.mark.parametrize(("a", "b"), AFFINE)
def test_a_degenerate_ground_state_of_the_mixing_family_is_the_same_in_every_unit(a, b):
    def spec(a, b):
        terms = [["IIII", b], *([string, a * weight] for string, weight in DEGENERATE)]
        ansatz = {"name": "hamiltonian_variational", "layers": 1}
        return vqe(1.0, 0.0, "spsa", hamiltonian={"terms": terms}, ansatz=ansatz)

    assert_same_course(run(spec(1.0, 0.0)), run(spec(a, b)), a, b)
