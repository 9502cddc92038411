"""Real handshakes over sockets: what both sides agree on, and what is refused."""

import socket
import ssl
import time

import pytest

from novacron.errors import InsecureConnection
from novacron.tls.contexts import Context
from novacron.tls.groups import CLASSICAL_GROUPS, CLASSICAL_SIGNATURES, MODES, POST_QUANTUM_GROUPS, Mode
from novacron.tls.stream import Stream
from testing.patience import PATIENCE_S
from tests.integration.tls.conftest import running

ANY = MODES["hybrid"].signatures
CLASSICAL = Mode("*" + ":".join(CLASSICAL_GROUPS), ":".join(CLASSICAL_SIGNATURES))


def told(stream):
    """What was agreed on; the echo shows that the server too has ended its handshake."""
    with stream:
        stream.sendall(b"hello")
        assert stream.recv(100) == b"hello"
        return stream.handshake


@pytest.mark.parametrize("client", MODES)
@pytest.mark.parametrize("server", ["hybrid", "pq_only"])
def test_both_post_quantum(request, connect, client, server):
    server = request.getfixturevalue(server)
    handshake = told(connect(server.port, client))
    assert handshake.version == "TLSv1.3"
    assert (handshake.group, handshake.signature) == ("X25519MLKEM768", "mldsa65")
    assert handshake.pq and handshake.pq_signature
    assert server.seen[-1] == handshake


@pytest.mark.parametrize("group", POST_QUANTUM_GROUPS)
def test_every_post_quantum_group(pq_only, connect, group):
    assert told(connect(pq_only.port, Mode(f"*{group}", "mldsa65"))).group == group


def test_a_classical_client_is_served_and_recorded_by_a_hybrid_server(hybrid, connect):
    handshake = told(connect(hybrid.port, CLASSICAL))
    assert (handshake.group, handshake.signature) == ("X25519", "ecdsa_secp256r1_sha256")
    assert not handshake.pq
    assert hybrid.seen[-1] == handshake


def test_a_classical_client_is_refused_by_a_post_quantum_server(pq_only, connect):
    n_seen = len(pq_only.seen)
    with pytest.raises(InsecureConnection, match="handshake failure"):
        connect(pq_only.port, CLASSICAL)
    assert len(pq_only.seen) == n_seen


def test_a_post_quantum_client_refuses_a_classical_server(folder, connect):
    context = Context(CLASSICAL)
    context.present([(folder / "ecdsa-p256.pem", folder / "ecdsa-p256.key")])
    with running(context) as server:
        with pytest.raises(InsecureConnection):
            connect(server.port, "pq-only")
        assert not told(connect(server.port, "hybrid")).pq


@pytest.mark.parametrize(
    "groups", ["*X25519:X25519MLKEM768", "*X25519:*X25519MLKEM768", "X25519/X25519MLKEM768"]
)
def test_the_order_of_the_client_does_not_downgrade(hybrid, connect, groups):
    assert told(connect(hybrid.port, Mode(groups, ANY))).group == "X25519MLKEM768"


def test_a_list_without_ranks_is_downgraded(folder, connect):
    """The reason for the ranks: with the same groups in one rank, the client's share for X25519 wins."""
    flat = Context(Mode("X25519MLKEM768:X25519", ANY))
    flat.present([(folder / "ecdsa-p256.pem", folder / "ecdsa-p256.key")])
    with running(flat) as server:
        assert told(connect(server.port, Mode("*X25519:X25519MLKEM768", ANY))).group == "X25519"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_pythons_own_client(hybrid, ca_file, version):
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", hybrid.port), PATIENCE_S) as plain:
        if version == ssl.TLSVersion.TLSv1_2:
            with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
                context.wrap_socket(plain, server_hostname="localhost")
        else:
            with context.wrap_socket(plain, server_hostname="localhost") as stream:
                stream.sendall(b"hello")
                assert stream.recv(100) == b"hello"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_names_of_the_certificate(hybrid, connect, name):
    assert told(connect(hybrid.port, name=name)).pq


@pytest.mark.parametrize(
    ("name", "why"), [("example.org", "hostname mismatch"), ("127.0.0.2", "IP address mismatch")]
)
def test_another_name_is_refused(hybrid, connect, name, why):
    with pytest.raises(InsecureConnection, match=f"certificate is refused: {why}"):
        connect(hybrid.port, name=name)


def test_an_unknown_root_is_refused(hybrid):
    context = Context(MODES["hybrid"])
    context.trust(None)
    plain = socket.create_connection(("127.0.0.1", hybrid.port), PATIENCE_S)
    with pytest.raises(InsecureConnection, match="certificate is refused"):
        Stream(plain, context.connect("localhost"), time.monotonic() + PATIENCE_S)
    assert plain.fileno() == -1


def test_a_silent_server_is_left_at_the_deadline(ca_file):
    context = Context(MODES["hybrid"])
    with socket.create_server(("127.0.0.1", 0)) as silent:
        plain = socket.create_connection(silent.getsockname())
        with pytest.raises(TimeoutError):
            Stream(plain, context.connect("localhost"), time.monotonic() + 0.1)
