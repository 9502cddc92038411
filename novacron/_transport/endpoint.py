"""The scheduler's address and token: from arguments, then the environment, then the embedded stack."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from novacron.errors import BadInput, Unreachable
from novacron.tls.groups import DEFAULT_MODE, MODES, ModeName

NEXT_S = 5.0


@dataclass(frozen=True)
class Endpoint:
    """A scheduler's addresses and how to authenticate.

    Attributes:
        urls: base addresses of schedulers on one database; the first that answers is used.
        token: bearer token; None: unauthenticated.
        tls: required TLS mode for https addresses.
        ca_file: root certificates for them, PEM; None: those of the system.
    """

    urls: tuple[str, ...]
    token: str | None = None
    tls: ModeName = DEFAULT_MODE
    ca_file: str | None = None

    @property
    def url(self) -> str:
        """The first address."""
        return self.urls[0]

    @property
    def secured(self) -> bool:
        """Whether the addresses use TLS."""
        return self.url.startswith("https:")


class Addresses:
    """The current address of an endpoint, with failover to the next; thread-safe.

    Attributes:
        connect_s: timeout of connecting before the next address is tried, in seconds.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._urls = endpoint.urls
        self._at = 0
        self.connect_s = NEXT_S if len(endpoint.urls) > 1 else float("inf")

    @property
    def url(self) -> str:
        """The current address."""
        return self._urls[self._at]

    def turn(self) -> list[str]:
        """Return all addresses once, starting with the current one."""
        at = self._at
        return [*self._urls[at:], *self._urls[:at]]

    def leave(self, url: str) -> None:
        """Fail over to the next address, unless another thread already has."""
        if self.url == url:
            self._at = (self._at + 1) % len(self._urls)


def unreachable(failures: Mapping[str, Exception]) -> Unreachable:
    """Return the error for addresses that were tried in turn, with the cause of failure for each."""
    causes = (f"{url}: {_why(failure)}" for url, failure in failures.items())
    return Unreachable(f"no scheduler answers at {'; nor at '.join(causes)}")


def _why(failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return "no response in time; it may be busy"
    return str(failure) or type(failure).__name__


def data_folder(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the embedded stack's folder: the argument, else NOVACRON_DATA, else ``~/.novacron``."""
    chosen = path or os.environ.get("NOVACRON_DATA") or "~/.novacron"
    return Path(chosen).expanduser().absolute()


def find(url: str | None = None, token: str | None = None) -> Endpoint:
    """Find the scheduler's endpoint; several addresses are separated by commas.

    The embedded stack's token is sent to the embedded stack's address only; likewise its root certificates
    are trusted there only.

    Raises:
        Unreachable: no address was given, and no embedded stack has published one.
        BadInput: an address is not http:// or https://, or only some are secured; the token cannot be sent;
            or NOVACRON_TLS is not a mode or requires TLS where the address has none.
    """
    given = url or os.environ.get("NOVACRON_URL") or None
    token = token or os.environ.get("NOVACRON_TOKEN") or None
    embedded = _embedded()
    if given is not None:
        urls = _checked(given)
    elif embedded is not None:
        urls = embedded.urls
    else:
        raise Unreachable(
            "no scheduler is known: start one with `novacron up`, or set NOVACRON_URL and NOVACRON_TOKEN"
        )
    ca_file = os.environ.get("NOVACRON_CA_FILE") or None
    if embedded is not None and embedded.urls == urls:
        token, ca_file = token or embedded.token, ca_file or embedded.ca_file
    if token is not None and not (token.isascii() and token.isprintable()):
        raise BadInput("NOVACRON_TOKEN contains invalid characters: was it copied completely?")
    return Endpoint(urls, token, _mode(urls[0]), ca_file)


def embedded_url() -> str | None:
    """Return the embedded stack's address; None if there is none."""
    embedded = _embedded()
    return embedded.urls[0] if embedded else None


def _embedded() -> Endpoint | None:
    try:
        runtime = json.loads((data_folder() / "runtime.json").read_text("utf-8"))
        url = _address(str(runtime["url"]))
        return Endpoint((url,), str(runtime["token"]), ca_file=runtime.get("ca_file"))
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        BadInput,
    ):  # a damaged file counts as missing
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


def _checked(urls: str) -> tuple[str, ...]:
    """Return the distinct addresses in a comma-separated list."""
    found = tuple(dict.fromkeys(_address(url.strip()) for url in urls.split(",")))
    if len({url.split(":")[0] for url in found}) > 1:
        raise BadInput(f"NOVACRON_URL is {urls!r}; all its addresses must be https://, or none")
    return found


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise BadInput(f"NOVACRON_URL is {url!r}; it must look like http://host:port")
    return url.rstrip("/")
