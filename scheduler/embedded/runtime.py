"""The data folder: its lock, its secrets, and `runtime.json`, through which others find a running stack."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import time
from pathlib import Path
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, TypeGuard

from novacron.tls.groups import ModeName
from scheduler.embedded.errors import StackError
from scheduler.embedded.files import recorded, secret, write_private

DEFAULT_DATA = "~/.novacron"
UNKNOWN = -1
"""Process id of a supervisor whose lock file is damaged."""
START_TIMEOUT_S = 900.0
"""Timeout of a start, which takes seconds.

The first one may compile the simulators: one minute, or ten on an overloaded machine.
"""

State: TypeAlias = Literal["starting", "ready", "restarting", "stopping"]


class Addresses(TypedDict):
    """Addresses and credentials of a stack; readers rely on its URL and token only.

    Attributes:
        url: URL of the API.
        tls: TLS mode of the API; None: plain HTTP.
        ca_file: CA certificates that clients trust; None without TLS.
        token: the operator's token.
        database_url: URL of PostgreSQL.
        redis_url: URL of Redis.
        metrics_url: URL of the metrics of the scheduler and the workers.
        flower_url: URL of Flower; None without it.
    """

    url: str
    tls: NotRequired[ModeName | None]
    ca_file: NotRequired[str | None]
    token: str
    database_url: NotRequired[str]
    redis_url: NotRequired[str]
    metrics_url: NotRequired[str]
    flower_url: NotRequired[str | None]


class Published(Addresses):
    """Content of DATA/runtime.json; earlier versions wrote fewer members.

    Attributes:
        state: state of the stack.
        pids: name of the process -> process id, including the supervisor's.
        restarts: name of the process -> number of restarts.
        data: the data folder.
        phases: name of the service -> seconds from the start until it was ready.
    """

    state: State
    pids: dict[str, int]
    restarts: NotRequired[dict[str, int]]
    data: NotRequired[str]
    phases: NotRequired[dict[str, float]]


def data_folder(name: str | None) -> Path:
    """Return the absolute path of a data folder, which need not exist."""
    return Path(name or DEFAULT_DATA).expanduser().resolve()


def prepare(data: Path) -> None:
    """Create the data folder, private to its owner, if it does not exist.

    Raises:
        StackError: it cannot be created or written to.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "logs").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StackError(f"data folder {data}: {error.strerror}: choose another with --data") from error
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise StackError(f"data folder {data} belongs to another user: choose another with --data")


def stack_name(data: Path) -> str:
    """Return the random name that marks the processes of this folder's stack."""
    return secret(data / "stack", n_bytes=8)


def admin_token_file(data: Path) -> Path:
    """Return the file with the admin token, which the first call generates."""
    path = data / "token"
    secret(path, prefix="nc_")
    return path


def kek_file(data: Path) -> Path:
    """Return the file with the key-encryption keys, the first of which the first call generates."""
    path = data / "kek"
    if not path.exists() or not path.stat().st_size:
        write_private(path, base64.b64encode(os.urandom(32)).decode() + "\n", lasting=True)
    return path


def secret_files(data: Path) -> list[Path]:
    """Return the files with secret keys of a stack; none where there is no stack."""
    return [path for path in (data / "kek", *sorted((data / "tls").glob("*.key"))) if path.exists()]


def write(data: Path, state: Published) -> None:
    """Publish the state of the stack in DATA/runtime.json, unless the file already has it.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(state, indent=2) + "\n"
    if recorded(data / "runtime.json") != text:
        write_private(data / "runtime.json", text)


def read(data: Path) -> Published | None:
    """Return the last published state; None after a clean shutdown, and where the file is damaged."""
    try:
        state = json.loads(recorded(data / "runtime.json"))
    except ValueError:
        return None
    return state if _is_whole(state) else None


def _is_whole(state: Any) -> TypeGuard[Published]:
    """Return whether the members that readers rely on are present."""
    if not isinstance(state, dict):
        return False
    pids, texts = state.get("pids"), [state.get(name) for name in ("state", "url", "token")]
    return (
        isinstance(pids, dict)
        and "supervisor" in pids
        and all(type(pid) is int and pid > 0 for pid in pids.values())
        and all(isinstance(text, str) for text in texts)
        and isinstance(state.get("restarts", {}), dict)
    )


def running(data: Path) -> Published | None:
    """Return what the running supervisor has published; None if none runs or it has published nothing yet."""
    state = read(data)
    return state if state and state["pids"]["supervisor"] == Lock(data).holder() else None


def remove(data: Path) -> None:
    """Remove the published state: the stack is down."""
    (data / "runtime.json").unlink(missing_ok=True)


class Lock:
    """Lock of a data folder, held by its one supervisor; the kernel releases it when that process ends."""

    def __init__(self, data: Path) -> None:
        self._path = data / "lock"

    def acquire(self) -> bool:
        """Take the lock and record the process id in it; return whether it was free.

        Raises:
            OSError: the disk has no room for the process id.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        # Overwrites the previous record in place, so it needs no more room on a full disk.
        os.pwrite(descriptor, f"{os.getpid():<31}\n".encode(), 0)
        return True  # the descriptor stays open as long as the process runs

    def holder(self) -> int | None:
        """Return the supervisor's process id; None if there is none, `UNKNOWN` if the file is damaged."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _number(os.pread(descriptor, 32, 0)) or UNKNOWN
        else:
            return None
        finally:
            os.close(descriptor)

    def wait_free(self, timeout_s: float) -> bool:
        """Wait until the lock is free; return whether that happened in time."""
        deadline = time.monotonic() + timeout_s
        while self.holder() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


def _number(text: bytes) -> int | None:
    return int(text) if text.strip().isdigit() else None
