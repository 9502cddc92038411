import numpy as np
import pytest
from sklearn import datasets as peer

from testing.specs import part
from workers.quantum.learning import datasets


def load(given, seed):
    return datasets.load(part(data=given), seed)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
def test_measured_datasets_are_scikit_learns(name):
    x, y, classes = load({"name": name}, seed=0)
    theirs = getattr(peer, f"load_{name}")()
    assert np.array_equal(x, theirs.data) and np.array_equal(y, theirs.target)
    assert classes == theirs.target_names.tolist()


@pytest.mark.parametrize("n", [100, 101])
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_moons_and_circles_are_scikit_learns(n, noise):
    moons = load({"name": "moons", "n_samples": n, "noise": noise}, seed=5)
    x, y = peer.make_moons(n, noise=noise, random_state=5)
    np.testing.assert_allclose(moons[0], x, atol=1e-14)
    assert np.array_equal(moons[1], y)
    circles = load({"name": "circles", "n_samples": n, "noise": noise, "factor": 0.4}, seed=5)
    x, y = peer.make_circles(n, noise=noise, factor=0.4, random_state=5)
    np.testing.assert_allclose(circles[0], x, atol=1e-14)
    assert np.array_equal(circles[1], y)


def test_blobs_are_scikit_learns():
    x, y, classes = load({"name": "blobs", "n_samples": 50, "n_classes": 4, "n_features": 3}, seed=11)
    theirs = peer.make_blobs(50, n_features=3, centers=4, random_state=11)
    np.testing.assert_allclose(x, theirs[0], atol=1e-14)
    assert np.array_equal(y, theirs[1]) and classes == [0, 1, 2, 3]


def test_a_seed_wider_than_32_bits_is_taken_modulo():
    data = {"name": "moons", "n_samples": 10, "noise": 0.1}
    assert np.array_equal(load(data, 2**32 + 3)[0], load(data, 3)[0])
