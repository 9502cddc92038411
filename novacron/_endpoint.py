"""Where the scheduler is, and the token for it: arguments, then environment, then the embedded stack."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from novacron.errors import BadInput, Unreachable
from novacron.tls.groups import DEFAULT_MODE, MODES, ModeName


@dataclass(frozen=True)
class Endpoint:
    """A scheduler's address and what it takes to talk to it.

    Attributes:
        url: its base address.
        token: the bearer token; None: ask without one.
        tls: what to insist on where the address is https.
        ca_file: the roots to trust there, PEM; None: those of the system.
    """

    url: str
    token: str | None = None
    tls: ModeName = DEFAULT_MODE
    ca_file: str | None = None


def data_folder(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the embedded stack's folder: the argument, else NOVACRON_DATA, else ``~/.novacron``."""
    chosen = path or os.environ.get("NOVACRON_DATA") or "~/.novacron"
    return Path(chosen).expanduser().absolute()


def find(url: str | None = None, token: str | None = None) -> Endpoint:
    """Find the scheduler to talk to.

    The embedded stack's token goes to the embedded stack's address only, never to another one; likewise its
    roots are trusted there only.

    Raises:
        Unreachable: no address was given and no embedded stack has left one.
        BadInput: the address is not an http:// or https:// one, the token cannot be sent, or NOVACRON_TLS is
            no mode or asks for TLS where the address has none.
    """
    url = url or os.environ.get("NOVACRON_URL") or None
    token = token or os.environ.get("NOVACRON_TOKEN") or None
    embedded = _embedded()
    if url is None:
        if embedded is None:
            raise Unreachable(
                "no scheduler is known: start one with `novacron up`, or set NOVACRON_URL and NOVACRON_TOKEN"
            )
        url = embedded.url
    ours = embedded is not None and embedded.url.rstrip("/") == url.rstrip("/")
    ca_file = os.environ.get("NOVACRON_CA_FILE") or None
    if embedded is not None and ours:
        token, ca_file = token or embedded.token, ca_file or embedded.ca_file
    if token is not None and not (token.isascii() and token.isprintable()):
        raise BadInput("NOVACRON_TOKEN holds characters that no token has: was it copied whole?")
    return Endpoint(_checked(url), token, _mode(url), ca_file)


def embedded_url() -> str | None:
    """Return the embedded stack's address; None where there is none."""
    embedded = _embedded()
    return embedded.url.rstrip("/") if embedded else None


def _embedded() -> Endpoint | None:
    try:
        runtime = json.loads((data_folder() / "runtime.json").read_text())
        return Endpoint(str(runtime["url"]), str(runtime["token"]), ca_file=runtime.get("ca_file"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _mode(url: str) -> ModeName:
    named = os.environ.get("NOVACRON_TLS")
    if not named:
        return DEFAULT_MODE
    for mode in MODES:
        if mode == named and url.startswith("https:"):
            return mode
    rule = f"is one of {', '.join(MODES)}" if named not in MODES else "needs an https:// address"
    raise BadInput(rule, field="NOVACRON_TLS", value=named)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    try:
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise BadInput(f"NOVACRON_URL is {url!r}; it must look like http://host:port")
    return url.rstrip("/")
