"""A KEK in HashiCorp Vault or OpenBao: the Transit engine wraps, and the key never leaves the server.

Source: the HTTP API of the Transit secrets engine, version 1.
"""

from __future__ import annotations

import atexit
import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from workers.crypto.keys.kek import Kek, KekError
from workers.runtime.outcome import PassingError

if TYPE_CHECKING:
    import httpx

TIMEOUT_S = 5.0


class TransitUnavailableError(PassingError):
    """The server is temporarily unavailable; a retry may succeed."""


class Data(TypedDict, total=False):
    """Data of the engine's responses; each request returns some of these members."""

    ciphertext: str
    plaintext: str
    latest_version: int


@dataclass(frozen=True, slots=True)
class Transit:
    """A Transit engine and one of its keys.

    Attributes:
        url: URL of the engine, such as `https://vault.example:8200/v1/transit`.
        name: name of the key.
        token_file: file with the token; read for each request, since agents replace it.
    """

    url: str
    name: str
    token_file: Path = field(repr=False)

    def ask(self, method: str, path: str, body: Mapping[str, str | int] | None = None) -> Data:
        """Send a request and return the response's data.

        Args:
            method: HTTP method.
            path: below the engine.
            body: becomes JSON.

        Raises:
            KekError: the server rejects the request.
            TransitUnavailableError: it does not answer, is sealed, or fails.
        """
        import httpx

        try:
            headers = {"X-Vault-Token": self.token_file.read_text().strip()}
            answer = _connections().request(method, f"{self.url}/{path}", json=body, headers=headers)
        except OSError as error:
            raise KekError(f"the token file {self.token_file} cannot be read: {error.strerror}") from None
        except httpx.HTTPError as error:
            raise TransitUnavailableError(f"{self.url} does not answer: {type(error).__name__}") from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise TransitUnavailableError(f"{self.url} answers {answer.status_code}")
        if answer.is_error:
            raise KekError(f"{self.url} refuses {path}: {answer.status_code}")
        data: Data = answer.json()["data"]
        return data


@cache
def _connections() -> httpx.Client:
    import httpx

    client = httpx.Client(timeout=TIMEOUT_S)
    atexit.register(client.close)
    return client


@dataclass(frozen=True, slots=True)
class TransitKek:
    """One version of the key on the server."""

    transit: Transit
    version: int

    @property
    def kek_id(self) -> str:
        """The key's name and version."""
        return f"transit_{self.transit.name}_{self.version}"

    def wrap(self, dek: bytes, binding: bytes) -> bytes:
        """Return the server's ciphertext, bound by its associated data."""
        body: dict[str, str | int] = {
            "plaintext": _text(dek), "associated_data": _text(binding), "key_version": self.version,
        }  # fmt: skip
        return str(self.transit.ask("POST", f"encrypt/{self.transit.name}", body)["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes, binding: bytes) -> bytes:
        """Return the data key."""
        body = {"ciphertext": wrapped.decode(), "associated_data": _text(binding)}
        return base64.b64decode(self.transit.ask("POST", f"decrypt/{self.transit.name}", body)["plaintext"])


class TransitKeyring:
    """The versions of a key on the server; `url` ends in the engine and the key's name.

    Args:
        url: such as `https://vault.example:8200/v1/transit/keys/novacron`.
        token_file: file with a token that may encrypt, decrypt, read and rotate with that key.
    """

    def __init__(self, url: str, token_file: Path) -> None:
        engine, separator, name = url.rstrip("/").rpartition("/keys/")
        if not separator or not name:
            raise KekError("NOVACRON_KEK_URL must end in /v1/<engine>/keys/<key>")
        self._transit = Transit(engine, name, token_file)

    def newest(self) -> Kek:
        """Return the server's latest version."""
        key = self._transit.ask("GET", f"keys/{self._transit.name}")
        return TransitKek(self._transit, int(key["latest_version"]))

    def find(self, kek_id: str) -> Kek:
        """Return the version that the id names."""
        prefix, _, version = kek_id.rpartition("_")
        if prefix != f"transit_{self._transit.name}" or not version.isdigit():
            raise KekError(f"{kek_id} is needed and is not a version of {self._transit.name}")
        return TransitKek(self._transit, int(version))

    def renew(self) -> Kek:
        """Create a new version on the server."""
        self._transit.ask("POST", f"keys/{self._transit.name}/rotate")
        return self.newest()

    def forget(self, kek_ids: Iterable[str]) -> None:
        """Do nothing: the server's policy decides (`min_decryption_version`)."""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
