import functools

import numpy as np
import pytest

from novacron.errors import BadInput
from testing.specs import objective, replay
from workers.quantum.objective import Request, measure
from workers.quantum.variational.classifier import Classifier
from workers.quantum.variational.replay import entry_of
from workers.quantum.variational.trainable import Trainable


def spec(n_samples=60, n_classes=2, n_features=2, **model):
    rng = np.random.default_rng(5)
    labels = [k % n_classes for k in range(n_samples)]
    features = [
        (rng.normal(0.0, 0.3, n_features) + np.roll([2.0, *[0.0] * (n_features - 1)], k)).tolist()
        for k in labels
    ]
    return {
        "kind": "quantum_ml",
        "data": {"features": features, "labels": [f"class{k}" for k in labels]},
        "model": {"name": "variational_classifier", "feature_map": "angle", "layers": 1, **model},
        "test_fraction": 0.25,
        "seed": 3,
    }


def built(**options) -> Classifier:
    made: Classifier = objective(spec(**options))
    return made


def point_of(target, seed=0):
    return target.initial_point(0, np.random.default_rng(seed)) + 0.1


def dense_circuit(n, layers, angles):
    """RZ then RY on every qubit, CZ in a ring between columns, from Kronecker products."""

    def on(q, gate):
        return functools.reduce(np.kron, [gate if k == q else np.eye(2) for k in range(n)])

    cz = np.eye(2**n)
    for a, b in {tuple(sorted((q, (q + 1) % n))) for q in range(n)} if n > 1 else ():
        cz = cz @ np.diag([1 - 2 * ((i >> (n - 1 - a)) & (i >> (n - 1 - b)) & 1) for i in range(2**n)])
    total, rest = np.eye(2**n), iter(angles)
    for column in range(layers + 1):
        if column:
            total = cz @ total
        for q in range(n):
            a, b = next(rest), next(rest)
            rz = np.diag(np.exp([-0.5j * a, 0.5j * a]))
            ry = np.array([[np.cos(b / 2), -np.sin(b / 2)], [np.sin(b / 2), np.cos(b / 2)]])
            total = on(q, ry @ rz) @ total
    return total


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_circuit_is_its_dense_matrix(n):
    rng = np.random.default_rng(n)
    circuit = Trainable(n, 2)
    angles = rng.normal(size=circuit.n_parameters)
    assert circuit.n_parameters == 6 * n
    columns = circuit.run(angles, np.eye(2**n, dtype=np.complex128))
    assert np.allclose(columns.T, dense_circuit(n, 2, angles), atol=1e-12)


def test_gradients_of_weighted_probabilities_match_differences():
    rng = np.random.default_rng(0)
    circuit = Trainable(3, 2)
    states = rng.normal(size=(5, 8)) + 1j * rng.normal(size=(5, 8))
    weights, angles = rng.normal(size=(5, 8)), rng.normal(size=circuit.n_parameters)

    def value(at):
        return float((weights * np.abs(circuit.run(at, states)) ** 2).sum())

    found = circuit.gradient(angles, circuit.run(angles, states), weights)
    steps = 1e-5 * np.eye(angles.size)
    assert np.allclose(found, [(value(angles + s) - value(angles - s)) / 2e-5 for s in steps], atol=1e-6)


@pytest.mark.parametrize(("n_classes", "n_features"), [(2, 1), (2, 3), (3, 2), (3, 3)])
def test_the_loss_is_the_cross_entropy_of_its_scores_and_its_gradient_that_of_differences(
    n_classes, n_features
):
    target = built(n_samples=24, n_classes=n_classes, n_features=n_features)
    point = point_of(target)
    found = measure(target, Request(0, 0, point, True))
    assert found.gradient is not None
    for k in range(point.size):
        step = 1e-5 * np.eye(point.size)[k]
        sides = [measure(target, Request(0, 0, point + s * step, False)).value for s in (1, -1)]
        assert found.gradient[k] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-7)


def test_binary_scores_follow_the_first_qubit():
    target = built(n_samples=12, n_features=2)
    point = point_of(target)
    angles, scale, bias = point[:-2], point[-2], point[-1]
    states = target.map.states(target.data.x_train)
    final = states @ dense_circuit(2, 1, angles).T
    z = (np.abs(final) ** 2) @ np.array([1, 1, -1, -1])
    score = scale * z + bias
    losses = np.where(target.data.y_train == 0, np.log1p(np.exp(-score)), np.log1p(np.exp(score)))
    assert measure(target, Request(0, 0, point, False)).value == pytest.approx(losses.mean(), abs=1e-12)
    assert np.array_equal(target.predict(point, target.data.x_train), (score < 0).astype(int))


def test_shards_are_fixed_and_may_be_run_anywhere():
    target = built(n_samples=400)
    request = Request(0, 0, point_of(target), True)
    assert target.units(request) == 3
    parts = {unit: built(n_samples=400).run_unit(request, unit) for unit in (2, 0, 1)}
    again, whole = target.combine(request, [parts[k] for k in range(3)]), measure(target, request)
    assert again.value == whole.value
    assert again.gradient is not None and whole.gradient is not None
    assert np.array_equal(again.gradient, whole.gradient)


@pytest.mark.parametrize(
    "optimizer", [{"name": "adam", "max_iterations": 60}, {"name": "lbfgs", "max_iterations": 40}]
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_training_separates_separated_classes(optimizer, n_classes):
    target = built(n_classes=n_classes, n_features=3, layers=2)

    def live(requests):
        return [entry_of(request, measure(target, request), target.constant) for request in requests]

    end = replay(target, optimizer, 1, 0, [], live)
    point = np.array(end.point)
    assert (target.predict(point, target.data.x_train) == target.data.y_train).mean() > 0.9
    assert (target.predict(point, target.data.x_test) == target.data.y_test).mean() > 0.8


def test_what_cannot_be_trained_is_refused():
    with pytest.raises(BadInput, match="trained on exact expectations"):
        objective({**spec(), "shots": 100})
    with pytest.raises(BadInput, match="4 classes are too many for 1 qubits"):
        built(n_classes=4, n_features=1)
    assert built().predict(point_of(built()), np.zeros((0, 2))).shape == (0,)


def test_cost_grows_with_samples_and_gradient():
    small, large = built(n_samples=20), built(n_samples=400)
    point = point_of(small)
    costs = [t.cost_s(Request(0, 0, point, g)) for t, g in ((small, False), (small, True), (large, True))]
    assert 0 < costs[0] < costs[1] < costs[2]
