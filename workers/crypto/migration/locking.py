"""Targets taken while they are changed, so that two steps never change one at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.db.crypto import steps
from shared.db.crypto.steps import Holder


@contextmanager
def taken(holder: Holder, names: Sequence[str]) -> Iterator[bool]:
    """Nobody else changes these targets meanwhile, not even a worker that was taken for dead.

    Args:
        holder: whose connection keeps them.
        names: in the order in which everybody takes them.

    Returns:
        False where somebody else has one of them; none is taken then.
    """
    got: list[str] = []
    try:
        for name in names:
            if not steps.lock(holder.connection, name):
                break
            got.append(name)
        yield len(got) == len(names)
    finally:
        for name in got:
            steps.unlock(holder.connection, name)
