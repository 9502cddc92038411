"""Both clients over TLS, with pyOpenSSL and with Python's own `ssl`."""

import asyncio
import ssl

import pytest

from novacron import AsyncClient, Client
from novacron._transport import tls
from novacron._transport.endpoint import Endpoint
from novacron.errors import BadInput, InsecureConnection, Unreachable
from novacron.tls.contexts import Context
from novacron.tls.groups import CLASSICAL_GROUPS, MODES, Mode
from shared.crypto.tls.server import serving
from testing.patience import PATIENCE_S
from tests.integration.tls.conftest import running


class Api(asyncio.Protocol):
    """Answers every request with a version; `n_made` counts connections."""

    n_made = 0

    def connection_made(self, transport):
        self.transport = transport
        Api.n_made += 1

    def data_received(self, data):
        body = b'{"version": "7"}'
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


@pytest.fixture(scope="module")
def api(folder):
    with running(serving(MODES["hybrid"], folder), Api) as server:
        yield server


@pytest.fixture(scope="module")
def misnamed(folder):
    """On an address that is not in its certificate."""
    with running(serving(MODES["hybrid"], folder), Api, "127.0.0.2") as server:
        yield server


@pytest.fixture(scope="module")
def classical(folder):
    context = Context(Mode(":".join(CLASSICAL_GROUPS), MODES["hybrid"].signatures))
    context.present([(folder / "ecdsa-p256.pem", folder / "ecdsa-p256.key")])
    with running(context, Api) as server:
        yield server


def synchronous(port, host="localhost"):
    with Client(f"https://{host}:{port}", "nc_test") as client:
        return [client.version(), client.version()], client.handshake


def asynchronous(port, host="localhost"):
    async def use():
        async with AsyncClient(f"https://{host}:{port}", "nc_test") as client:
            return [await client.version(), await client.version()], client.handshake

    return asyncio.run(use())


both = pytest.mark.parametrize("ask", [synchronous, asynchronous])


@pytest.fixture(autouse=True)
def roots(monkeypatch, ca_file, tmp_path):
    monkeypatch.setenv("NOVACRON_DATA", str(tmp_path))
    monkeypatch.setenv("NOVACRON_CA_FILE", str(ca_file))
    monkeypatch.delenv("NOVACRON_TLS", raising=False)


@pytest.fixture
def without_pyopenssl(monkeypatch):
    monkeypatch.setattr(tls, "find_spec", lambda name: None)


@both
def test_the_group_is_told_and_the_connection_kept(api, ask):
    before = Api.n_made
    answers, handshake = ask(api.port)
    assert answers == ["7", "7"]
    assert Api.n_made == before + 1
    assert (handshake.group, handshake.signature) == ("X25519MLKEM768", "mldsa65")


@both
def test_a_classical_server_is_used_unless_post_quantum_is_asked_for(classical, ask, monkeypatch):
    assert ask(classical.port)[1].group == "X25519"
    monkeypatch.setenv("NOVACRON_TLS", "pq-only")
    with pytest.raises(InsecureConnection):
        ask(classical.port)


@both
def test_another_name_is_refused(misnamed, ask):
    with pytest.raises(InsecureConnection, match="IP address mismatch"):
        ask(misnamed.port, "127.0.0.2")


@both
def test_unknown_roots_are_refused(api, ask, monkeypatch):
    monkeypatch.delenv("NOVACRON_CA_FILE")
    with pytest.raises(InsecureConnection, match="certificate is refused"):
        ask(api.port)


@both
def test_roots_that_cannot_be_read(api, ask, monkeypatch, tmp_path):
    monkeypatch.setenv("NOVACRON_CA_FILE", str(tmp_path / "nothing.pem"))
    with pytest.raises(BadInput, match="no certificates can be read here"):
        ask(api.port)


@both
def test_pythons_own_ssl(api, ask, without_pyopenssl):
    answers, handshake = ask(api.port)
    assert answers == ["7", "7"]
    assert str(handshake) == "TLSv1.3, group unknown"


@both
def test_pythons_own_ssl_checks_the_certificate(api, misnamed, ask, without_pyopenssl, monkeypatch):
    with pytest.raises(InsecureConnection, match="certificate is refused: IP address mismatch"):
        ask(misnamed.port, "127.0.0.2")
    monkeypatch.delenv("NOVACRON_CA_FILE")
    with pytest.raises(InsecureConnection, match="certificate is refused: "):
        ask(api.port)


@both
def test_post_quantum_cannot_be_had_from_pythons_own_ssl(api, ask, without_pyopenssl, monkeypatch):
    monkeypatch.setenv("NOVACRON_TLS", "pq-only")
    with pytest.raises(BadInput, match=r"NOVACRON_TLS .*needs pyOpenSSL") as refused:
        ask(api.port)
    assert "novacron[crypto]" in str(refused.value)


@both
def test_what_is_not_tls_is_no_scheduler(ask):
    async def plainly(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def serve():
        server = await asyncio.start_server(plainly, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.to_thread(ask, port)

    with pytest.raises((InsecureConnection, Unreachable)):
        asyncio.run(serve())


def test_old_protocols_are_refused_by_pythons_own_ssl(folder, ca_file, without_pyopenssl):
    """A server that knows TLS 1.2 alone."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.load_cert_chain(folder / "ecdsa-p256.pem", folder / "ecdsa-p256.key")

    async def serve():
        async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, ssl=old) as server:
            port = server.sockets[0].getsockname()[1]
            dial = tls.dialler(Endpoint((f"https://127.0.0.1:{port}",), ca_file=str(ca_file)))
            with pytest.raises(OSError, match=r"(?i)version|EOF|reset"):
                await asyncio.to_thread(dial("127.0.0.1", port, timeout=PATIENCE_S).connect)

    asyncio.run(serve())
