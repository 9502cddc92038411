"""Processes that a run of the tests started and did not end: each run must end without."""

import contextlib
import os
import uuid

import psutil

RUN = "TESTS_RUN"
"""A variable that all processes of one run inherit."""
ENDING_S = 30.0
"""For what has been told to end."""


def mark_this_run() -> None:
    """Name this run, unless this process belongs to one already."""
    os.environ.setdefault(RUN, uuid.uuid4().hex)


def end() -> list[str]:
    """Kill what is left of this run; says what it was."""
    _, left = psutil.wait_procs(_found(), timeout=ENDING_S)
    said = [f"left behind: process {process.pid}: {_command(process)}" for process in left]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return said


def _found() -> list[psutil.Process]:
    own = psutil.Process()
    family = {own.pid, *(parent.pid for parent in own.parents())}
    return [one for one in psutil.process_iter() if one.pid not in family and _is_ours(one)]


def _is_ours(process: psutil.Process) -> bool:
    try:
        is_ours = process.environ().get(RUN) == os.environ[RUN]
        # Python's own, which ends with the process that it serves.
        return is_ours and "multiprocessing.resource_tracker" not in _command(process)
    except psutil.Error:
        return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error as error:
        return str(error)
