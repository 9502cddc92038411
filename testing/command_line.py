"""`novacron ...` as a process of its own, forked from one that has imported everything already.

Importing is nine tenths of what most commands take. A copy has real streams, signals, a working folder and an
environment; what is known at the interpreter's start is that of the process that it is a copy of. Where the
start itself is the subject, start the command itself.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import pkgutil
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from testing.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[1]
OWN = "NOVACRON_"
"""Variables with this prefix may differ from copy to copy, as they are looked up when they are needed."""
UNKNOWN = {"PYTEST_CURRENT_TEST"}
"""Variables that no command knows."""
STACKS = (("up",), ("down",))
STREAMS = range(3)
N_WORD = 4

Environment = dict[str, str]


class Origin:
    """The process that commands with one environment are copies of.

    Args:
        environment: of the interpreter.
    """

    def __init__(self, environment: Environment) -> None:
        self._asking = threading.Lock()
        self._ours, theirs = socket.socketpair()
        paths = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "testing.command_line", str(theirs.fileno())],
                env=environment | {"PYTHONPATH": paths}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def start(self, wanted: dict[str, Any], streams: list[int]) -> None:
        """Have a copy made; its pid and exit status come through the last of the streams."""
        message = json.dumps(wanted).encode()
        with self._asking:
            socket.send_fds(self._ours, [len(message).to_bytes(N_WORD)], streams)
            self._ours.sendall(message)

    def end(self) -> None:
        """End it; copies that still run go on."""
        self._ours.close()
        self._process.communicate(timeout=PATIENCE_S)


_origins: dict[frozenset[tuple[str, str]], Origin] = {}
_choosing = threading.Lock()
_n_asked: Counter[frozenset[tuple[str, str]]] = Counter()


def run(
    *arguments: str, environment: Environment, cwd: Path | None = None, timeout_s: float = PATIENCE_S
) -> subprocess.CompletedProcess[str]:
    """`novacron ARGUMENTS`, and what it said, as text.

    What starts or ends a stack, and an environment asked for once, have a process started from nothing.

    Raises:
        TimeoutExpired: it took longer; it is killed.
    """
    origin = None if arguments[:1] in STACKS else _origin(environment)
    if origin is not None:
        return _copied(origin, arguments, environment, cwd or Path.cwd(), timeout_s)
    return subprocess.run(
        [sys.executable, "-m", "novacron.cli", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _origin(environment: Environment) -> Origin | None:
    """What commands with this environment are copies of, from the second one on."""
    shared = {
        name: value for name, value in environment.items() if not name.startswith(OWN) and name not in UNKNOWN
    }
    key = frozenset(shared.items())
    with _choosing:
        _n_asked[key] += 1
        if key not in _origins and _n_asked[key] > 1:
            _origins[key] = Origin(shared)
        return _origins.get(key)


def end() -> None:
    """End the processes that others are copies of."""
    while _origins:
        _origins.popitem()[1].end()


atexit.register(end)


def _copied(
    origin: Origin, arguments: tuple[str, ...], environment: Environment, cwd: Path, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    wanted = {"arguments": arguments, "environment": environment, "cwd": str(cwd)}
    with ExitStack() as opened, open(os.devnull, "rb") as nothing:
        pipes = [os.pipe() for _ in STREAMS]
        reads = [opened.enter_context(open(reading, "rb", buffering=0)) for reading, _ in pipes]
        try:
            origin.start(wanted, [nothing.fileno(), *(writing for _, writing in pipes)])
        finally:
            for _, writing in pipes:
                os.close(writing)
        out, err, told = _read(reads, timeout_s, arguments)
    return subprocess.CompletedProcess(list(arguments), int(told.split()[1]), _text(out), _text(err))


def _read(reads: list[io.FileIO], timeout_s: float, arguments: tuple[str, ...]) -> list[bytes]:
    """All that comes until every stream has ended."""
    deadline = time.monotonic() + timeout_s
    read = {stream: b"" for stream in reads}
    with selectors.DefaultSelector() as selector:
        for stream in reads:
            selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(int(read[reads[-1]].split()[0]), signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(arguments), timeout_s)
            for key, _ in ready:
                found = key.data.read(1 << 16)
                if found:
                    read[key.data] += found
                else:
                    selector.unregister(key.fileobj)
    return [read[stream] for stream in reads]


def _text(read: bytes) -> str:
    with io.TextIOWrapper(io.BytesIO(read)) as text:
        return text.read()


def serve(asked: socket.socket) -> None:
    """Make copies, and tell how they end; returns in each copy, ends the process when nobody asks."""
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
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
            os.write(told, f"{pid} ".encode())
            for stream in streams:
                os.close(stream)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for one in (woken, wakes, asked):
        one.close()
    for descriptor in (told, *running.values()):
        os.close(descriptor)
    _become(wanted, streams)


def _received(asked: socket.socket) -> tuple[dict[str, Any], list[int], int]:
    """What is asked for, its standard streams, and where its status goes."""
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
            with suppress(BrokenPipeError):  # who asked has given up
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


def _import_all() -> None:
    import novacron

    for module in pkgutil.walk_packages(novacron.__path__, "novacron."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


if __name__ == "__main__":
    from novacron.cli import main

    _import_all()
    gc.collect()
    gc.freeze()  # looking through it would copy it
    serve(socket.socket(fileno=int(sys.argv[1])))
    main()
