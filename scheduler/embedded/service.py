"""Services under the supervisor: their program, readiness check and shutdown."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scheduler.embedded.account import Account
from shared.settings import own

KEK = ("NOVACRON_KEK", "NOVACRON_KEK_FILE", "NOVACRON_KEK_URL", "NOVACRON_KEK_TOKEN_FILE")
"""Variables that locate the key-encryption key; only workers of the queue crypto receive them."""


def always(_pid: int) -> bool:
    """Return true: readiness of a program that nothing waits for."""
    return True


def nothing() -> None:
    """Do nothing: preparation of a program that needs none."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process of the stack.

    Attributes:
        name: also the name of its log.
        command: program and arguments; no secrets.
        folder: its working directory.
        environment: variables on top of those of the supervisor.
        account: account it runs as, None for the current user.
        after: services that must be ready before it starts.
        prepare: called before every start; may clean up after a crash.
        ready: takes its process id and returns whether it is ready.
        finite: it ends by itself, with status 0 on success, and counts as ready from then on.
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
    """Return the environment of a process of the stack.

    Args:
        data: the data folder.
        stack: the stack's random name, which identifies its processes after a crash.
        added: variables of this process.
    """
    variables = own(os.environ)
    # Without cached bytecode every start compiles the libraries again, some 0.5 s for each process.
    for name in ("PYTHONDONTWRITEBYTECODE", *KEK):
        variables.pop(name, None)
    return variables | {"NOVACRON_DATA": str(data), "NOVACRON_STACK": stack} | dict(added)
