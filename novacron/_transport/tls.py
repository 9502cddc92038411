"""The client's TLS connections: with pyOpenSSL where installed, else with Python's own `ssl`."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from novacron._transport.endpoint import Endpoint
from novacron.errors import BadInput, InsecureConnection
from novacron.tls.groups import MODES
from novacron.tls.handshake import Handshake

if TYPE_CHECKING:
    from novacron.tls.contexts import Context


def dialler(endpoint: Endpoint) -> Callable[..., http.client.HTTPConnection]:
    """Return the factory of HTTP connections to an endpoint; it takes `host`, `port` and `timeout`.

    Raises:
        BadInput: the mode needs pyOpenSSL, or the file of root certificates cannot be read.
    """
    if (context := chosen(endpoint)) is not None:
        return partial(ChosenConnection, context=context)
    return partial(OrdinaryConnection, context=ordinary(endpoint))


def chosen(endpoint: Endpoint) -> Context | None:
    """Return pyOpenSSL's context for an endpoint; None where pyOpenSSL is not installed.

    Raises:
        BadInput: the mode needs pyOpenSSL, or the file of root certificates cannot be read.
    """
    if find_spec("OpenSSL") is None:
        if endpoint.tls == "pq-only":
            raise BadInput(
                "needs pyOpenSSL, since Python's ssl cannot choose the group",
                field="NOVACRON_TLS",
                value=endpoint.tls,
                hint="pip install 'novacron[crypto]'",
            )
        return None
    from novacron.tls.contexts import Context

    context = Context(MODES[endpoint.tls])
    context.trust(endpoint.ca_file)
    return context


def ordinary(endpoint: Endpoint) -> ssl.SSLContext:
    """Return the context of Python's `ssl` for an endpoint.

    Raises:
        BadInput: the file of root certificates cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=endpoint.ca_file)
    except (OSError, ValueError):
        raise BadInput("no certificates can be read here", file=endpoint.ca_file) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


class ChosenConnection(http.client.HTTPConnection):
    """An HTTP connection with TLS by pyOpenSSL.

    Attributes:
        handshake: negotiated parameters, None before the handshake.
    """

    default_port = http.client.HTTPS_PORT

    def __init__(self, host: str, port: int | None, *, timeout: float, context: Context) -> None:
        super().__init__(host, port, timeout=timeout)
        self._context = context
        self._limit_s = timeout
        self.handshake: Handshake | None = None

    def connect(self) -> None:
        """Connect and perform the TLS handshake."""
        from novacron.tls.stream import Stream

        super().connect()
        stream = Stream(self.sock, self._context.connect(self.host), time.monotonic() + self._limit_s)
        self.sock, self.handshake = stream, stream.handshake


class OrdinaryConnection(http.client.HTTPSConnection):
    """An HTTP connection with TLS by Python's `ssl`, which cannot report the group.

    Attributes:
        handshake: negotiated parameters, None before the handshake.
    """

    def __init__(self, host: str, port: int | None, *, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self.handshake: Handshake | None = None

    def connect(self) -> None:
        """Connect and perform the TLS handshake."""
        with verified():
            super().connect()
        self.handshake = agreed(self.sock)


@contextmanager
def verified() -> Iterator[None]:
    """Convert certificate errors of Python's `ssl`, however deeply wrapped, to `InsecureConnection`.

    Raises:
        InsecureConnection: it does.
    """
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            raise
        raise InsecureConnection(f"the server's certificate is refused: {cause.verify_message}") from None


def agreed(connection: Any) -> Handshake:
    """Return what Python's `ssl` reports about a connection."""
    return Handshake(connection.version(), connection.cipher()[0], group=None, signature=None)
