"""The result of a variational classifier: the trained circuit, evaluated on both parts of the data."""

from __future__ import annotations

import numpy as np

from novacron.specs import QML
from workers.quantum.learning import trained
from workers.quantum.learning.svm import accuracy
from workers.quantum.variational.build import classifier
from workers.quantum.variational.conclusion import loops, summary
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def conclude_classifier(context: Context[QML]) -> Done:
    """Predict with the parameters of the lowest loss; inputs: the LoopResult of the training loop."""
    ends = loops(context)
    best, classifying = ends[0], classifier(context.spec)
    data, point = classifying.data, np.array(best.point)
    train = classifying.predict(point, data.x_train)
    context.checkpoint()
    test = classifying.predict(point, data.x_test)
    for doubt in (*data.doubts(), *data.doubts_of(test)):
        context.warn(doubt)
    return Done(
        {
            "train_accuracy": accuracy(train, data.y_train),
            "test_accuracy": accuracy(test, data.y_test),
            "loss": best.value,
            "predictions": data.labels(test),
            "test_labels": data.labels(data.y_test),
            "test_rows": data.test_rows.tolist(),
            "train_rows": data.train_rows.tolist(),
            "classes": data.classes,
            "parameters": best.point,
            "n_parameters": len(best.point),
            "n_qubits": classifying.map.n_qubits,
            "std_error": None,  # the loss is exact
            "scaling": data.scaling.as_json(),
            "model": trained.describe(context.spec, data, {"parameters": best.point}),
            **summary(context, ends, "loss"),
        }
    )
