"""`up --tls`: the API over post-quantum TLS, as users have it."""

import asyncio
import json
import shutil
import socket
import ssl
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from novacron import AsyncClient, Client
from novacron.errors import BadInput, InsecureConnection, Unreachable
from testing.patience import PATIENCE_S
from tests.acceptance.stack import LONG_S, Stack, sleeping

POST_QUANTUM = "TLSv1.3, X25519MLKEM768 (post-quantum), mldsa65"
NOOP = {"kind": "pure_classical", "function": "noop"}


@contextmanager
def running(*options: str) -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="novacron-tls-"))
    stack = Stack(folder / "data", NOVACRON_QUEUES="cpu-sim")
    try:
        started = stack.run(
            "up", "--tls", *options, "--data", str(stack.data), "--detach", timeout_s=PATIENCE_S
        )
        assert started.returncode == 0, started.stderr
        yield stack
        stack.down()
    finally:
        if (stack.data / "runtime.json").exists():
            stack.run("down", "--data", str(stack.data))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def hybrid() -> Iterator[Stack]:
    with running() as stack:
        yield stack


@pytest.fixture
def here(hybrid: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The stack as the one that clients in this process find by themselves."""
    for name in ("NOVACRON_URL", "NOVACRON_TOKEN", "NOVACRON_CA_FILE", "NOVACRON_TLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NOVACRON_DATA", str(hybrid.data))
    return hybrid


def ordinary(stack: Stack) -> ssl.SSLContext:
    """What Python's own `ssl` makes of the stack's roots."""
    return ssl.create_default_context(cafile=stack.published["ca_file"])


def test_status_and_doctor_tell_what_is_agreed_on(hybrid):
    assert hybrid.url.startswith("https://127.0.0.1:")
    assert f"tls     {POST_QUANTUM}" in hybrid.run("status").stdout
    doctor = hybrid.run("doctor").stdout
    assert POST_QUANTUM in doctor.splitlines()[0], doctor
    log = (hybrid.data / "logs" / "scheduler.log").read_text()
    assert f"TLS with 127.0.0.1: {POST_QUANTUM}" in log


def test_the_client(here):
    with Client() as client:
        job = client.submit(dict(NOOP)).wait(PATIENCE_S)
        assert job.status == "completed"
        assert list(job.stream())[-1].last
        assert str(client.handshake) == POST_QUANTUM


def test_the_asynchronous_client(here):
    async def use() -> None:
        async with AsyncClient() as client:
            job = await client.submit(dict(NOOP, seed=2))
            assert [event async for event in job.stream()][-1].last
            assert (await job.refresh()).status == "completed"
            assert str(client.handshake) == POST_QUANTUM

    asyncio.run(use())


def test_events_come_as_they_happen(here):
    with Client() as client:
        job = client.submit(sleeping(LONG_S))
        events = job.stream()
        next(events)
        assert not client.job(job.id).ended
        job.cancel()
        assert list(events)[-1].last


def test_a_client_that_insists(here, monkeypatch):
    monkeypatch.setenv("NOVACRON_TLS", "pq-only")
    with Client() as client:
        client.version()
        assert client.handshake is not None and client.handshake.pq
    monkeypatch.setenv("NOVACRON_TLS", "classical")
    with pytest.raises(BadInput, match="NOVACRON_TLS"):
        Client()


def test_a_client_without_the_roots_refuses(here, monkeypatch):
    monkeypatch.setenv("NOVACRON_DATA", str(here.data / "nothing"))
    with Client(here.url, here.token) as client, pytest.raises(InsecureConnection, match="is refused"):
        client.version()

    async def use() -> None:
        async with AsyncClient(here.url, here.token) as client:
            await client.version()

    with pytest.raises(InsecureConnection, match="is refused"):
        asyncio.run(use())


def test_a_classical_client_is_served_and_recorded(hybrid):
    with urllib.request.urlopen(
        hybrid.url + "/healthz", context=ordinary(hybrid), timeout=PATIENCE_S
    ) as answer:
        assert json.load(answer)["status"] == "ok"
    if ssl.OPENSSL_VERSION_INFO < (3, 5):
        log = (hybrid.data / "logs" / "scheduler.log").read_text()
        assert "WARNING shared.crypto.tls.record TLS with 127.0.0.1: TLSv1.3, X25519 (classical)" in log


def test_nothing_is_served_in_the_clear(hybrid):
    address = urlsplit(hybrid.url)
    with pytest.raises(Unreachable), Client(f"http://127.0.0.1:{address.port}", hybrid.token) as client:
        client.version()


def test_an_upgrade_to_websockets_is_no_way_past(hybrid):
    address = urlsplit(hybrid.url)
    request = (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", address.port), 10) as plain:
        with ordinary(hybrid).wrap_socket(plain, server_hostname="localhost") as stream:
            stream.sendall(request)
            assert stream.recv(100).startswith(b"HTTP/1.1 200")


def test_private_keys_are_the_owners_alone(hybrid):
    folder = hybrid.data / "tls"
    assert {path.name for path in folder.iterdir()} == {
        "ca.pem", "ml-dsa-65.pem", "ml-dsa-65.key", "ecdsa-p256.pem", "ecdsa-p256.key",
    }  # fmt: skip
    assert all(path.stat().st_mode & 0o077 == 0 for path in (folder, *folder.iterdir()))
    keys = ["".join(path.read_text().splitlines()[1:-1]).encode() for path in folder.glob("*.key")]
    said = [*hybrid.said, *(path.read_bytes() for path in (hybrid.data / "logs").iterdir())]
    assert not [text for text in said for key in keys if key in text]


def test_post_quantum_only():
    with running("--pq-only") as stack:
        assert f"tls     {POST_QUANTUM}" in stack.run("status").stdout
        assert stack.run("backends").returncode == 0
        if ssl.OPENSSL_VERSION_INFO < (3, 5):
            with pytest.raises(OSError, match="HANDSHAKE_FAILURE"):
                urllib.request.urlopen(stack.url + "/healthz", context=ordinary(stack), timeout=PATIENCE_S)


def test_post_quantum_only_goes_with_tls(tmp_path):
    refused = Stack(tmp_path / "data").run("up", "--pq-only")
    assert refused.returncode != 0
    assert "requires --tls" in refused.stderr
