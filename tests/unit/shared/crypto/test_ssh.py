"""The first message of an SSH server, well-formed and not."""

import socket
import struct
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import Unreachable
from shared.crypto import ssh
from testing.patience import PATIENCE_S

METHODS = b"curve25519-sha256,mlkem768x25519-sha256,ext-info-s,kex-strict-s-v00@openssh.com"


def packet(payload, padding=4):
    return struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)


def kexinit(*lists):
    return bytes([20]) + bytes(16) + b"".join(struct.pack(">I", len(one)) + one for one in lists)


def answered(data):
    """What `ask` makes of a server that says this and then ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection, suppress(OSError):  # who has heard enough leaves
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            return ssh.ask("127.0.0.1", listener.getsockname()[1], PATIENCE_S)
        finally:
            thread.join(PATIENCE_S)


def test_what_a_server_takes_is_read():
    hello = b"a banner\r\nSSH-2.0-OpenSSH_10.0p2 Debian-7\r\n"
    offer = answered(hello + packet(kexinit(METHODS, b"ssh-ed25519", b"aes", b"aes")))
    assert offer.software == "OpenSSH_10.0p2"
    assert offer.methods == ("curve25519-sha256", "mlkem768x25519-sha256")
    assert offer.host_keys == ("ssh-ed25519",)
    assert (
        offer.pq and offer.preferred == "mlkem768x25519-sha256" and offer.classical == ("curve25519-sha256",)
    )
    assert offer.document()["methods"] == list(offer.methods)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "closed the connection"),
        (b"SSH-1.5-old\r\n", "an older version"),
        (b"x" * 20_000, "speaks no SSH"),
        (b"SSH-2.0-x\r\n" + packet(b"\x01" + bytes(30)), "no KEXINIT"),
        (b"SSH-2.0-x\r\n" + packet(kexinit(METHODS)), "cut short"),
        (b"SSH-2.0-x\r\n" + struct.pack(">IB", 1 << 30, 4), "malformed"),
        (b"SSH-2.0-x\r\n" + packet(kexinit(METHODS, b"a"))[:30], "closed the connection"),
    ],
)
def test_what_is_no_ssh_is_told(data, why):
    with pytest.raises(Unreachable, match=why):
        answered(data)


def test_where_nobody_is_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=f"nothing answers at 127.0.0.1:{port}"):
        ssh.ask("127.0.0.1", port)


@given(st.binary(max_size=200))
def test_lists_are_read_or_refused(payload):
    try:
        methods, host_keys = ssh._lists(payload)
    except ValueError:
        return
    assert all(isinstance(one, str) for one in (*methods, *host_keys))
