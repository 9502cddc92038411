"""Locks on targets, so that no two steps change one at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shared.db.crypto import steps
from shared.db.crypto.steps import Holder


@contextmanager
def taken(holder: Holder, names: Sequence[str]) -> Iterator[bool]:
    """Lock these targets, also against a worker that was presumed dead.

    Args:
        holder: whose connection keeps the locks.
        names: in the global locking order.

    Returns:
        False if one of them is locked by another holder; none is locked then.
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
