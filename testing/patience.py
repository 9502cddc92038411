"""Timeouts of tests: generous, since they elapse only on failures or busy machines."""

import inspect
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_S = 120.0
"""Timeout in seconds for what must happen."""

BUSY_S = 60.0
"""Added to promised times, since the machine may be busy. Benchmarks report the times of an idle one."""

Found = TypeVar("Found")


def eventually(
    look: Callable[[], Found | None], what: str = "", timeout_s: float = PATIENCE_S, *, every_s: float = 0.02
) -> Found:
    """Return the first true result of `look`.

    Raises:
        AssertionError: There was none in time.
    """
    deadline = time.monotonic() + timeout_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what or inspect.getsource(look)}"
        time.sleep(every_s)
    return found
