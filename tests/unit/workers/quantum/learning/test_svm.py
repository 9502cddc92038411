import numpy as np
import pytest
from sklearn.svm import SVC

from workers.quantum.classical.kernel_svm_rbf import gaussian
from workers.quantum.learning import svm


def cloud(seed, n_classes=2):
    rng = np.random.default_rng(seed)
    y = np.arange(60) % n_classes
    return rng.normal(size=(60, 2)) + 2 * y[:, None], y


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_precomputed_kernel_gives_what_scikit_learns_own_kernel_gives(n_classes):
    x, y = cloud(1, n_classes)
    fitted = svm.fit(gaussian(x, x, 0.7), y, gaussian(x[:9], x, 0.7), 2.0, 0.0)
    theirs = SVC(C=2.0, kernel="rbf", gamma=0.7).fit(x, y)
    assert fitted.support.tolist() == theirs.support_.tolist()
    np.testing.assert_allclose(fitted.machine.dual, theirs.dual_coef_, atol=1e-6)
    np.testing.assert_allclose(fitted.machine.intercept, theirs.intercept_, atol=1e-6)
    assert np.array_equal(fitted.train_codes, theirs.predict(x))
    assert np.array_equal(fitted.test_codes, theirs.predict(x[:9]))


def test_an_indefinite_kernel_is_shifted_to_the_edge_and_still_fits():
    x, y = cloud(2)
    train = gaussian(x, x, 0.7) + 0.05 * np.random.default_rng(0).normal(size=(60, 60))
    train = (train + train.T) / 2
    least = float(np.linalg.eigvalsh(train)[0])
    fitted = svm.fit(train, y, train[:5], 1.0, least)
    assert fitted.diagonal_shift == -least > 0
    assert (fitted.train_codes == y).mean() > 0.8


def test_rounding_below_zero_is_not_a_reason_to_shift():
    x, y = cloud(3)
    assert svm.fit(gaussian(x, x, 0.7), y, gaussian(x, x, 0.7), 1.0, -1e-12).diagonal_shift == 0


def test_accuracy_of_no_question_is_none():
    nothing = np.empty(0, dtype=np.int64)
    assert svm.accuracy(nothing, nothing) is None
    assert svm.accuracy(np.array([1, 0, 1]), np.array([1, 1, 1])) == pytest.approx(2 / 3)


def test_no_test_samples_is_no_error():
    x, y = cloud(4)
    assert len(svm.fit(gaussian(x, x, 1.0), y, np.empty((0, 60)), 1.0, 0.0).test_codes) == 0
