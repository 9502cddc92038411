"""HTTP clients without TLS: loading the machine's certificates takes httpx longer than many requests."""

import ssl
from functools import cache
from typing import Any

import httpx

from testing.patience import PATIENCE_S


@cache
def _none_trusted() -> ssl.SSLContext:
    """Return a context that trusts no TLS server."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def client(url: str = "", **more: Any) -> httpx.Client:
    """Return a client with this base URL; further arguments are those of `httpx.Client`."""
    return httpx.Client(base_url=url, verify=_none_trusted(), timeout=PATIENCE_S, **more)
