"""Trained models predict from their JSON what training predicted."""

import json
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import SVC

from novacron.specs import QML
from shared import functions
from testing.contexts import context
from testing.specs import part
from workers.operations.quantum import kernel_svm
from workers.quantum.classical import predict
from workers.quantum.learning import data, datasets, kernel, scaling, trained
from workers.quantum.learning.decision import Machine


def spec(**changes):
    fields = {"data": {"name": "iris"}, "model": "kernel_svm", "seed": 7} | changes
    return QML(**fields).model_dump(mode="json")


def raw_test_rows(job, result):
    named = part(data=job["data"])
    x, codes, _ = datasets.load(named, job["seed"])
    wanted = named.n_samples
    if len(x) > wanted:
        kept = data.stratified(codes, wanted, data._generator(job["seed"], data._SUBSET))
        x = x[kept]
    return x[result["test_rows"]]


def predicted(model, rows):
    arguments: predict.Arguments = {"model": json.loads(json.dumps(model)), "features": rows}
    assert functions.check("predict", arguments) == arguments
    return predict.run(arguments, 0, lambda: None)


@pytest.mark.parametrize("shots", [None, 32])
@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"name": "iris"}, "model": {"name": "kernel_svm", "feature_map": "angle", "layers": 1}},
        {"data": {"name": "wine", "n_features": 4}},
        {"data": {"name": "breast_cancer", "n_features": 5, "n_samples": 90, "scale": "standard"}},
        {"data": {"name": "blobs", "n_classes": 5, "n_samples": 70, "scale": "none"}},
        {"data": {"name": "moons"}, "model": {"name": "kernel_svm", "bandwidth": 0.5}},
    ],
)
def test_predicting_the_test_rows_gives_the_predictions_of_the_result(changes, shots):
    job = spec(shots=shots, **changes)
    result = kernel_svm.fused(context(job)).value
    rows = raw_test_rows(job, result).tolist()
    assert predicted(result["model"], rows)["predictions"] == result["predictions"]
    one_by_one = [predicted(result["model"], [row])["predictions"][0] for row in rows]
    assert one_by_one == result["predictions"], "a row's class depends on nothing else"


def test_the_model_keeps_no_more_samples_than_it_needs():
    exact, drawn = (kernel_svm.fused(context(spec(shots=shots))).value for shots in (None, 64))
    assert len(exact["model"]["samples"]) == len(exact["support_vectors"]) < 105
    assert len(drawn["model"]["samples"]) == 105


@pytest.mark.parametrize("n_classes", [2, 3, 4, 6])
def test_decisions_are_scikit_learns(n_classes):
    rng = np.random.default_rng(n_classes)
    y = np.arange(90) % n_classes
    x = rng.normal(size=(90, 3)) + y[:, None]
    gram, new = x @ x.T, rng.normal(size=(200, 3)) + rng.integers(0, n_classes, (200, 1))
    theirs = SVC(C=0.5, kernel="precomputed").fit(gram, y)
    machine = Machine(y[theirs.support_], theirs.dual_coef_, theirs.intercept_)
    rows = new @ x.T
    assert np.array_equal(machine.predict(rows[:, theirs.support_]), theirs.predict(rows))
    assert len(list(combinations(range(n_classes), 2))) == len(theirs.intercept_)


def test_the_kernel_matrix_is_in_the_result_up_to_its_limit(monkeypatch):
    job = spec(data={"name": "iris", "n_samples": 40})
    result = kernel_svm.fused(context(job)).value
    train, test = (np.array(result["kernel"][part]) for part in ("train", "test"))
    assert train.shape == (28, 28) and test.shape == (12, 28)
    assert np.array_equal(train, train.T) and np.array_equal(np.diag(train), np.ones(28))
    monkeypatch.setattr(kernel, "LISTED", 28 * 40 - 1)
    assert kernel_svm.fused(context(job)).value["kernel"]["train"] is None


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.floats(-1e6, 1e6), min_size=n, max_size=n), min_size=2, max_size=12)
    ),
    st.sampled_from(["minmax", "standard", "none"]),
)
@settings(deadline=None, max_examples=60)
def test_scaling_comes_back_from_json_and_takes_each_row_by_itself(rows, method):
    x = np.array(rows)
    fitted = scaling.fit(x, None, method)
    again = scaling.of_json(json.loads(json.dumps(fitted.as_json())))
    whole = fitted.apply(x)
    assert np.array_equal(again.apply(x), whole)
    assert np.array_equal(np.concatenate([again.apply(row[None]) for row in x]), whole)
    assert np.isfinite(whole).all()


def test_samples_beyond_the_training_range_are_counted():
    result = kernel_svm.fused(context(spec(data={"name": "moons"}))).value
    found = predicted(result["model"], [[0.0, 0.0], [1e6, 0.0], [0.5, -1e6]])
    assert found["n_outside"] == 2 and found["classes"] == [0, 1]


def test_an_unknown_model_is_refused():
    with pytest.raises(Exception, match="must be kernel_svm or"):
        trained.predictor(json.loads('{"name": "perceptron"}'))
