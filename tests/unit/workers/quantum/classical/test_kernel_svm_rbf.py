import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC

from novacron.json_types import JsonObject
from testing.specs import load
from workers.quantum.classical import kernel_svm_rbf

IRIS: JsonObject = {"name": "iris", "n_samples": 150, "n_features": 4}


@pytest.mark.parametrize("gamma", [None, 0.5])
def test_it_is_scikit_learns_machine_on_the_same_split(gamma):
    arguments: kernel_svm_rbf.Arguments = {"data": IRIS, "test_fraction": 0.3, "C": 1.0, "gamma": gamma}
    found = kernel_svm_rbf.run(arguments, 5, lambda: None)
    dataset = load(IRIS, 0.3, 5)
    theirs = SVC(C=1.0, kernel="rbf", gamma="scale" if gamma is None else gamma)
    theirs.fit(dataset.x_train, dataset.y_train)
    assert found["predictions"] == dataset.labels(theirs.predict(dataset.x_test))
    assert found["test_accuracy"] == pytest.approx(theirs.score(dataset.x_test, dataset.y_test))
    assert found["train_accuracy"] == pytest.approx(theirs.score(dataset.x_train, dataset.y_train))


def test_the_gaussian_kernel_is_scikit_learns():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(kernel_svm_rbf.gaussian(x, y, 0.3), rbf_kernel(x, y, 0.3), atol=1e-14)
