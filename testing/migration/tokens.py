"""Services that sign tokens with a key in a file; verifiers fetch published keys, and OpenSSL verifies."""

from __future__ import annotations

import base64
import json
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from scheduler.embedded import ports
from testing.migration.judges import JudgementError, accepts, expect
from testing.migration.process import Server
from workers.crypto.migration.keyset import Published
from workers.crypto.migration.programs import KeyFiles

ROOT = Path(__file__).resolve().parents[2]


def _number(value: int, length: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes(length, "big")).decode().rstrip("=")


def _pem() -> tuple[str, str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    form = (encoding.Encoding.PEM, encoding.PrivateFormat.PKCS8, encoding.NoEncryption())
    public = (encoding.Encoding.PEM, encoding.PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(*form).decode(), key.public_key().public_bytes(*public).decode(), "ECDSA-P256"


def _jwk() -> tuple[dict[str, str], str]:
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.private_numbers()
    point = numbers.public_numbers
    jwk = {
        "kty": "EC", "crv": "P-256", "kid": "one", "use": "sig",
        "x": _number(point.x, 32), "y": _number(point.y, 32), "d": _number(numbers.private_value, 32),
    }  # fmt: skip
    return jwk, "ECDSA-P256"


def _set() -> tuple[str, str, str]:
    """Return a set whose first of two keys is in use, and the published set on several lines."""
    jwk, algorithm = _jwk()
    other = ed25519.Ed25519PrivateKey.generate()
    second = {
        "kty": "OKP", "crv": "Ed25519", "kid": "two", "x": _text(other.public_key().public_bytes_raw()),
        "d": _text(other.private_bytes_raw()),
    }  # fmt: skip
    public = [{name: value for name, value in one.items() if name != "d"} for one in (jwk, second)]
    return json.dumps({"keys": [jwk, second]}), json.dumps({"keys": public}, indent=4) + "\n", algorithm


def _single() -> tuple[str, str, str]:
    jwk, algorithm = _jwk()
    return json.dumps(jwk), json.dumps({"keys": [{k: v for k, v in jwk.items() if k != "d"}]}), algorithm


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


FORMS = {"jwk": _single, "set": _set, "pem": _pem}
"""Formats of a service's keys: private file, public file and algorithm of the key in use."""


class Issuer:
    """A service in itself.

    Args:
        folder: folder of its files.
        form: see `FORMS`.
    """

    def __init__(self, folder: Path, form: str) -> None:
        folder.mkdir()
        self._folder, self.name, self._port = folder, folder.name, ports.choose()
        key, public = self._files = folder / "key", folder / "public"
        private_text, public_text, algorithm = FORMS[form]()
        key.write_text(private_text)
        key.chmod(0o600)
        public.write_text(public_text)
        module = "testing.migration.token_service"
        command = [
            "env",
            f"PYTHONPATH={ROOT}",
            sys.executable,
            "-m",
            module,
            str(key),
            str(public),
            str(self._port),
        ]
        self.server = Server(command, self._port, folder / "log")
        self.component: Mapping[str, Any] = {"kind": "service", "algorithm": algorithm}
        self.target = KeyFiles(
            self.name,
            key=key,
            public=public,
            url=f"http://127.0.0.1:{self._port}/keys",
            reload=self.server.reload(),
        )
        self._before = (key.read_bytes(), public.read_bytes())
        self._old = self._signer()

    def serves(self) -> None:
        """Check that a published key verifies its signatures."""
        expect(f"{self.name} signs what nobody can verify", lambda: self._signer() is not None)

    def migrated(self) -> None:
        """Check that it signs with ML-DSA-65 and no longer publishes the old key."""

        def judge() -> bool:
            published = Published(self._get("keys")).keys()
            return self._signer() not in (None, self._old) and self._old not in published

        expect(f"{self.name} does not sign with its new key alone", judge)
        if self._before[0].splitlines()[1:2] and self._before[0] in self.target.key.read_bytes():
            raise JudgementError(f"{self.target.key} still holds the old key")

    def original(self) -> None:
        """Check that it signs with the old key, and its files are unchanged."""
        expect(f"{self.name} does not sign with its old key", lambda: self._signer() == self._old)
        if tuple(path.read_bytes() for path in self._files) != self._before:
            raise JudgementError(f"the files of {self.name} are not what they were")

    def _signer(self) -> str | None:
        """Return the identity of the published key by which OpenSSL verifies a token; None if none does."""
        header, message, signature = self._get("token").split(".")
        kid = json.loads(base64.urlsafe_b64decode(header))["kid"]
        public = Published(self._get("keys")).keys().get(kid)
        if public is None:
            return None
        files = [self._folder / name for name in ("judged.pem", "judged.message", "judged.signature")]
        form = (encoding.Encoding.PEM, encoding.PublicFormat.SubjectPublicKeyInfo)
        contents = (
            public.public_bytes(*form),
            f"{header}.{message}".encode(),
            base64.urlsafe_b64decode(signature),
        )
        for path, content in zip(files, contents, strict=True):
            path.write_bytes(content)
        return kid if accepts(*files) else None

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{path}", timeout=10) as answer:
            return str(answer.read().decode())
