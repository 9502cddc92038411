"""Axes of a sweep on the command line: `seed=0..4`, `optimizer=lbfgs,spsa`, `hamiltonian.h=0.1:2:20`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from novacron.errors import BadInput
from novacron.inputs.document import read_yaml

_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)")
_SPACED = re.compile(r"([^:,\s\[{]+):([^:,\s]+):(\d+)")
FIELD = "--over"


def axes(texts: Iterable[str]) -> dict[str, Any]:
    """Return the axes by path, as in `over` of a job file.

    `A..B` are whole numbers including both, `FIRST:LAST:COUNT` evenly spaced numbers; everything else is
    YAML: a list without its brackets, or a mapping such as `{logspace: [-3, -1, 5]}`.

    Raises:
        BadInput: a text is no axis, or a path is given twice.
    """
    found: dict[str, Any] = {}
    for text in texts:
        path, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not path or not values:
            raise BadInput("must be KEY=VALUES", field=FIELD, value=text, hint="seed=0..4 say")
        if path in found:
            raise BadInput(f"{path} is given twice", field=FIELD, value=text)
        found[path] = _axis(values, text)
    return found


def _axis(values: str, text: str) -> Any:
    if whole := _RANGE.fullmatch(values):
        first, last = int(whole[1]), int(whole[2])
        if last < first:
            raise BadInput("must be FIRST..LAST", field=FIELD, value=text)
        return {"range": [first, last + 1]}
    try:
        if spaced := _SPACED.fullmatch(values):
            ends = [read_yaml(spaced[group]).value for group in (1, 2)]
            if all(isinstance(end, int | float) for end in ends):
                return {"linspace": [*ends, int(spaced[3])]}
        return read_yaml(values if values[0] in "[{" and values[-1] in "]}" else f"[{values}]").value
    except BadInput as error:
        raise BadInput(f"is not YAML: {error.rule}", field=FIELD, value=text) from None
