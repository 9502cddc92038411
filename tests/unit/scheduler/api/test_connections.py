"""Deadlines and limits of connections, on a server that listens."""

import asyncio
import json
import resource
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, cast

import pytest
import uvicorn

from scheduler.api import connections
from scheduler.api.connections import Connections, HttpConnection
from testing.patience import PATIENCE_S, eventually

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = b"x" * (8 << 20)


async def app(scope, receive, send):
    """Answers with the length of the body; `/large` with eight megabytes, `/refused` without reading on."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/refused":
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    seen, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        seen, more = seen + len(message["body"]), message["more_body"]
    body = LARGE if scope["path"] == "/large" else str(seen).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(most=100):
    """The port of a server, and its connections."""
    known = Connections(most)
    config = uvicorn.Config(
        app, port=0, http=cast(Any, partial(HttpConnection, known)), ws="none", lifespan="off",
        log_level="critical", timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1], known
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_S", 0.2)
    monkeypatch.setattr(connections, "BODY_S", 0.2)
    monkeypatch.setattr(connections, "STALLED_S", 0.2)
    monkeypatch.setattr(connections, "SWEEP_S", 0.05)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def all_of(connection):
    """What comes until the other side closes."""
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def asked(port, request=GET):
    with connect(port) as connection:
        connection.sendall(request)
        return connection.recv(4096)


def problem_of(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head and b"Connection: close" in head
    return json.loads(body)["status"]


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", GET + b"GET / HT"])
def test_a_head_that_does_not_come_is_given_up(short, sent):
    with serving() as (port, _), connect(port) as connection:
        connection.sendall(sent)
        answer = all_of(connection)
        if sent.startswith(GET):
            assert answer.startswith(b"HTTP/1.1 200")
        else:
            assert problem_of(answer) == 408


def test_a_body_that_hardly_comes_is_given_up(short):
    with serving() as (port, _), connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        connection.sendall(b"x" * 10)
        assert problem_of(all_of(connection)) == 408


def test_a_body_that_comes_steadily_is_waited_for(short, monkeypatch):
    monkeypatch.setattr(connections, "BODY_BYTES_PER_S", 100)
    with serving() as (port, _), connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n")
        for _ in range(20):
            connection.sendall(b"x" * 100)
            time.sleep(0.05)
        assert connection.recv(4096).endswith(b"2000")


def test_who_takes_in_nothing_is_cut_off(short):
    with serving() as (port, known), connect(port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(GET.replace(b"/ ", b"/large "))
        eventually(lambda: known._open)
        eventually(lambda: not known._open)


def test_a_head_without_end_is_refused():
    with serving() as (port, _), connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        try:
            for _ in range(100):
                connection.sendall(b"X: " + b"y" * 4000 + b"\r\n")
            answer = all_of(connection)
        except ConnectionError:
            return  # closed while more was on its way
        assert problem_of(answer) == 431


def test_what_is_not_http_is_a_problem():
    with serving() as (port, _):
        assert problem_of(asked(port, b"\x16\x03\x01 hello\r\n\r\n")) == 400


def test_what_comes_after_the_answer_is_taken_in_slowly_and_the_answer_is_read():
    length = 4 << 20
    with serving() as (port, _), connect(port) as connection:
        connection.sendall(b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length)
        connection.sendall(b"x" * length)
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")
        connection.sendall(GET)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_half_sent_requests_lock_nobody_out():
    with serving(most=20) as (port, known), ExitStack() as ended:
        for _ in range(60):
            ended.enter_context(connect(port)).sendall(b"GET / HTTP/1.1\r\nHost")
        for _ in range(50):
            assert asked(port).startswith(b"HTTP/1.1 200")
        assert len(known._open) <= 20


def test_no_request_under_way_makes_room():
    with serving(most=3) as (port, known), ExitStack() as ended:
        busy = [ended.enter_context(connect(port)) for _ in range(3)]
        for one in busy:
            one.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx")
        eventually(lambda: sum(not one.waits() for one in tuple(known._open)) == len(busy))
        with connect(port) as refused, pytest.raises(ConnectionError):
            refused.sendall(GET)
            if not refused.recv(10):
                raise ConnectionError
        for one in busy:
            one.sendall(b"y")
            assert one.recv(4096).endswith(b"2")


def test_connections_that_are_closed_are_forgotten():
    with serving() as (port, known):
        for _ in range(5):
            asked(port)
        eventually(lambda: not known._open)


def test_there_are_fewer_connections_than_files(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1000, 1000))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: pytest.fail("nothing to raise"))

    async def make():
        return Connections(4096)

    assert asyncio.run(make())._most == 1000 - connections.FILES_ELSEWHERE
