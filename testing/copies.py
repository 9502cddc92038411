"""Programs of this project as separate processes, forked from one that has imported everything already.

Importing takes nine tenths of most starts. A copy has real streams, signals, a working directory and an
environment; state fixed at interpreter start is that of the original process. If the start itself is the
subject, start the program directly.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from testing.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[1]
OWN = "NOVACRON_"
"""Variables with this prefix may differ between copies, since they are read when needed."""
UNKNOWN = {"PYTEST_CURRENT_TEST"}
"""Variables that no program uses."""
PR_SET_PDEATHSIG = 1
ENDINGS = (signal.SIGINT, signal.SIGTERM)
STREAMS = range(3)
N_WORD = 4

Environment = dict[str, str]
Key = tuple[str, frozenset[tuple[str, str]]]
"""A program, and the environment of its interpreter."""


class Origin:
    """The process from which copies of a program with one environment are forked.

    Args:
        program: a module with a function `main`.
        environment: environment of the interpreter.
    """

    def __init__(self, program: str, environment: Environment) -> None:
        self._asking = threading.Lock()
        self._ours, theirs = socket.socketpair()
        paths = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "testing.copies", str(theirs.fileno()), program],
                env=environment | {"PYTHONPATH": paths}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def start(self, wanted: dict[str, Any], streams: list[int]) -> None:
        """Request a copy; its pid and exit status are sent over the last of the streams."""
        message = json.dumps(wanted).encode()
        with self._asking:
            socket.send_fds(self._ours, [len(message).to_bytes(N_WORD)], streams)
            self._ours.sendall(message)

    def end(self) -> None:
        """Stop it; running copies continue."""
        self._ours.close()
        self._process.communicate(timeout=PATIENCE_S)


_origins: dict[Key, Origin] = {}
_choosing = threading.Lock()
_n_asked: Counter[Key] = Counter()


def origin(program: str, environment: Environment) -> Origin:
    """Return the origin for copies of a program with this environment.

    Args:
        program: a module with a function `main`.
        environment: environment of the copy.
    """
    shared, key = _shared(program, environment)
    with _choosing:
        if key not in _origins:
            _origins[key] = Origin(program, shared)
        return _origins[key]


def repeated(program: str, environment: Environment) -> Origin | None:
    """Return as `origin`, but from the second request on: for a single copy it does not pay."""
    _, key = _shared(program, environment)
    with _choosing:
        _n_asked[key] += 1
        often = _n_asked[key] > 1
    return origin(program, environment) if often else None


def _shared(program: str, environment: Environment) -> tuple[Environment, Key]:
    shared = {
        name: value for name, value in environment.items() if not name.startswith(OWN) and name not in UNKNOWN
    }
    return shared, (program, frozenset(shared.items()))


def end() -> None:
    """Stop all origin processes."""
    while _origins:
        _origins.popitem()[1].end()


atexit.register(end)


class Copy:
    """A running copy, with the used part of `subprocess.Popen`'s interface.

    Args:
        origin: its origin.
        environment: its environment.
        output: descriptor of its output.
        bound: whether it leads its own process group, and ends with its origin (Linux only).
    """

    def __init__(
        self, origin: Origin, environment: Environment, cwd: Path, output: int, *, bound: bool = False
    ) -> None:
        reading, writing = os.pipe()
        self._told = open(reading, "rb", buffering=0)
        wanted = {"arguments": [], "environment": environment, "cwd": str(cwd), "bound": bound}
        with open(os.devnull, "rb") as nothing:
            try:
                origin.start(wanted, [nothing.fileno(), output, output, writing])
            finally:
                os.close(writing)
        told = b""
        while not told.endswith(b" ") and (one := self._told.read(1)):
            told += one
        self.pid = int(told)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit status once it has ended (negative: the signal)."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0.0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status, once it has ended.

        Raises:
            TimeoutExpired: it has not ended in time.
        """
        if self.returncode is None:
            looking = select.poll()  # file descriptors may exceed select's limit
            looking.register(self._told)
            if not looking.poll(None if timeout is None else 1000 * timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            self.returncode = int(self._told.read(1 << 6))
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal; do nothing if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


def serve(asked: socket.socket) -> None:
    """Fork copies and report their exits; returns in each copy, exits when the requester is gone."""
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # A whole group may be signalled: exits are reported until the requester is gone.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    running: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asked, woken], [], [])
        if woken in ready:
            woken.recv(1 << 12)
            _tell_ended(running)
        if asked in ready:
            wanted, streams, told = _received(asked)
            pid = os.fork()
            if not pid:
                break
            running[pid] = told
            if wanted.get("bound"):  # before the group can be signalled
                os.setpgid(pid, pid)
            os.write(told, f"{pid} ".encode())
            for stream in streams:
                os.close(stream)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    for one in (woken, wakes, asked):
        one.close()
    for descriptor in (told, *running.values()):
        os.close(descriptor)
    _become(wanted, streams)


def _received(asked: socket.socket) -> tuple[dict[str, Any], list[int], int]:
    """Receive a request: its description, standard streams, and status channel."""
    word, streams, _, _ = socket.recv_fds(asked, N_WORD, len(STREAMS) + 1)
    if not word:
        os._exit(0)
    wanted: dict[str, Any] = json.loads(asked.recv(int.from_bytes(word), socket.MSG_WAITALL))
    *standard, told = streams
    return wanted, standard, told


def _tell_ended(running: dict[int, int]) -> None:
    for pid, told in list(running.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with suppress(BrokenPipeError):  # the requester has given up
                os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
            os.close(running.pop(pid))


def _become(wanted: dict[str, Any], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    sys.argv = ["novacron", *wanted["arguments"]]
    if wanted.get("bound") and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _main(program: str) -> Callable[[], object]:
    """Return the main function of a program, importing everything it will need."""
    main: Callable[[], int | None] = import_module(program).main
    if program.startswith("novacron."):
        _import_all()
        return main
    from novacron.cli import edge

    return partial(edge.run, main)


def _import_all() -> None:
    import novacron

    for module in pkgutil.walk_packages(novacron.__path__, "novacron."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


if __name__ == "__main__":
    main = _main(sys.argv[2])
    gc.collect()
    gc.freeze()  # a collection would copy its pages
    serve(socket.socket(fileno=int(sys.argv[1])))
    main()
