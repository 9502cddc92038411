"""Bad and slow clients of the terminator."""

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest

from novacron.tls.groups import MODES
from shared.crypto.tls import terminator
from shared.crypto.tls.server import serving
from testing.patience import PATIENCE_S
from tests.integration.tls.conftest import running

MIB = 1 << 20


class Pour(asyncio.Protocol):
    """Sends 32 MiB, as fast as the client takes them; `most` is what ever waited for it."""

    most = 0

    def connection_made(self, transport):
        self.transport, self.rest = transport, 32 * MIB
        transport.write(b"x")
        self.resume_writing()

    def resume_writing(self):
        self.paused = False
        while self.rest and not self.paused:
            self.rest -= MIB
            self.transport.write(bytes(MIB))
            Pour.most = max(Pour.most, self.transport.get_write_buffer_size())
        if not self.rest:
            self.transport.close()

    def pause_writing(self):
        self.paused = True


def read_all(stream):
    received = 0
    while data := stream.recv(MIB):
        received += len(data)
    return received


def test_a_slow_reader_holds_the_sender_back(folder, connect):
    with running(serving(MODES["hybrid"], folder), Pour) as server, connect(server.port) as stream:
        assert stream.recv(1) == b"x"
        assert read_all(stream) == 32 * MIB
    assert Pour.most < 8 * MIB


def test_large_messages_both_ways(hybrid, connect):
    sent = bytes(range(256)) * 1024
    with connect(hybrid.port) as stream:
        for _ in range(8):
            stream.sendall(sent)
            received = b""
            while len(received) < len(sent):
                received += stream.recv(MIB)
            assert received == sent


def test_many_connections_at_once(hybrid, connect):
    def use(number):
        with connect(hybrid.port) as stream:
            stream.sendall(b"%d" % number)
            return stream.recv(100)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(use, range(100))) == [b"%d" % number for number in range(100)]


def test_a_handshake_has_a_time_limit(folder, monkeypatch):
    monkeypatch.setattr(terminator, "HANDSHAKE_S", 0.1)
    with running(serving(MODES["hybrid"], folder)) as server:
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as silent:
            assert silent.recv(1) == b""
        assert not server.seen


def test_a_handshake_byte_by_byte(folder, ca_file):
    """The client's messages arrive in the smallest pieces there are."""
    context = ssl.create_default_context(cafile=ca_file)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with running(serving(MODES["hybrid"], folder)) as server:
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                try:
                    client.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    for byte in outgoing.read():
                        plain.sendall(bytes([byte]))
                    incoming.write(plain.recv(MIB))
            client.write(b"hello")
            plain.sendall(outgoing.read())
            answer = b""
            while not answer:
                incoming.write(plain.recv(MIB))
                try:
                    answer = client.read(100)
                except ssl.SSLWantReadError:
                    pass
    assert answer == b"hello"


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\x00" * 64]
)
def test_what_is_not_tls_is_cut_off(hybrid, sent):
    n_seen = len(hybrid.seen)
    with socket.create_connection(("127.0.0.1", hybrid.port), PATIENCE_S) as plain:
        plain.sendall(sent)
        answer = plain.recv(MIB)
        assert answer[:1] in (b"", b"\x15")  # nothing but an alert
        assert plain.recv(MIB) == b""
    assert len(hybrid.seen) == n_seen


def test_a_changed_record_ends_the_connection(hybrid, connect):
    with connect(hybrid.port) as stream:
        stream.channel.write(b"hello")
        record = bytearray(stream.channel.to_send())
        record[-1] ^= 1
        socket.socket.sendall(stream, bytes(record))
        with pytest.raises(ConnectionError, match="bad record mac"):
            stream.recv(100)


def test_the_server_says_farewell(hybrid, connect):
    with connect(hybrid.port) as stream:
        stream.sendall(b"quit\n")
        assert stream.recv(100) == b"quit\n"
        assert stream.recv(100) == b""
        assert stream.channel.ended


def test_the_client_says_farewell(hybrid, connect):
    with connect(hybrid.port) as stream:
        stream.channel.close()
        stream._flush()
        assert stream.recv(100) == b""
        assert stream.channel.ended  # it said so too
        assert socket.socket.recv(stream, MIB) == b""
