"""Prepares a job's `data` for a classifier: load, split, scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novacron.specs.table import InlineData, NamedData
from shared.quantum.kernel_blocks import split_sizes
from workers.quantum.learning import datasets, scaling

Float = NDArray[np.float64]
Codes = NDArray[np.int64]
Label = str | int | float | bool

# First numbers of spawn keys, distinct from those of the variational loops.
_SUBSET, _SPLIT = 101, 102


@dataclass(frozen=True)
class Dataset:
    """Labelled samples, split into training and test part.

    Attributes:
        x_train: angles in [0, pi], shape (training samples, features).
        y_train: class codes, shape (training samples,).
        x_test: shape (test samples, features).
        y_test: shape (test samples,).
        classes: the label of each code, sorted.
        train_rows: indices of the training rows in the data, ascending.
        test_rows: likewise.
        scaling: the scaling to angles; apply it to new samples.
        names: names of the original features; None if they have none.
        constant: the original features that are constant in the training part.
    """

    x_train: Float
    y_train: Codes
    x_test: Float
    y_test: Codes
    classes: list[Label]
    train_rows: Codes
    test_rows: Codes
    scaling: scaling.Scaling
    names: Sequence[str] | None = None
    constant: Sequence[int] = ()

    @property
    def n_features(self) -> int:
        """Number of features after the reduction, hence of qubits of the feature maps."""
        return int(self.x_train.shape[1])

    def doubts(self) -> list[str]:
        """Return warnings about the training part."""
        if not self.constant:
            return []
        names = [repr(self.names[at]) if self.names else f"feature {at}" for at in self.constant]
        one = len(names) == 1
        which = f"column {names[0]} is" if one else f"columns {', '.join(names)} are"
        cure = (
            "it carries no information and costs a qubit"
            if one
            else "they carry no information and cost a qubit each"
        )
        return [f"{which} constant in the training part: {cure}; leave {'it' if one else 'them'} out"]

    def doubts_of(self, predicted: Codes) -> list[str]:
        """Return warnings about the predictions for the test samples."""
        there = set(self.y_test.tolist())
        if len(there) < 2 or len(set(predicted.tolist())) > 1:
            return []
        return [
            f"every test sample is predicted to be {self.labels(predicted[:1])[0]!r}"
            ": the model does not distinguish the classes"
        ]

    def labels(self, codes: Codes) -> list[Label]:
        """Return the labels of class codes, in their original form."""
        return [self.classes[code] for code in codes.tolist()]


def load(data: InlineData | NamedData, test_fraction: float, seed: int) -> Dataset:
    """Load the data of a job; deterministic in its arguments.

    Raises:
        UserError: a named dataset is missing on this machine.
    """
    x, codes, classes = _inline(data) if isinstance(data, InlineData) else datasets.load(data, seed)
    if len(x) > data.n_samples:
        kept = stratified(codes, data.n_samples, _generator(seed, _SUBSET))
        x, codes = x[kept], codes[kept]
    n_test = split_sizes(len(x), test_fraction)[1]
    test = stratified(codes, n_test, _generator(seed, _SPLIT), left=1)
    train = np.setdiff1d(np.arange(len(x)), test)
    scale = scaling.fit(x[train], data.n_features, data.scale)
    return Dataset(
        x_train=scale.apply(x[train]),
        y_train=codes[train],
        x_test=scale.apply(x[test]),
        y_test=codes[test],
        classes=classes,
        train_rows=train,
        test_rows=test,
        scaling=scale,
        names=data.feature_names if isinstance(data, InlineData) else None,
        constant=np.flatnonzero(scaling.constant(x[train])).tolist(),
    )


def stratified(codes: Codes, n: int, rng: np.random.Generator, left: int = 0) -> Codes:
    """Draw n samples, stratified by class.

    Shares are rounded by largest remainder, ties to the lower code, so the total is exactly n.

    Args:
        codes: class codes 0, 1, ..., each of them present, shape (samples,).
        n: number of samples; at most what `left` allows.
        rng: random stream.
        left: samples of each class that must remain.

    Returns:
        Indices in ascending order, shape (n,).
    """
    counts = np.bincount(codes)
    share, most = n * counts / len(codes), counts - left
    taken = np.minimum(np.floor(share).astype(np.int64), most)
    while taken.sum() < n:
        shortfall = np.where(taken < most, share - taken, -np.inf)
        taken[int(np.argmax(shortfall))] += 1
    chosen = [rng.permutation(np.flatnonzero(codes == code))[:k] for code, k in enumerate(taken.tolist())]
    return np.sort(np.concatenate(chosen))


def _inline(data: InlineData) -> datasets.Table:
    found = set(data.labels)
    text = any(isinstance(label, str) for label in found)
    classes: list[Any] = sorted(found, key=str) if text else sorted(found, key=int)
    code_of = {label: code for code, label in enumerate(classes)}
    codes = np.array([code_of[label] for label in data.labels], dtype=np.int64)
    return np.asarray(data.features, dtype=np.float64), codes, classes


def _generator(seed: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(purpose,))))
