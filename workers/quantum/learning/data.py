"""From a job's `data` to what a classifier learns from: read, split, scaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.quantum.kernel_blocks import sample_count, split_sizes
from workers.quantum.learning import datasets, scaling
from workers.runtime.outcome import UserError

Float = NDArray[np.float64]
Codes = NDArray[np.int64]
Label = str | int | float | bool

# First numbers of spawn keys, far from those of the variational loops.
_SUBSET, _SPLIT = 101, 102


@dataclass(frozen=True)
class Dataset:
    """Labelled samples in two parts.

    Attributes:
        x_train: angles in [0, pi], shape (training samples, features).
        y_train: class codes, shape (training samples,).
        x_test: shape (test samples, features).
        y_test: shape (test samples,).
        classes: the label of each code, sorted.
        train_rows: which samples of the data the training rows are, ascending.
        test_rows: likewise.
        scaling: how the angles were made; apply it to new samples.
        names: of the original features; None where they have none.
        constant: the original features that do not change within the training part.
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
        """Features after the reduction, hence qubits of the feature maps."""
        return int(self.x_train.shape[1])

    def doubts(self) -> list[str]:
        """What a user should know of the training part."""
        if not self.constant:
            return []
        names = [repr(self.names[at]) if self.names else f"feature {at}" for at in self.constant]
        one = len(names) == 1
        which = f"column {names[0]} is" if one else f"columns {', '.join(names)} are"
        cure = "it tells nothing and costs a qubit" if one else "they tell nothing and cost a qubit each"
        return [f"{which} constant in the training part: {cure}; leave {'it' if one else 'them'} out"]

    def doubts_of(self, predicted: Codes) -> list[str]:
        """What a user should know of the predictions for the test samples."""
        there = set(self.y_test.tolist())
        if len(there) < 2 or len(set(predicted.tolist())) > 1:
            return []
        return [
            f"every test sample is predicted to be {self.labels(predicted[:1])[0]!r}: nothing is told apart"
        ]

    def labels(self, codes: Codes) -> list[Label]:
        """The labels of class codes, in the form they had in the data."""
        return [self.classes[code] for code in codes.tolist()]


def load(spec: Mapping[str, Any]) -> Dataset:
    """The data of a quantum_ml job: deterministic in (data, test_fraction, seed).

    Args:
        spec: a canonical spec; reads `data`, `test_fraction` (default 0.3) and `seed` (default 0).

    Raises:
        UserError: when the data cannot be used: which field, and why.
    """
    data, seed = spec["data"], int(spec.get("seed") or 0)
    fraction = spec.get("test_fraction")
    x, codes, classes = _inline(data) if "features" in data else datasets.load(data, seed)
    if len(x) > (wanted := sample_count(data)):
        kept = stratified(codes, wanted, _generator(seed, _SUBSET))
        x, codes = x[kept], codes[kept]
    n_test = split_sizes(len(x), 0.3 if fraction is None else float(fraction))[1]
    _check_split(codes, n_test)
    test = stratified(codes, n_test, _generator(seed, _SPLIT), left=1)
    train = np.setdiff1d(np.arange(len(x)), test)
    scale = scaling.fit(x[train], _n_features(data, x.shape[1]), data.get("scale") or "minmax")
    return Dataset(
        x_train=scale.apply(x[train]),
        y_train=codes[train],
        x_test=scale.apply(x[test]),
        y_test=codes[test],
        classes=classes,
        train_rows=train,
        test_rows=test,
        scaling=scale,
        names=data.get("feature_names"),
        constant=np.flatnonzero(scaling.constant(x[train])).tolist(),
    )


def stratified(codes: Codes, n: int, rng: np.random.Generator, left: int = 0) -> Codes:
    """Draw n samples, each class in proportion.

    Shares are rounded by largest remainder, ties to the lower code, so the total is exactly n.

    Args:
        codes: class codes 0, 1, ..., each of them present, shape (samples,).
        n: how many; at most what `left` allows.
        rng: decides which.
        left: samples of each class that must stay behind.

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


def _check_split(codes: Codes, n_test: int) -> None:
    n_classes = len(np.unique(codes))
    if n_classes < 2:
        raise UserError(f"data: the {len(codes)} samples chosen are of one class; two at least are needed")
    if n_test > len(codes) - n_classes:
        raise UserError(
            f"test_fraction: {n_test} of {len(codes)} samples for the test leave no training sample for some"
            f" of the {n_classes} classes; lower it or give more samples"
        )


def _inline(data: Mapping[str, Any]) -> datasets.Table:
    features, labels = data["features"], data.get("labels")
    if not isinstance(labels, Sequence) or len(labels) != len(features):
        raise UserError(
            f"data.labels: {len(labels or ())} for {len(features)} rows of data.features; give one a row"
        )
    try:
        x = np.asarray(features, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"data.features: rows of equal length made of numbers are needed ({error})") from None
    if x.ndim != 2 or 0 in x.shape:
        raise UserError(f"data.features: a table of samples by features is needed, not shape {x.shape}")
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise UserError(f"data.features[{row}][{column}] = {x[row, column]}: only finite numbers can be used")
    classes = _classes(labels)
    code_of = {label: code for code, label in enumerate(classes)}
    return x, np.array([code_of[label] for label in labels], dtype=np.int64), classes


def _classes(labels: Sequence[Label]) -> list[Label]:
    found = set(labels)
    if len(found) < 2:
        raise UserError(f"data.labels: at least two classes are needed, found {len(found)}")
    text = any(isinstance(label, str) for label in found)
    classes = sorted(found, key=str) if text else sorted(found)
    if 2 * len(classes) > len(labels):
        raise UserError(
            f"data.labels: {len(classes)} different labels in {len(labels)} samples; classes are needed,"
            " with two samples each at least, not a measured quantity"
        )
    return classes


def _n_features(data: Mapping[str, Any], there: int) -> int | None:
    wanted = data.get("n_features")
    if wanted is not None and not 1 <= wanted <= there:
        raise UserError(f"data.n_features = {wanted}: the data has {there} features; give 1 to {there}")
    return None if wanted is None else int(wanted)


def _generator(seed: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(purpose,))))
