"""Detector error models as matrices."""

import numpy as np
import stim

from workers.quantum.qec import faults


def test_columns_are_the_faults_of_the_model():
    model = stim.DetectorErrorModel("error(0.1) D0 D1 L9\nerror(0.2) D1 ^ D1 D2\nerror(0.3) D2 L0")
    found = faults.of(model)
    assert found.detectors.toarray().tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
    assert list(found.probabilities) == [0.1, 0.2, 0.3]
    chosen = np.array([[1, 0, 0], [1, 1, 1], [0, 1, 0]], dtype=np.uint8)
    assert found.predictions(chosen).tolist() == [[0, 2], [1, 2], [0, 0]]
