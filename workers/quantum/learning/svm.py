"""Support vector machines on a precomputed kernel matrix.

Importing this takes two seconds (scikit-learn): import it only where a machine is trained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

from novacron.json_types import JsonObject
from workers.quantum.learning.decision import Machine

Float = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Fitted:
    """A trained machine, one against one for more than two classes.

    Attributes:
        train_codes: predicted class codes of the training samples.
        test_codes: predicted class codes of the test samples.
        support: indices of the support vectors among the training samples.
        machine: the decision function.
        diagonal_shift: shift of the diagonal that made the kernel positive semidefinite.
    """

    train_codes: Codes
    test_codes: Codes
    support: Codes
    machine: Machine
    diagonal_shift: float

    def as_json(self) -> JsonObject:
        """Return the machine itself as JSON, without its predictions."""
        return {
            "support_vectors": self.support.tolist(),
            "dual_coefficients": self.machine.dual.tolist(),
            "intercepts": self.machine.intercept.tolist(),
            "diagonal_shift": self.diagonal_shift,
        }


def fit(train: Float, y_train: Codes, test: Float, c: float, least_eigenvalue: float) -> Fitted:
    """Train on one kernel matrix and predict; deterministic.

    Shot noise can make a kernel indefinite, for which the dual problem has no unique solution; the diagonal
    is then shifted by the smallest eigenvalue, which leaves every prediction's kernel row as measured.

    Args:
        train: symmetric, shape (n_train, n_train).
        y_train: class codes, shape (n_train,).
        test: shape (n_test, n_train).
        c: penalty of a margin violation.
        least_eigenvalue: smallest eigenvalue of `train`.

    Source: Cortes and Vapnik, Machine Learning 20, 273 (1995); shift: Hubregtsen et al., Physical Review A
    106, 042431 (2022), section on Tikhonov regularisation.
    """
    # Rounding alone yields eigenvalues this far below zero.
    shift = -least_eigenvalue if least_eigenvalue < -1e-10 * len(train) else 0.0
    machine = SVC(C=c, kernel="precomputed").fit(train + shift * np.eye(len(train)), y_train)
    support = machine.support_.astype(np.int64)
    decides = Machine(y_train[support], machine.dual_coef_, machine.intercept_)
    return Fitted(
        train_codes=decides.predict(train[:, support]),
        test_codes=decides.predict(test[:, support]),
        support=support,
        machine=decides,
        diagonal_shift=shift,
    )


def accuracy(codes: Codes, truth: Codes) -> float | None:
    """Return the fraction of correct predictions; None if there are none."""
    return float((codes == truth).mean()) if len(truth) else None
