"""The data folder: its lock, its secrets, and `runtime.json`, by which others find a running stack."""

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
"""The process id of a supervisor that holds a lock whose text was damaged."""

State: TypeAlias = Literal["starting", "ready", "restarting", "stopping"]


class Addresses(TypedDict):
    """Where a stack is found, and what opens it; readers rely on its URL and its token alone.

    Attributes:
        url: of the API.
        tls: mode of its TLS; None: plain HTTP.
        ca_file: certificate of the CA that clients trust; None without TLS.
        token: of the operator.
        database_url: of PostgreSQL.
        redis_url: of Redis.
        metrics_url: of the scheduler's metrics and the workers'.
        flower_url: of Flower; None without.
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
    """What DATA/runtime.json holds; a former version wrote fewer members.

    Attributes:
        state: of the stack.
        pids: name of the process -> its id, the supervisor's among them.
        restarts: name of the process -> how often it was started again.
        data: the data folder.
        phases: name of the service -> seconds from the beginning until it was ready.
    """

    state: State
    pids: dict[str, int]
    restarts: NotRequired[dict[str, int]]
    data: NotRequired[str]
    phases: NotRequired[dict[str, float]]


def data_folder(name: str | None) -> Path:
    """The absolute path of a data folder; the folder need not exist."""
    return Path(name or DEFAULT_DATA).expanduser().resolve()


def prepare(data: Path) -> None:
    """Make the data folder, private to its owner, where it does not exist.

    Raises:
        StackError: it cannot be made or written to.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "logs").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StackError(f"data folder {data}: {error.strerror}: choose another with --data") from error
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        raise StackError(f"data folder {data} belongs to somebody else: choose another with --data")


def stack_name(data: Path) -> str:
    """The random name that marks the processes of this folder's stack."""
    return secret(data / "stack", n_bytes=8)


def admin_token_file(data: Path) -> Path:
    """The file with the admin token, drawn at the first call."""
    path = data / "token"
    secret(path, prefix="nc_")
    return path


def kek_file(data: Path) -> Path:
    """The file with the key-encryption keys, the first of them drawn at the first call."""
    path = data / "kek"
    if not path.exists() or not path.stat().st_size:
        write_private(path, base64.b64encode(os.urandom(32)).decode() + "\n", lasting=True)
    return path


def secret_files(data: Path) -> list[Path]:
    """The files with secret keys of a stack; none where there is no stack."""
    return [path for path in (data / "kek", *sorted((data / "tls").glob("*.key"))) if path.exists()]


def write(data: Path, state: Published) -> None:
    """Publish the state of the stack in DATA/runtime.json, unless that is what stands there.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(state, indent=2) + "\n"
    if recorded(data / "runtime.json") != text:
        write_private(data / "runtime.json", text)


def read(data: Path) -> Published | None:
    """The last published state; None after a clean shutdown, and where what is there is damaged."""
    try:
        state = json.loads(recorded(data / "runtime.json"))
    except ValueError:
        return None
    return state if _is_whole(state) else None


def _is_whole(state: Any) -> TypeGuard[Published]:
    """Whether it has what readers rely on."""
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
    """What the supervisor at work has published, None while there is none or it has not done so yet."""
    state = read(data)
    return state if state and state["pids"]["supervisor"] == Lock(data).holder() else None


def remove(data: Path) -> None:
    """Take the published state away: the stack is down."""
    (data / "runtime.json").unlink(missing_ok=True)


class Lock:
    """Held by the one supervisor of a data folder; the system lets go of it when that process ends."""

    def __init__(self, data: Path) -> None:
        self._path = data / "lock"

    def acquire(self) -> bool:
        """Take the lock and leave the process id in it; says whether it was free.

        Raises:
            OSError: there is no room for the process id.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        # Written over what an earlier one left: no more room is needed on a disk that is full.
        os.pwrite(descriptor, f"{os.getpid():<31}\n".encode(), 0)
        return True  # the descriptor stays open as long as the process

    def holder(self) -> int | None:
        """The process id of the supervisor, None when there is none; `UNKNOWN` where it left none."""
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
        """Wait until nobody holds the lock; says whether that came in time."""
        deadline = time.monotonic() + timeout_s
        while self.holder() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True


def _number(text: bytes) -> int | None:
    return int(text) if text.strip().isdigit() else None
