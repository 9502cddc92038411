"""Transport over http.client: it starts faster than httpx, as docs/libraries.md shows."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from novacron._transport.endpoint import Addresses, Endpoint, unreachable
from novacron._transport.http import Request, Response, headers, problem
from novacron.errors import Unreachable
from novacron.tls.handshake import Handshake

T = TypeVar("T")
CHUNK = 65536
BROKEN = (OSError, http.client.HTTPException, UnicodeError)


class Connections:
    """Persistent connections to the first scheduler of an endpoint that answers; thread-safe.

    Attributes:
        handshake: of the last connection used, None over plain HTTP.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._idle: list[tuple[str, http.client.HTTPConnection]] = []
        self._token = endpoint.token
        self._addresses = Addresses(endpoint)
        self.handshake: Handshake | None = None
        self._dial = _dialler(endpoint) if endpoint.secured else http.client.HTTPConnection

    @property
    def url(self) -> str:
        """The current address."""
        return self._addresses.url

    def run(self, flow: Generator[Request, Response, T]) -> T:
        """Run a flow: send what it yields, pass it the responses, return its value."""
        try:
            request = next(flow)
            while True:
                time.sleep(request.delay_s)
                try:
                    response = self._exchange(request)
                except Unreachable as failure:
                    request = flow.throw(failure)
                else:
                    request = flow.send(response)
        except StopIteration as end:
            result: T = end.value
            return result

    @contextmanager
    def stream(self, request: Request) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Send a request and yield the status, and the body in chunks as they arrive.

        Raises:
            Unreachable: the connection broke, before or during the response.
            NovaCronError: the server returned an error.
        """
        url = self._addresses.url
        connection = self._connect(url, request.timeout_s)
        try:
            reply = self._send(url, connection, request)
            if reply.status >= 400:
                raise problem(Response(reply.status, _lowered(reply), reply.read()))
            yield reply.status, self._chunks(reply)
        except BROKEN as error:
            self._addresses.leave(url)
            raise unreachable({url: error}) from error
        finally:
            connection.close()

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop()[1].close()

    def __del__(self) -> None:
        self.close()

    def _exchange(self, request: Request) -> Response:
        """Return the response of the first address that answers.

        Only broken connections cause failover: one scheduler's response is final for all.
        """
        failures: dict[str, Exception] = {}
        for url in self._addresses.turn():
            try:
                return self._exchange_at(url, request)
            except BROKEN as error:
                failures[url] = error
                self._addresses.leave(url)
        raise unreachable(failures) from next(iter(failures.values()))

    def _exchange_at(self, url: str, request: Request) -> Response:
        while True:
            reused = self._take(url)
            connection = reused or self._connect(url, request.timeout_s)
            try:
                return self._once(url, connection, request)
            except BROKEN as error:
                # The server may have closed it while it was idle: only a new connection shows whether it is
                # reachable.
                if reused is None or isinstance(error, TimeoutError):
                    raise

    def _take(self, url: str) -> http.client.HTTPConnection | None:
        while True:
            try:
                kept, connection = self._idle.pop()
            except IndexError:
                return None
            if kept == url:
                return connection
            connection.close()

    def _once(self, url: str, connection: http.client.HTTPConnection, request: Request) -> Response:
        kept = False
        try:
            reply = self._send(url, connection, request)
            response = Response(reply.status, _lowered(reply), reply.read())
            kept = not reply.will_close
        finally:
            if kept:
                self._idle.append((url, connection))
            else:
                connection.close()
        return response

    def _send(
        self, url: str, connection: http.client.HTTPConnection, request: Request
    ) -> http.client.HTTPResponse:
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(request.timeout_s)
        path = urlsplit(url).path + request.path
        connection.request(request.method, path, request.body, headers(request, self._token))
        self.handshake = getattr(connection, "handshake", None)
        return connection.getresponse()

    def _connect(self, url: str, timeout_s: float) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        limit_s = min(timeout_s, self._addresses.connect_s)
        return self._dial(parts.hostname or "", parts.port, timeout=limit_s)

    @staticmethod
    def _chunks(reply: http.client.HTTPResponse) -> Iterator[bytes]:
        while chunk := reply.read1(CHUNK):
            yield chunk


def _dialler(endpoint: Endpoint) -> Callable[..., http.client.HTTPConnection]:
    from novacron._transport import tls  # only for https: importing it is slow

    return tls.dialler(endpoint)


def _lowered(reply: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.getheaders()}
