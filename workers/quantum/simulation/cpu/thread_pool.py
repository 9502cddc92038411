"""The threads that execute a compiled call together."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_crew: ThreadPoolExecutor | None = None


def width() -> int:
    """Return the number of threads: NOVACRON_THREADS, else the processors available to this process."""
    chosen = os.environ.get("NOVACRON_THREADS")
    return max(1, int(chosen)) if chosen else len(os.sched_getaffinity(0))


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return the results of concurrent calls, the first on the caller's thread.

    A later call that no thread has started when the first one ends is run after it, on the same thread.
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
    """Reset the pool in a forked child, which has none of its parent's threads."""
    global _crew
    _crew = None


os.register_at_fork(after_in_child=_forget)
