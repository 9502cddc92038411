"""Carries requests over http.client: half the start-up time of httpx, which the asynchronous client uses."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from novacron._endpoint import Endpoint
from novacron._http import Request, Response, headers, problem
from novacron.errors import Unreachable
from novacron.tls.handshake import Handshake

T = TypeVar("T")
CHUNK = 65536
BROKEN = (OSError, http.client.HTTPException, UnicodeError)


class Connections:
    """Kept-alive connections to one scheduler; threads may share it.

    Attributes:
        handshake: of the last connection used, None over plain HTTP.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._idle: list[http.client.HTTPConnection] = []
        self.endpoint = endpoint
        self.handshake: Handshake | None = None
        parts = urlsplit(endpoint.url)
        self._dial = _dialler(endpoint) if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._prefix = parts.hostname or "", parts.port, parts.path

    def run(self, flow: Generator[Request, Response, T]) -> T:
        """Carry out a flow: send what it yields, give it the answers, return what it returns."""
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
    def stream(self, request: Request) -> Iterator[Iterator[bytes]]:
        """Send a request and give the body in pieces as they arrive.

        Raises:
            Unreachable: the connection broke, before or within the answer.
            NovaCronError: the server refused.
        """
        connection = self._connect(request.timeout_s)
        try:
            reply = self._send(connection, request)
            if reply.status >= 400:
                raise problem(Response(reply.status, _lowered(reply), reply.read()))
            yield self._chunks(reply)
        except BROKEN as error:
            raise self._unreachable(error) from error
        finally:
            connection.close()

    def close(self) -> None:
        """Close the connections that are idle."""
        while connection := self._take():
            connection.close()

    def __del__(self) -> None:
        self.close()

    def _exchange(self, request: Request) -> Response:
        while True:
            reused = self._take()
            connection = reused or self._connect(request.timeout_s)
            try:
                return self._once(connection, request)
            except BROKEN as error:
                # The server may have closed it while it was idle: only a new connection tells.
                if reused is None or isinstance(error, TimeoutError):
                    raise self._unreachable(error) from error

    def _take(self) -> http.client.HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _once(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        kept = False
        try:
            if connection.sock is not None:
                connection.sock.settimeout(request.timeout_s)
            reply = self._send(connection, request)
            response = Response(reply.status, _lowered(reply), reply.read())
            kept = not reply.will_close
        finally:
            if kept:
                self._idle.append(connection)
            else:
                connection.close()
        return response

    def _send(self, connection: http.client.HTTPConnection, request: Request) -> http.client.HTTPResponse:
        sent = headers(request, self.endpoint.token)
        connection.request(request.method, self._prefix + request.path, request.body, sent)
        self.handshake = getattr(connection, "handshake", None)
        return connection.getresponse()

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        return self._dial(self._host, self._port, timeout=timeout_s)

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(f"no scheduler answers at {self.endpoint.url}: {error or type(error).__name__}")

    @staticmethod
    def _chunks(reply: http.client.HTTPResponse) -> Iterator[bytes]:
        while chunk := reply.read1(CHUNK):
            yield chunk


def _dialler(endpoint: Endpoint) -> Callable[..., http.client.HTTPConnection]:
    from novacron import _tls  # for https alone: it takes its time to import

    return _tls.dialler(endpoint)


def _lowered(reply: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in reply.getheaders()}
