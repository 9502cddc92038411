"""The extension points for metrics, logs, traces and charges: classes whose methods hooks override.

A kind of hook is a class whose methods, the points, do nothing. A hook inherits from it and overrides the
points it needs. An exception in a hook is logged and otherwise ignored; a point without hooks costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

log = logging.getLogger("novacron.hooks")
Kind = TypeVar("Kind")


def points(kind: type) -> list[str]:
    """Return the names of the methods that hooks of this kind may override."""
    return [name for name in dir(kind) if not name.startswith("_")]


def together(kind: type[Kind], attached: Sequence[Kind]) -> Kind:
    """Return one hook that calls all of these, in their order.

    Args:
        kind: the class whose methods are the points; all of them do nothing.
        attached: hooks of this kind.
    """
    one = kind()
    for point in points(kind):
        empty = getattr(kind, point)
        if heard := [getattr(hook, point) for hook in attached if getattr(type(hook), point) is not empty]:
            setattr(one, point, _each(heard))
    return one


def is_heard(one: object, point: str) -> bool:
    """Return whether any hook joined by `together` implements this point."""
    return point in vars(one)


def _each(heard: Sequence[Callable[..., object]]) -> Callable[..., None]:
    def tell(*told: Any) -> None:
        for hear in heard:
            try:
                hear(*told)
            except Exception:
                log.exception("a hook failed and is passed over: %s", getattr(hear, "__qualname__", hear))

    return tell
