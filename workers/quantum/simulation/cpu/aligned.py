"""Arrays aligned to cache lines: a vector that spans two lines takes two loads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE_BYTES = 64
PADDING = 64  # whole lines in either precision


def empty(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Return an uninitialised array."""
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    room = np.empty(n_bytes + LINE_BYTES, dtype=np.uint8)
    first = -room.ctypes.data % LINE_BYTES
    result: NDArray[Any] = room[first : first + n_bytes].view(dtype).reshape(shape)
    return result


def rows(count: int, size: int, dtype: Any) -> NDArray[Any]:
    """Return uninitialised rows whose distance is no power of two, which avoids cache conflicts."""
    return empty((count, size + PADDING), dtype)[:, :size]


def copy(values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Return an aligned copy of the values in dtype."""
    result = empty(values.shape, dtype)
    result[...] = values
    return result
