"""Arrays that begin on a cache line: a vector on two lines takes two loads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE_BYTES = 64
PADDING = 64  # whole lines in either precision


def empty(shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
    """Uninitialised room."""
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    room = np.empty(n_bytes + LINE_BYTES, dtype=np.uint8)
    first = -room.ctypes.data % LINE_BYTES
    result: NDArray[Any] = room[first : first + n_bytes].view(dtype).reshape(shape)
    return result


def rows(count: int, size: int, dtype: Any) -> NDArray[Any]:
    """Uninitialised rows, not a power of two apart: lines of a cache that compete would be read together."""
    return empty((count, size + PADDING), dtype)[:, :size]


def copy(values: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """The values in dtype."""
    result = empty(values.shape, dtype)
    result[...] = values
    return result
