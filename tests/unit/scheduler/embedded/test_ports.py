import socket

import pytest

from scheduler.embedded import ports


@pytest.fixture
def listener():
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        yield server


def test_a_taken_port_is_not_chosen(listener):
    taken = listener.getsockname()[1]
    assert not ports.is_free(taken)
    assert ports.choose(taken) != taken


def test_the_preferred_port_is_kept():
    port = ports.choose()
    assert port in ports.RANGE
    assert ports.choose(port) == port


def test_accepts_tells_a_listener_from_none(listener):
    assert ports.accepts(listener.getsockname()[1])
    assert not ports.accepts(ports.choose())


def test_ask_gives_up_on_silence(listener):
    assert ports.ask(listener.getsockname()[1], b"hello\r\n", timeout_s=0.05) == b""
    assert ports.ask(ports.choose(), b"hello\r\n") == b""
