"""Values of the axes of a sweep: a list, or `linspace`, `logspace`, `range`; values may have labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from novacron.specs.refusal import did_you_mean, refuse
from novacron.specs.scalars import check_json

MOST_JOBS = 100_000
"""Limit on the jobs of a sweep, and so on the values of an axis."""
MOST_LABEL = 200


def values(axis: object) -> list[Any]:
    """Return the values of an axis.

    `linspace: [first, last, n]` are n evenly spaced numbers including both ends, `logspace` is 10 to the
    power of them (both as in NumPy), `range: n` or `range: [start, stop, step]` are whole numbers as in
    Python.

    Raises:
        PydanticCustomError: it has no such form, no value, or too many.
    """
    found = _made(axis) if isinstance(axis, Mapping) else axis
    if not isinstance(found, list | tuple | range):
        raise refuse("must be a list of values, or a mapping with linspace, logspace or range")
    if not found:
        raise refuse("must have at least one value")
    if len(found) > MOST_JOBS:
        raise refuse(f"has {len(found):,} values, more than {MOST_JOBS:,}")
    for position, value in enumerate(found):
        check_json(value, (position,))
        if is_labelled(value) and not (
            isinstance(value["label"], str) and 0 < len(value["label"]) <= MOST_LABEL
        ):
            raise refuse(f"a label must be text of 1 to {MOST_LABEL} characters", value=value["label"])
    return list(found)


def is_labelled(value: object) -> bool:
    """Return whether a value has a label, by which tables and `without` name it: `{label, value}`."""
    return isinstance(value, Mapping) and set(value) == {"label", "value"}


def label(value: Any) -> Any:
    """Return the coordinate of a value: its label, else itself."""
    return value["label"] if is_labelled(value) else value


def content(value: Any) -> Any:
    """Return a value without its label."""
    return value["value"] if is_labelled(value) else value


def _made(axis: Mapping[str, Any]) -> list[Any]:
    if len(axis) != 1 or (form := next(iter(axis))) not in _FORMS:
        word = next((key for key in axis if key not in _FORMS), None)
        raise refuse("must have one of the keys " + ", ".join(_FORMS), hint=did_you_mean(word, list(_FORMS)))
    return _FORMS[form](axis[form])


def linspace(bounds: object) -> list[float]:
    """Return n evenly spaced numbers from `[first, last, n]`, both ends included, as `numpy.linspace`."""
    if not isinstance(bounds, list | tuple) or len(bounds) != 3 or not all(map(_is_number, bounds)):
        raise refuse("must be [first, last, count]", value=bounds)
    first, last, n = float(bounds[0]), float(bounds[1]), bounds[2]
    if not isinstance(n, int) or not 1 <= n <= MOST_JOBS:
        raise refuse(f"the count must be a whole number from 1 to {MOST_JOBS:,}", value=n)
    if n == 1:
        return [first]
    step = (last - first) / (n - 1)
    return [*(k * step + first for k in range(n - 1)), last]


def _logspace(bounds: object) -> list[float]:
    exponents = linspace(bounds)
    if max(map(abs, exponents)) > 300:
        raise refuse("the exponents must be -300 to 300", value=bounds, hint="[-3, -1, 5] is 0.001 to 0.1")
    return [10.0**exponent for exponent in exponents]


def _range(bounds: object) -> list[int]:
    parts = bounds if isinstance(bounds, list | tuple) else [bounds]
    if not 1 <= len(parts) <= 3 or not all(isinstance(one, int) and _is_number(one) for one in parts):
        raise refuse("must be a whole number, [start, stop] or [start, stop, step]", value=bounds)
    if len(parts) == 3 and parts[2] == 0:
        raise refuse("the step must not be 0", value=bounds)
    counted = range(*parts)
    if len(counted) > MOST_JOBS:
        raise refuse(f"has {len(counted):,} values, more than {MOST_JOBS:,}", value=bounds)
    return list(counted)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_FORMS: dict[str, Callable[[object], list[Any]]] = {
    "linspace": linspace, "logspace": _logspace, "range": _range,
}  # fmt: skip
