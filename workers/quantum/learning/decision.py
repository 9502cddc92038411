"""Decision function of a trained support vector machine, without scikit-learn.

Source: Chang and Lin, "LIBSVM", ACM TIST 2, 27 (2011), section 7 (one against one).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Codes = NDArray[np.int64]

TIE = 1e-12
"""Decisions below this fraction of their summands count as 0: BLAS products differ by rounding."""


@dataclass(frozen=True)
class Machine:
    """Decision function parameters, one against one for more than two classes, in scikit-learn's layout.

    Attributes:
        codes: class code of each support vector, shape (support vectors,).
        dual: y * alpha, shape (classes - 1, support vectors).
        intercept: shape (classes * (classes - 1) / 2,).
    """

    codes: Codes
    dual: Float
    intercept: Float

    def predict(self, rows: Float) -> Codes:
        """Predict class codes: the class with most votes, the lower code on ties.

        Args:
            rows: kernel values with the support vectors, shape (samples, support vectors).

        Returns:
            Shape (samples,).
        """
        n_classes = len(self.dual) + 1
        # For two classes scikit-learn returns the decision of the second against the first.
        sign = -1.0 if n_classes == 2 else 1.0
        votes = np.zeros((len(rows), n_classes), dtype=np.int64)
        for pair, (first, second) in enumerate(combinations(range(n_classes), 2)):
            weights = np.where(self.codes == first, self.dual[second - 1], 0.0)
            weights += np.where(self.codes == second, self.dual[first], 0.0)
            decision = sign * (rows @ weights + self.intercept[pair])
            tie = TIE * (float(np.abs(weights).sum()) + abs(float(self.intercept[pair])))
            votes[np.arange(len(rows)), np.where(decision > tie, first, second)] += 1
        return votes.argmax(axis=1).astype(np.int64)
