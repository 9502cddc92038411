"""With the command line of OpenSSL 3.5 or later at the other end."""

import re
import subprocess

import pytest

from novacron.errors import InsecureConnection
from scheduler.embedded import ports
from shared.crypto.tls.probe import probe
from testing.patience import PATIENCE_S
from tests.integration.tls.conftest import started


def client(openssl, port, ca_file, *options):
    """The words in which `openssl s_client` reports a connection, after an echo."""
    command = [openssl, "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", str(ca_file)]
    done = subprocess.run(
        [*command, "-ign_eof", "-verify_return_error", "-verify_hostname", "localhost", *options],
        input="hello, then quit\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("server", ["hybrid", "pq_only"])
def test_its_client_agrees_on_a_post_quantum_group_and_signature(request, openssl, ca_file, server):
    status, said = client(openssl, request.getfixturevalue(server).port, ca_file)
    assert status == 0, said
    assert "Negotiated TLS1.3 group: X25519MLKEM768" in said
    assert re.search(r"Peer signature type: (id-ml-dsa-65|mldsa65)", said)
    assert "Verify return code: 0 (ok)" in said
    assert "hello, then quit" in said


def test_its_classical_client(openssl, hybrid, pq_only, ca_file):
    classical = ("-groups", "X25519", "-sigalgs", "ecdsa_secp256r1_sha256")
    status, said = client(openssl, hybrid.port, ca_file, *classical)
    assert status == 0 and "Verify return code: 0 (ok)" in said, said
    assert "hello, then quit" in said
    status, said = client(openssl, pq_only.port, ca_file, *classical)
    assert status != 0 and "alert handshake failure" in said


def test_its_client_is_not_downgraded_by_its_own_order(openssl, hybrid, ca_file):
    status, said = client(openssl, hybrid.port, ca_file, "-groups", "X25519:X25519MLKEM768")
    assert status == 0, said
    assert "Negotiated TLS1.3 group: X25519MLKEM768" in said


def serving(openssl, folder, port, name, *options):
    files = ("-cert", str(folder / f"{name}.pem"), "-key", str(folder / f"{name}.key"))
    return started(
        [openssl, "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", *files, *options], port
    )


def test_its_server(openssl, folder, connect):
    port = ports.choose()
    with serving(openssl, folder, port, "ml-dsa-65"):
        with connect(port, "pq-only") as stream:
            stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert stream.recv(100).startswith(b"HTTP/1.0 200 ok")
            assert stream.handshake.group == "X25519MLKEM768"
            assert stream.handshake.signature == "mldsa65"


def test_its_classical_server(openssl, folder, ca_file, connect):
    port = ports.choose()
    with serving(openssl, folder, port, "ecdsa-p256", "-tls1_2"):
        with pytest.raises(InsecureConnection):
            connect(port, "hybrid")
        found = probe("127.0.0.1", port, ca_file=str(ca_file))
    assert str(found.handshake) == "TLSv1.2, X25519 (classical), ecdsa_secp256r1_sha256"
    assert not (found.pq or found.knows_pq or found.downgrades or found.pq_signature)
    assert found.serves_classical
    assert found.attempts["preferred"].distrust is None


def test_its_server_that_lets_clients_downgrade(openssl, folder, ca_file):
    port = ports.choose()
    with serving(openssl, folder, port, "ecdsa-p256", "-groups", "X25519MLKEM768:X25519"):
        found = probe("127.0.0.1", port, ca_file=str(ca_file))
    assert found.pq and found.knows_pq and found.downgrades and not found.pq_signature
