"""A package of somebody else's, which adds a function that fails as often as it is told to."""

from pathlib import Path
from typing import Any

from shared.functions import Argument, Function

ERRORS = {"OSError": OSError, "ValueError": ValueError, "ZeroDivisionError": ZeroDivisionError}

FLAKY = Function(
    "flaky",
    "Fail some times, then say how often it was called.",
    (
        Argument("folder", "string", "where the calls are counted, one file each"),
        Argument("failures", "integer", "calls that fail", minimum=0),
        Argument("error", "string", "what they raise", default="OSError", choices=tuple(ERRORS)),
    ),
    "acceptance_functions:flaky",
)


def flaky(arguments: dict[str, Any], seed: int, checkpoint: object) -> dict[str, int]:
    """Count this call in the folder; raise where failures are left."""
    folder = Path(arguments["folder"])
    call = len(list(folder.iterdir())) + 1
    (folder / str(call)).touch()
    if call <= arguments["failures"]:
        raise ERRORS[arguments["error"]](f"call {call} fails as it should")
    return {"calls": call}
