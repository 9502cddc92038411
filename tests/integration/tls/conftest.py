"""Certificates, servers of our own on loopback, and OpenSSL 3.5 from outside."""

import asyncio
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from novacron.tls.contexts import Context
from novacron.tls.groups import MODES, Mode
from novacron.tls.handshake import Handshake
from novacron.tls.stream import Stream
from scheduler.embedded import certificates, ports
from shared.crypto.tls.server import serving
from shared.crypto.tls.terminator import Terminator
from testing import programs
from testing.patience import PATIENCE_S

PASSES = 10  # of the loop, for connections behind a connection to be closed too
# Where tests run unattended, they fail without these programs.
NOT_RUN = not programs.all_here(programs.TLS) and not os.environ.get("CI")
collect_ignore = ["test_openssl.py", "test_nginx.py"] if NOT_RUN else []
Make = Callable[[], asyncio.Protocol]
Wrap = Callable[[asyncio.Protocol], asyncio.Protocol]


def pytest_not_run() -> list[str]:
    return [f"tests of TLS with foreign programs not run: {programs.WHY}"] if NOT_RUN else []


class Echo(asyncio.Protocol):
    """Answers with what it is sent; a line `quit` ends it from this side."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)
        if data.endswith(b"quit\n"):
            self.transport.close()


class Server:
    """A server of ours; `seen` are the handshakes it recorded."""

    def __init__(self, context: Context, inner: Make, host: str, wrap: Wrap) -> None:
        self._host, self._wrap = host, wrap
        self.seen: list[Handshake] = []
        self.port = 0
        self._factory = lambda: Terminator(inner(), context.accept(), self._record)
        self._made: list[Any] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(PATIENCE_S)

    def _record(self, handshake: Handshake, _client: Any) -> None:
        self.seen.append(handshake)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        listening = await self._loop.create_server(self._make, self._host, 0)
        self.port = listening.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        listening.close()
        for transport in [one._transport for one in self._made if hasattr(one, "_transport")]:
            if transport.get_protocol() is not None:  # else it is closed, and has no loop any more
                transport.abort()
        for _ in range(PASSES):
            await asyncio.sleep(0)

    def _make(self) -> asyncio.Protocol:
        self._made.append(self._factory())
        return self._wrap(self._made[-1])

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


@contextmanager
def running(
    context: Context, inner: Make = Echo, host: str = "127.0.0.1", wrap: Wrap = lambda made: made
) -> Iterator[Server]:
    """A server for the time of a test; `wrap` puts another protocol before TLS."""
    server = Server(context, inner, host, wrap)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chains and keys as `up --tls` makes them."""
    made = tmp_path_factory.mktemp("tls") / "tls"
    certificates.ensure(made)
    return made


@pytest.fixture(scope="session")
def ca_file(folder: Path) -> Path:
    """The roots."""
    return folder / certificates.ROOTS


@pytest.fixture(scope="session")
def hybrid(folder: Path) -> Iterator[Server]:
    """Serves classical clients too."""
    with running(serving(MODES["hybrid"], folder)) as server:
        yield server


@pytest.fixture(scope="session")
def pq_only(folder: Path) -> Iterator[Server]:
    """Serves post-quantum clients alone."""
    with running(serving(MODES["pq-only"], folder)) as server:
        yield server


@pytest.fixture
def connect(ca_file: Path) -> Callable[..., Stream]:
    """Opens a connection with a mode, or with lists of groups and signature schemes."""

    def opened(port: int, mode: str | Mode = "hybrid", name: str = "localhost") -> Stream:
        context = Context(MODES[mode] if isinstance(mode, str) else mode)  # type: ignore[index]
        context.trust(ca_file)
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        return Stream(plain, context.connect(name), time.monotonic() + PATIENCE_S)

    return opened


@pytest.fixture(scope="session")
def openssl() -> str:
    """The command line of OpenSSL 3.5 or later."""
    return needed("openssl")


@pytest.fixture(scope="session")
def nginx() -> str:
    """An nginx on OpenSSL 3.5 or later."""
    return needed("nginx")


def needed(name: str) -> str:
    path = programs.find(name)
    assert path is not None, programs.WHY
    return path


@contextmanager
def started(command: list[str], port: int) -> Iterator[subprocess.Popen[str]]:
    """A foreign server, once it accepts connections."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not ports.accepts(port):
            assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
