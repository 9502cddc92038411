"""The asynchronous client's TLS connections over pyOpenSSL, for httpx."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from novacron.tls.channel import CHUNK, Channel
from novacron.tls.contexts import Context


class SecureTransport(httpx.AsyncHTTPTransport):
    """httpx's transport with our own TLS.

    Args:
        context: a client's TLS context.
    """

    def __init__(self, context: Context) -> None:
        unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(verify=unused, trust_env=False)
        # httpx does not expose this parameter of httpcore.
        self._pool = httpcore.AsyncConnectionPool(ssl_context=unused, network_backend=_Network(context))


class _Network(httpcore.AsyncNetworkBackend):
    """Network backend whose plain connections can start TLS."""

    def __init__(self, context: Context) -> None:
        self._plain = httpcore.AnyIOBackend()
        self._context = context

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        plain = await self._plain.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Plain(plain, self._context)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Plain(httpcore.AsyncNetworkStream):
    """A plain connection."""

    def __init__(self, plain: httpcore.AsyncNetworkStream, context: Context) -> None:
        self._plain = plain
        self._context = context

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = _Secure(self._plain, self._context.connect(server_hostname or ""))
        try:
            async with asyncio.timeout(timeout):
                await stream.shake_hands()
        except BaseException as error:
            await self._plain.aclose()
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout("the handshake took too long") from None
            raise
        return stream

    async def aclose(self) -> None:
        await self._plain.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


class _Secure(httpcore.AsyncNetworkStream):
    """A TLS connection."""

    def __init__(self, plain: httpcore.AsyncNetworkStream, channel: Channel) -> None:
        self._plain = plain
        self._channel = channel
        self._unread = b""

    async def shake_hands(self) -> None:
        while not await self._advance():
            data = await self._plain.read(CHUNK)
            if not data:
                raise httpcore.ConnectError("the server hung up during the handshake")
            self._channel.receive(data)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while not self._unread:
            if self._channel.ended or not (data := await self._plain.read(CHUNK, timeout)):
                return b""
            self._channel.receive(data)
            try:
                self._unread = self._channel.read()
            except ConnectionError as error:
                raise httpcore.ReadError(str(error)) from None
            await self._flush(timeout)
        taken, self._unread = self._unread[:max_bytes], self._unread[max_bytes:]
        return taken

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._channel.write(buffer)
        except ConnectionError as error:
            raise httpcore.WriteError(str(error)) from None
        await self._flush(timeout)

    async def aclose(self) -> None:
        self._channel.close()
        try:
            await self._flush(0.1)
        except (httpcore.WriteError, httpcore.WriteTimeout):
            pass  # the peer is not waiting for close_notify
        await self._plain.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._channel.handshake if info == "handshake" else self._plain.get_extra_info(info)

    async def _advance(self) -> bool:
        try:
            return self._channel.advance()
        finally:
            await self._flush(None)

    async def _flush(self, timeout: float | None) -> None:
        if waiting := self._channel.to_send():
            await self._plain.write(waiting, timeout)
