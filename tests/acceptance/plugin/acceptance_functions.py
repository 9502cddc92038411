"""A package of somebody else's: a function that fails as it is told to, and one that ends when it is let."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.functions import Argument, Function

ERRORS: dict[str, type[Exception]] = {
    one.__name__: one for one in (ConnectionError, OSError, ValueError, ZeroDivisionError, RecursionError)
}

FLAKY = Function(
    "flaky",
    "Fail some times, then say how often it was called.",
    (
        Argument("folder", "string", "where the calls are counted, one file each"),
        Argument("failures", "integer", "calls that fail", minimum=0),
        Argument("error", "string", "what they raise", default="ConnectionError", choices=tuple(ERRORS)),
    ),
    "acceptance_functions:flaky",
)
HELD = Function(
    "held",
    "Run until a file is there.",
    (Argument("until", "string", "the file"),),
    "acceptance_functions:held",
)


def flaky(arguments: dict[str, Any], seed: int, checkpoint: object) -> dict[str, int]:
    """Count this call in the folder; raise where failures are left."""
    folder = Path(arguments["folder"])
    call = len(list(folder.iterdir())) + 1
    (folder / str(call)).touch()
    if call <= arguments["failures"]:
        raise ERRORS[arguments["error"]](f"call {call} fails as it should")
    return {"calls": call}


def held(arguments: dict[str, Any], seed: int, checkpoint: Callable[[], None]) -> None:
    """Wait for the file."""
    while not Path(arguments["until"]).exists():
        checkpoint()
        time.sleep(0.01)
