"""Arrays of numbers in jobs and results: nested lists, or little-endian bytes once there are many numbers.

JSON is slow and large for numbers: 100,000 of them take 88 ms to write as text and 2 ms as base64. Arrays of
up to `LISTED` numbers are nested lists; larger ones are `{"dtype", "shape", "base64"}`, in C order.
"""

from __future__ import annotations

import base64
import binascii
import math
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from novacron.errors import BadInput

LISTED = 1000
"""Largest number of elements that are written as nested lists."""
MAX_DIMENSIONS = 32
KEYS = frozenset({"dtype", "shape", "base64"})


@dataclass(frozen=True, slots=True)
class DType:
    """An element type.

    Attributes:
        type: its code in NumPy's array interface.
        code: code of its values in the `array` module.
        per_element: number of such values in one element.
    """

    type: str
    code: str
    per_element: int = 1

    @property
    def n_bytes(self) -> int:
        """Size of an element."""
        return array(self.code).itemsize * self.per_element


DTYPES = {
    "float64": DType("<f8", "d"), "int64": DType("<i8", "q"), "uint8": DType("|u1", "B"),
    "complex128": DType("<c16", "d", 2),
}  # fmt: skip
"""Element types by NumPy's name; complex numbers are pairs [real, imaginary] in nested lists."""


@dataclass(frozen=True, slots=True, repr=False)
class Array:
    """An array of numbers, independent of NumPy; `numpy.asarray` converts it without copying.

    Attributes:
        dtype: a key of `DTYPES`.
        shape: lengths of the dimensions.
        data: the elements as little-endian bytes, in C order.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, value: Any, field: str = "") -> Array:
        """Return the float64 array of nested lists of finite numbers.

        Raises:
            BadInput: rows of different lengths, or an element that is not a finite number; names its place.
        """
        shape = _shape(value)
        numbers = array("d", _numbers(value, shape, (), field))
        return cls("float64", shape, _little(numbers))

    @classmethod
    def from_json(cls, value: Any, field: str = "") -> Array:
        """Return the array of its JSON form: nested lists of numbers, or an object with base64.

        Raises:
            BadInput: it is neither, or its bytes do not fit its shape.
        """
        return _decoded(value, field) if isinstance(value, Mapping) else cls.of(value, field)

    def to_json(self, listed: int = LISTED) -> Any:
        """Return nested lists for at most `listed` elements, else an object with base64."""
        if self.size <= listed:
            return self.tolist()
        text = base64.b64encode(self.data).decode()
        return {"dtype": self.dtype, "shape": list(self.shape), "base64": text}

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    def values(self) -> array[Any]:
        """Return the elements in C order; a complex element is two values."""
        found = array(DTYPES[self.dtype].code)
        found.frombytes(self.data)
        if sys.byteorder == "big":
            found.byteswap()
        return found

    def __repr__(self) -> str:
        return f"Array({self.dtype}, shape={self.shape})"

    def tolist(self) -> Any:
        """Return nested lists; a complex element becomes [real, imaginary]."""
        per_element = DTYPES[self.dtype].per_element
        shape = self.shape if per_element == 1 else (*self.shape, per_element)
        return _nested(self.values().tolist(), shape)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """The array for NumPy, without a copy."""
        return {"shape": self.shape, "typestr": DTYPES[self.dtype].type, "data": self.data, "version": 3}


def is_array(value: Any) -> bool:
    """Return whether a JSON value is an array with base64."""
    return isinstance(value, Mapping) and value.keys() == KEYS


def read_arrays(document: Any) -> Any:
    """Return a JSON document with its base64 arrays as `Array`."""
    return _mapped(document, lambda value: Array.from_json(value) if is_array(value) else value)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    changed = change(value)
    if changed is not value:
        return changed
    if isinstance(value, Mapping):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        # Lists of numbers hold no arrays, and there may be many.
        return [_mapped(inner, change) if isinstance(inner, Mapping | list) else inner for inner in value]
    return value


def _decoded(value: Mapping[str, Any], field: str) -> Array:
    """Return the array of an object with base64.

    Raises:
        BadInput: a wrong key, type, or number of bytes.
    """
    dtype, shape, text = value.get("dtype"), value.get("shape"), value.get("base64")
    if value.keys() != KEYS or dtype not in DTYPES or not isinstance(text, str):
        rule = f"must be nested lists, or have the keys {', '.join(sorted(KEYS))}"
        raise BadInput(rule, field=field, hint=f"dtype is one of {', '.join(DTYPES)}")
    if not isinstance(shape, list | tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise BadInput("must be a list of lengths", field=f"{field}.shape", value=shape)
    if len(shape) > MAX_DIMENSIONS:
        raise BadInput(f"has more than {MAX_DIMENSIONS} dimensions", field=f"{field}.shape")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("is not base64", field=f"{field}.base64") from None
    wanted = prod(shape) * DTYPES[str(dtype)].n_bytes
    if len(data) != wanted:
        rule = f"has {len(data)} bytes, {dtype} of shape {list(shape)} takes {wanted}"
        raise BadInput(rule, field=f"{field}.base64")
    found = Array(str(dtype), tuple(shape), data)
    if DTYPES[found.dtype].code == "d" and not all(map(math.isfinite, found.values())):
        raise BadInput("must be finite, not NaN or infinite", field=field)
    return found


def _shape(value: Any) -> tuple[int, ...]:
    """Return the shape of nested lists, from the first element of each."""
    shape: list[int] = []
    while isinstance(value, list | tuple) and len(shape) <= MAX_DIMENSIONS:
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    return tuple(shape)


def _numbers(value: Any, shape: Sequence[int], at: tuple[int, ...], field: str) -> Iterator[float]:
    """Yield the numbers of nested lists in C order.

    Raises:
        BadInput: a row of another length, or an element that is not a finite number.
    """
    if not shape:
        yield _number(value, at, field)
        return
    if not isinstance(value, list | tuple) or len(value) != shape[0]:
        found = f"{len(value)} elements" if isinstance(value, list | tuple) else "no elements"
        rule = f"has {found}, the first of its rows has {shape[0]}"
        raise BadInput(rule, field=_place(at, field), hint="all rows must have the same length")
    for position, inner in enumerate(value):
        if len(shape) == 1:
            yield _number(inner, (*at, position), field)
        else:
            yield from _numbers(inner, shape[1:], (*at, position), field)


def _number(value: Any, at: tuple[int, ...], field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput("must be a number", field=_place(at, field), value=value)
    if not math.isfinite(value):
        raise BadInput("must be finite, not NaN or infinite", field=_place(at, field), value=value)
    return float(value)


def _place(at: tuple[int, ...], field: str) -> str:
    return field + "".join(f"[{position}]" for position in at)


def _little(numbers: array[Any]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _nested(values: list[Any], shape: Sequence[int]) -> Any:
    if not shape:
        return values[0]
    if len(shape) == 1:
        return values
    step = len(values) // shape[0] if shape[0] else 0
    return [_nested(values[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]
