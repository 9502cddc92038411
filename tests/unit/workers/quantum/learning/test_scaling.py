import numpy as np
from sklearn.decomposition import PCA

from workers.quantum.learning import scaling


def test_principal_directions_are_scikit_learns_up_to_sign():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 6)) @ rng.normal(size=(6, 6))
    z = x - x.mean(axis=0)
    ours, theirs = scaling.principal(z, 4), PCA(4).fit(x).components_
    np.testing.assert_allclose(np.abs(np.sum(ours * theirs, axis=1)), 1.0)
    assert (ours[np.arange(4), np.abs(ours).argmax(axis=1)] > 0).all()


def test_more_components_than_samples_are_still_orthonormal():
    z = np.array([[1.0, 2.0, 3.0, 4.0], [-1.0, -2.0, -3.0, -4.0]])
    directions = scaling.principal(z, 3)
    np.testing.assert_allclose(directions @ directions.T, np.eye(3), atol=1e-12)


def test_keeping_all_features_mixes_none():
    x = np.array([[0.0, 10.0], [1.0, 30.0], [0.5, 20.0]])
    fitted = scaling.fit(x, 2, "minmax")
    assert fitted.components is None
    np.testing.assert_allclose(fitted.apply(x), np.pi * np.array([[0, 0], [1, 1], [0.5, 0.5]]), atol=1e-12)


def test_new_samples_outside_the_training_range_are_clipped():
    fitted = scaling.fit(np.array([[0.0], [1.0]]), None, "minmax")
    np.testing.assert_allclose(fitted.apply(np.array([[-5.0], [0.25], [9.0]])).ravel(), [0, np.pi / 4, np.pi])
