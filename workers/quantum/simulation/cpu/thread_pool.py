"""The threads that share a compiled call."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_crew: ThreadPoolExecutor | None = None


def width() -> int:
    """Threads to use: NOVACRON_THREADS, else the processors that this process may run on."""
    chosen = os.environ.get("NOVACRON_THREADS")
    return max(1, int(chosen)) if chosen else len(os.sched_getaffinity(0))


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Results of calls made at the same time, the first on the caller's thread.

    A later call that no thread has begun when the first one ends is made after it, on the same thread.
    """
    global _crew
    if len(calls) == 1:
        return [calls[0]()]
    if _crew is None:
        _crew = ThreadPoolExecutor(max_workers=max(1, width() - 1), thread_name_prefix="simulation")
    futures: list[Future[Any]] = [_crew.submit(call) for call in calls[1:]]
    results = [calls[0]()]
    for call, future in zip(calls[1:], futures, strict=True):
        results.append(call() if future.cancel() else future.result())
    return results


def _forget() -> None:
    """A forked child has none of its parent's threads."""
    global _crew
    _crew = None


os.register_at_fork(after_in_child=_forget)
