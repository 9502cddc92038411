import json

import pytest

from shared.quantum.kernel_blocks import blocks, split_sizes
from testing.contexts import context
from testing.specs import part
from workers.operations.quantum import kernel, kernel_svm
from workers.runtime.outcome import Stopped


def job(**changes):
    return {
        "kind": "quantum_ml",
        "data": {"name": "iris", "n_samples": 150, "n_features": 4},
        "model": {"name": "kernel_svm", "feature_map": "angle", "layers": 1, "C": 1.0},
        "test_fraction": 0.3,
        "shots": None,
        "seed": 7,
    } | changes


@pytest.mark.parametrize("shots", [None, 64])
def test_blocks_as_tasks_and_one_task_give_the_same_bits(shots):
    spec = job(shots=shots, model={"name": "kernel_svm", "feature_map": "zz", "layers": 2, "C": 1.0})
    n_blocks = len(blocks(*split_sizes(part(data=spec["data"]).n_samples, spec["test_fraction"]), 4))
    parts = [
        json.loads(json.dumps(kernel.block(context(spec, {"block": i})).value))
        for i in reversed(range(n_blocks))
    ]
    fanned = kernel_svm.conclude(context(spec, inputs=parts[::-1])).value
    fused = kernel_svm.fused(context(spec)).value
    assert json.dumps(fanned) == json.dumps(fused)


def test_iris_is_learnt():
    result = kernel_svm.fused(context(job())).value
    assert result["train_accuracy"] > 0.9 and result["test_accuracy"] > 0.9
    assert len(result["predictions"]) == len(result["test_labels"]) == 45
    assert set(result["predictions"]) <= {"setosa", "versicolor", "virginica"}
    right = sum(a == b for a, b in zip(result["predictions"], result["test_labels"], strict=True))
    assert result["test_accuracy"] == pytest.approx(right / 45)
    assert len(result["dual_coefficients"]) == 2 and len(result["intercepts"]) == 3
    assert len(result["dual_coefficients"][0]) == len(result["support_vectors"])


def test_a_concentrated_kernel_is_warned_about():
    warnings: list[str] = []
    spec = job(
        data={"name": "breast_cancer", "n_samples": 60, "n_features": 10},
        model={"name": "kernel_svm", "feature_map": "zz", "layers": 2, "C": 1.0},
    )
    kernel_svm.fused(context(spec, warn=warnings.append))
    assert "almost orthogonal" in warnings[0]
    assert "every test sample is predicted to be 'benign'" in warnings[1]
    kernel_svm.fused(context(job(), warn=warnings.append))
    assert len(warnings) == 2


def test_a_kernel_that_tells_nothing_apart_is_warned_about():
    warnings: list[str] = []
    model = {"name": "kernel_svm", "feature_map": "angle", "layers": 1, "C": 1.0, "bandwidth": 1e-3}
    kernel_svm.fused(context(job(model=model), warn=warnings.append))
    assert "are hardly distinguishable" in warnings[0]


def test_a_column_constant_but_for_rounding_is_warned_about_and_no_noise():
    warnings: list[str] = []
    rows = [[k % 2 + 0.01 * k, 0.1 + 1e-17 * k, 1e6 + 1e-7 * (k % 3)] for k in range(40)]
    data = {"features": rows, "labels": [k % 2 for k in range(40)], "feature_names": ["a", "b", "c"]}
    result = kernel_svm.fused(context(job(data=data), warn=warnings.append)).value
    assert warnings == [
        "columns 'b', 'c' are constant in the training part: they carry no information and cost a qubit each;"
        " leave them out"
    ]
    assert result["test_accuracy"] == 1.0
    assert result["scaling"]["low"][1:] == result["scaling"]["high"][1:] == [0.0, 0.0]


def test_a_cancelled_job_stops_between_blocks():
    def checkpoint():
        raise Stopped

    with pytest.raises(Stopped):
        kernel_svm.fused(context(job(), checkpoint=checkpoint))
