"""What a probe says of servers of every sort, and that it never hangs."""

import socket
import threading

import pytest
from OpenSSL import SSL

from novacron.errors import BadInput, Forbidden, Unreachable
from novacron.tls.contexts import Context
from novacron.tls.groups import MODES, Mode
from scheduler.embedded import ports
from shared.crypto.reach import Reach
from shared.crypto.tls.probe import OFFERS, probe
from testing.patience import PATIENCE_S
from tests.integration.tls.conftest import running

ANY = MODES["hybrid"].signatures


def test_a_hybrid_server(hybrid, ca_file):
    found = probe("localhost", hybrid.port, ca_file=str(ca_file))
    assert found.pq and found.knows_pq and found.pq_signature and found.serves_classical
    assert not found.downgrades
    assert set(found.attempts) == set(OFFERS)
    assert all(one.distrust is None and len(one.chain) >= 1 for one in found.attempts.values())
    document = found.document()
    assert document["handshake"]["group"] == "X25519MLKEM768"
    assert document["attempts"]["classical_only"]["handshake"]["group"] == "X25519"


def test_a_post_quantum_server(pq_only, ca_file):
    found = probe("127.0.0.1", pq_only.port, ca_file=str(ca_file))
    assert found.pq and found.pq_signature
    assert not (found.takes_classical_groups or found.serves_classical or found.downgrades)
    assert found.attempts["classical_only"].handshake is None
    assert "handshake failure" in str(found.attempts["classical_only"].refusal)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("X25519MLKEM768:X25519", {"pq": True, "knows_pq": True, "downgrades": True}),
        ("X25519/X25519MLKEM768", {"pq": False, "knows_pq": True, "downgrades": True}),
        ("X25519", {"pq": False, "knows_pq": False, "downgrades": False}),
    ],
)
def test_weaker_servers(folder, ca_file, groups, expected):
    context = Context(Mode(groups, ANY), minimum=SSL.TLS1_2_VERSION)
    context.present([(folder / "ecdsa-p256.pem", folder / "ecdsa-p256.key")])
    with running(context) as server:
        found = probe("127.0.0.1", server.port, ca_file=str(ca_file))
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.serves_classical and not found.pq_signature


def test_a_certificate_that_is_not_to_be_trusted_is_reported(hybrid, ca_file):
    assert "issuer certificate" in str(probe("127.0.0.1", hybrid.port).attempts["preferred"].distrust)
    found = probe("127.0.0.1", hybrid.port, server_name="example.org", ca_file=str(ca_file))
    assert found.document()["distrust"].endswith("hostname mismatch")
    assert found.pq


def test_a_server_that_never_answers():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = probe("127.0.0.1", silent.getsockname()[1], timeout_s=0.2)
    assert found.handshake is None
    assert {one.refusal for one in found.attempts.values()} <= {"timed out", "the handshake took too long"}


def test_a_server_that_drips():
    """A byte now and then does not stretch the time limit: it drips until the probe has given up."""
    with socket.create_server(("127.0.0.1", 0)) as dripping:
        stop = threading.Event()

        def drip():
            while not stop.is_set():
                connection, _ = dripping.accept()
                with connection:
                    try:
                        while not stop.wait(0.05):
                            connection.sendall(b"\x16")
                    except OSError:
                        pass

        thread = threading.Thread(target=drip)
        thread.start()
        found = probe("127.0.0.1", dripping.getsockname()[1], timeout_s=0.2)
        stop.set()
        socket.create_connection(dripping.getsockname()).close()
        thread.join(PATIENCE_S)
    assert found.handshake is None


def test_nobody_there():
    with pytest.raises(Unreachable, match="nothing answers at"):
        probe("127.0.0.1", ports.choose())
    with pytest.raises(Unreachable, match=r"nothing answers at nowhere.invalid:443$"):
        probe("nowhere.invalid", 443, reach=Reach(servers=[("nowhere.invalid", 443)]))
    with pytest.raises(Forbidden, match="NOVACRON_PROBE_ALLOW"):
        probe("nowhere.invalid", 443)


@pytest.mark.parametrize(
    ("host", "port", "timeout_s"), [("", 443, 1), ("h", 0, 1), ("h", 65536, 1), ("h", 443, 0)]
)
def test_bad_input(host, port, timeout_s):
    with pytest.raises(BadInput):
        probe(host, port, timeout_s=timeout_s)


def test_roots_that_are_none(hybrid, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(BadInput, match="no certificates can be read here"):
        probe("127.0.0.1", hybrid.port, ca_file=str(tmp_path / "ca.pem"))
