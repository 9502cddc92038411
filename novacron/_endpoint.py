"""Where the scheduler is, and the token for it: arguments, then environment, then the embedded stack."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from novacron.errors import BadInput, Unreachable


@dataclass(frozen=True)
class Endpoint:
    """A scheduler's base address and the bearer token for it (None: ask without one)."""

    url: str
    token: str | None = None


def data_folder(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the embedded stack's folder: the argument, else NOVACRON_DATA, else ``~/.novacron``."""
    chosen = path or os.environ.get("NOVACRON_DATA") or "~/.novacron"
    return Path(chosen).expanduser().absolute()


def find(url: str | None = None, token: str | None = None) -> Endpoint:
    """Find the scheduler to talk to.

    The embedded stack's token goes to the embedded stack's address only, never to another one.

    Raises:
        Unreachable: no address was given and no embedded stack has left one.
        BadInput: the address is not an http:// or https:// one, or the token cannot be sent.
    """
    url = url or os.environ.get("NOVACRON_URL") or None
    token = token or os.environ.get("NOVACRON_TOKEN") or None
    embedded = _embedded() if url is None or token is None else None
    if url is None:
        if embedded is None:
            raise Unreachable(
                "no scheduler is known: start one with `novacron up`, or set NOVACRON_URL and NOVACRON_TOKEN"
            )
        url = embedded.url
    if token is None and embedded is not None and embedded.url.rstrip("/") == url.rstrip("/"):
        token = embedded.token
    if token is not None and not (token.isascii() and token.isprintable()):
        raise BadInput("NOVACRON_TOKEN holds characters that no token has: was it copied whole?")
    return Endpoint(_checked(url), token)


def _embedded() -> Endpoint | None:
    try:
        runtime = json.loads((data_folder() / "runtime.json").read_text())
        return Endpoint(str(runtime["url"]), str(runtime["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _checked(url: str) -> str:
    parts = urlsplit(url)
    try:
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise BadInput(f"NOVACRON_URL is {url!r}; it must look like http://host:port")
    return url.rstrip("/")
