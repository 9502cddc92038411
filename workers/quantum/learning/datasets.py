"""Named datasets, without importing scikit-learn (which takes two seconds).

Measured datasets are read from the files shipped with scikit-learn; synthetic ones repeat its recipes and
equal the results of its `make_*` functions for `random_state` = seed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novacron.specs.table import NamedData
from workers.runtime.outcome import UserError

Float = NDArray[np.float64]
Codes = NDArray[np.int64]
Table = tuple[Float, Codes, list[Any]]

_FILES = {"iris": "iris.csv", "wine": "wine_data.csv", "breast_cancer": "breast_cancer.csv"}


def load(data: NamedData, seed: int) -> Table:
    """Load a named dataset.

    Args:
        data: its name; for synthetic ones also its parameters.
        seed: seed of synthetic ones, taken modulo 2**32.

    Returns:
        Features, shape (samples, features); class codes, shape (samples,); class names by code. The rows of
        synthetic datasets are shuffled, those of measured ones in file order.
    """
    name = data.name
    if name in _FILES:
        return _read(name)
    # RandomState, which NumPy keeps frozen, is the generator that scikit-learn uses.
    x, y = _RECIPES[name](data, data.n_samples, np.random.RandomState(seed % 2**32))
    return x, y.astype(np.int64), list(range(int(np.max(y)) + 1))


def _read(name: str) -> Table:
    """Read a measured dataset's file: a line `samples,features,classes...`, then rows ending in the class."""
    package = find_spec("sklearn")
    if package is None or not package.submodule_search_locations:
        raise UserError(f"data.name = {name!r} needs scikit-learn on the worker")
    path = Path(package.submodule_search_locations[0]) / "datasets" / "data" / _FILES[name]
    with path.open(encoding="utf-8") as file:
        classes: list[Any] = file.readline().strip().split(",")[2:]
        rows = np.loadtxt(file, delimiter=",", ndmin=2)
    return rows[:, :-1].copy(), rows[:, -1].astype(np.int64), classes


def _moons(data: NamedData, n: int, rng: np.random.RandomState) -> tuple[Float, Codes]:
    outer, inner = np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)
    x = np.concatenate([np.cos(outer), 1 - np.cos(inner)])
    y = np.concatenate([np.sin(outer), 1 - np.sin(inner) - 0.5])
    codes = np.repeat([0, 1], [len(outer), len(inner)])
    return _shuffled(np.stack([x, y], axis=1), codes, data.noise or 0.0, rng)


def _circles(data: NamedData, n: int, rng: np.random.RandomState) -> tuple[Float, Codes]:
    outer = np.linspace(0, 2 * np.pi, n // 2, endpoint=False)
    inner = np.linspace(0, 2 * np.pi, n - n // 2, endpoint=False)
    factor = data.factor or 0.0
    x = np.concatenate([np.cos(outer), np.cos(inner) * factor])
    y = np.concatenate([np.sin(outer), np.sin(inner) * factor])
    codes = np.repeat([0, 1], [len(outer), len(inner)])
    return _shuffled(np.stack([x, y], axis=1), codes, data.noise or 0.0, rng)


def _blobs(data: NamedData, n: int, rng: np.random.RandomState) -> tuple[Float, Codes]:
    n_classes, n_features = data.class_count, data.n_features
    centres = rng.uniform(-10, 10, size=(n_classes, n_features))
    counts = [n // n_classes + (k < n % n_classes) for k in range(n_classes)]
    clouds = zip(counts, centres, strict=True)
    x = np.concatenate([rng.normal(loc=centre, scale=1.0, size=(k, n_features)) for k, centre in clouds])
    return _shuffled(x, np.repeat(np.arange(n_classes), counts), 0.0, rng)


def _shuffled(x: Float, codes: Codes, noise: float, rng: np.random.RandomState) -> tuple[Float, Codes]:
    order = np.arange(len(x))
    rng.shuffle(order)
    x, codes = x[order], codes[order]
    return (x + rng.normal(scale=noise, size=x.shape) if noise else x), codes


_RECIPES: dict[str, Callable[[NamedData, int, np.random.RandomState], tuple[Float, Codes]]] = {
    "moons": _moons,
    "circles": _circles,
    "blobs": _blobs,
}
