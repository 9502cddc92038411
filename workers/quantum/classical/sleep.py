"""A function that waits, for testing long jobs."""

import time
from collections.abc import Callable
from typing import TypedDict

_NAP_S = 0.1


class Arguments(TypedDict):
    """Arguments of the function: `shared.functions`."""

    seconds: float


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> dict[str, float]:
    """Wait for `seconds`, checking ten times a second whether to stop."""
    start = time.monotonic()
    while (left := arguments["seconds"] - (time.monotonic() - start)) > 0:
        checkpoint()
        time.sleep(min(_NAP_S, left))
    return {"slept_s": float(arguments["seconds"])}
