"""What the supervisor runs: a program, how it is known to be ready, how it is stopped."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scheduler.embedded.account import Account
from shared.settings import own

KEK = ("NOVACRON_KEK", "NOVACRON_KEK_FILE", "NOVACRON_KEK_URL", "NOVACRON_KEK_TOKEN_FILE")
"""Variables that say where the key-encryption key is: for workers of the queue crypto alone."""


def always(_pid: int) -> bool:
    """The readiness of a program that nothing waits for."""
    return True


def nothing() -> None:
    """The preparation of a program that needs none."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process of the stack.

    Attributes:
        name: also the name of its log.
        command: program and arguments; nothing secret.
        folder: its working directory.
        environment: variables on top of those of the supervisor.
        account: whom it runs as, None for the current user.
        after: services that must be ready before it starts.
        prepare: called before every start; may clean up after a crash.
        ready: given its process id, whether it can be used.
        finite: it ends by itself, with status 0 when its work is done, and is ready from then on.
        stop_signals: (signal, seconds to wait), one after the other; SIGKILL follows.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    after: tuple[str, ...] = ()
    prepare: Callable[[], None] = nothing
    ready: Callable[[int], bool] = always
    finite: bool = False
    stop_signals: tuple[tuple[int, float], ...] = ((signal.SIGTERM, 10.0),)


def environment(data: Path, stack: str, added: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process of the stack.

    Args:
        data: the data folder.
        stack: the stack's random name, by which its processes are found after a crash.
        added: variables of this process.
    """
    variables = own(os.environ)
    # Without compiled files on disk every start compiles the libraries anew, some 0.5 s of each.
    for name in ("PYTHONDONTWRITEBYTECODE", *KEK):
        variables.pop(name, None)
    return variables | {"NOVACRON_DATA": str(data), "NOVACRON_STACK": stack} | dict(added)
