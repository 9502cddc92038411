"""Operations that do what a test needs."""

import logging
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from shared.tasks import TaskSpec
from testing.patience import PATIENCE_S
from workers.runtime.context import Context, Entry
from workers.runtime.outcome import Done, Expand, MissingExtraError, ResourceExhaustedError, Snooze, UserError

__all__ = [
    "come_to",
    "die",
    "echo",
    "fail",
    "grow",
    "lack",
    "poll",
    "record",
    "say",
    "snooze",
    "stall",
    "warn",
    "where",
]


def echo(context: Context[Any]) -> Done:
    return Done({"payload": dict(context.payload), "inputs": list(context.inputs)})


def die(context: Context[Any]) -> Done:
    """Kill the process of the first attempt, unless it is the one of the test."""
    if os.getpid() != context.payload["spared"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return Done({})


def fail(context: Context[Any]) -> Done:
    raise {"user": UserError, "value": ValueError, "os": ConnectionError, "resource": ResourceExhaustedError,
           "bug": KeyError}[context.payload["how"]]("it broke")  # fmt: skip


def lack(context: Context[Any]) -> Done:
    raise MissingExtraError("chem", "molecules")


def come_to(context: Context[Any]) -> Done:
    """Come to what a test puts in `VALUES`, once it has seen that this ran."""
    RAN.append(int(context.payload["value"]))
    return Done(VALUES[int(context.payload["value"])]())


VALUES: list[Callable[[], Any]] = []
RAN: list[int] = []
"""Which of them were asked for, in order."""


def say(context: Context[Any]) -> Done:
    """Log each text given, as a library does."""
    for text in context.payload["texts"]:
        logging.getLogger("another.library").warning("%s", text)
    return Done({})


def grow(context: Context[Any]) -> Expand:
    parts = [TaskSpec("probe_echo", context.queue, {"part": part}) for part in range(2)]
    return Expand([*parts, TaskSpec("probe_echo", context.queue, {"part": "last"}, after=(0, 1))])


def warn(context: Context[Any]) -> Done:
    """Warn of each text given (with Python's escapes), note each one, too."""
    for text in (text.encode().decode("unicode_escape") for text in context.payload["texts"]):
        context.warn(text)
        context.note(f"noted {text}")
    return Done({})


def snooze(context: Context[Any]) -> Snooze | Done:
    if context.payload.get("again"):
        return Done(context.payload["again"])
    return Snooze(0.01, {"again": "attached"})


def record(context: Context[Any]) -> Done:
    journal = context.journal(0)
    known = len(journal.entries())
    journal.append(Entry(known, np.array([0.5]), float(known)))
    context.warn("one more")
    return Done({"known": known})


UNSTOPPED: list[str] = []
"""Which probes waited to the end, since nobody stopped them."""


def stall(context: Context[Any]) -> Done:
    time.sleep(PATIENCE_S)
    UNSTOPPED.append("stall")
    return Done(None)


def poll(context: Context[Any]) -> Done:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        context.checkpoint()
        time.sleep(0.01)
    UNSTOPPED.append("poll")
    return Done(None)


def where(context: Context[Any]) -> Done:
    return Done({"pid": os.getpid(), "seed": context.seed, "queue": context.queue, "kind": context.spec.kind})
