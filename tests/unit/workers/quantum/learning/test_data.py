import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import QML
from shared.quantum.kernel_blocks import split_sizes
from testing import specs

IRIS = {"name": "iris", "n_samples": 150, "n_features": 4}


def load(given, fraction=0.3, seed=1):
    return specs.load(given, fraction, seed)


def test_the_parts_are_disjoint_complete_and_stratified():
    dataset = load(IRIS)
    assert sorted([*dataset.train_rows, *dataset.test_rows]) == list(range(150))
    assert np.bincount(dataset.y_test).tolist() == [15, 15, 15]
    assert dataset.classes == ["setosa", "versicolor", "virginica"]
    assert dataset.labels(np.array([2, 0])) == ["virginica", "setosa"]


def test_the_seed_decides_the_split():
    one, again, other = load(IRIS, seed=1), load(IRIS, seed=1), load(IRIS, seed=2)
    assert np.array_equal(one.x_train, again.x_train)
    assert not np.array_equal(one.test_rows, other.test_rows)


def test_angles_span_the_range_on_the_training_part_and_never_leave_it():
    dataset = load({"name": "wine", "n_samples": 178, "n_features": 5})
    assert dataset.n_features == 5
    np.testing.assert_allclose(dataset.x_train.min(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(dataset.x_train.max(axis=0), math.pi)
    assert dataset.x_test.min() >= 0 and dataset.x_test.max() <= math.pi


def test_test_samples_do_not_influence_the_scaling():
    rows = [[float(i), float(i % 3)] for i in range(20)]
    labels = [i % 2 for i in range(20)]
    before = load({"features": rows, "labels": labels})
    changed = [[1e6, -1e6] if i in before.test_rows else row for i, row in enumerate(rows)]
    after = load({"features": changed, "labels": labels})
    assert np.array_equal(before.x_train, after.x_train)
    assert after.scaling.as_json() == before.scaling.as_json()


def test_a_smaller_measured_dataset_keeps_the_proportions():
    dataset = load({"name": "breast_cancer", "n_samples": 100, "n_features": 2})
    codes = np.concatenate([dataset.y_train, dataset.y_test])
    assert np.bincount(codes).tolist() == [37, 63]  # 212 and 357 of 569


def test_labels_may_be_text_and_come_back_as_given():
    dataset = load({"features": [[i] for i in range(8)], "labels": ["b", "a"] * 4}, fraction=0.5)
    assert dataset.classes == ["a", "b"]
    assert dataset.labels(dataset.y_train) == [["b", "a"][row % 2] for row in dataset.train_rows]


def test_a_constant_feature_becomes_a_constant_angle():
    dataset = load({"features": [[3.0, i] for i in range(8)], "labels": [0, 1] * 4})
    assert not dataset.x_train[:, 0].any() and not dataset.x_test[:, 0].any()


@given(
    sizes=st.lists(st.integers(2, 30), min_size=2, max_size=5),
    fraction=st.floats(0.05, 0.6),
    seed=st.integers(0, 2**40),
)
@settings(max_examples=50, deadline=None)
def test_split_has_the_announced_size_and_leaves_every_class_in_training(sizes, fraction, seed):
    labels = [code for code, size in enumerate(sizes) for _ in range(size)]
    n_train, n_test = split_sizes(len(labels), fraction)
    given = {"features": [[float(i)] for i in range(len(labels))], "labels": labels}
    if n_train < len(sizes):
        with pytest.raises(BadInput, match="test_fraction"):
            QML(data=given, model="kernel_svm", test_fraction=fraction)
        return
    dataset = load(given, fraction, seed)
    assert (len(dataset.x_train), len(dataset.x_test)) == (n_train, n_test)
    assert set(dataset.y_train.tolist()) == set(range(len(sizes)))
