"""All parsers of cryptographic material and of circuits, with accepted inputs, for suite and campaign.

A parser takes bytes and returns, or raises an error of the product. No part of a secret input may occur in
the error.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from novacron.crypto import (
    Digest,
    Header,
    PrivateKey,
    PublicKey,
    Recipient,
    Signer,
    audit,
    canonical,
    der,
    pem,
    private_keys,
    results,
    seal,
    sign,
    verify_bundle,
    verify_result,
)
from novacron.crypto.composite_keys import generate_pem, read_private, read_public
from novacron.crypto.lattice_keys import xwing_pkcs8
from novacron.crypto.pki.reading import certificates_of, crl_of, request_of
from novacron.crypto.pki.request import make_request
from novacron.errors import BadInput, NovaCronError
from novacron.inputs import jobfile
from novacron.migration import Inventory, InventoryError
from scheduler.pqc.cbom import reading, writing
from shared.circuits.reader import read
from shared.crypto.found import Found
from testing.fuzz.circuits import samples
from testing.published_keys import RFC, VECTORS
from workers.crypto.inventory import content
from workers.crypto.inventory.formats import encrypted
from workers.crypto.inventory.limits import Limits, listed

DATA = Path(__file__).resolve().parents[2] / "tests" / "data" / "crypto"
FUZZ_PASSWORD = "fuzz-ä"
NOW, DAY = datetime(2026, 6, 1, tzinfo=UTC), timedelta(days=1)
DIGEST = Digest.of(io.BytesIO(b"content"))
WINDOW = 12
"""This many characters of a secret in a message are a leak; fewer may occur by chance."""
_CODED = re.compile("(?![A-Za-z]+$)[A-Za-z0-9+/=]+")


@dataclass(frozen=True)
class Parser:
    """One parser.

    Attributes:
        parse: the function under test.
        samples: accepted inputs.
        secret: whether its inputs contain secrets.
    """

    name: str
    parse: Callable[[bytes], Any]
    samples: tuple[bytes, ...] = field(repr=False)
    secret: bool = False

    def feed(self, data: bytes) -> None:
        """Parse an input.

        Raises:
            AssertionError: an error's message contains a part of a secret input.
            Exception: any other exception is a crash.
        """
        try:
            self.parse(data)
        except NovaCronError as error:
            if self.secret:
                assert not leaked(data, f"{error} {error!r}"), f"{self.name}: {error}"


def leaked(data: bytes, text: str) -> bool:
    """Return whether part of an input, or of its base64 or hexadecimal form, occurs in a text."""
    forms = (data.decode("latin-1"), base64.b64encode(data).decode(), data.hex())
    windows = (form[at : at + WINDOW] for form in forms for at in range(len(form) - WINDOW))
    return any(_CODED.fullmatch(window) and window in text for window in windows)


def _of_json(take: Callable[[Any], Any]) -> Callable[[bytes], Any]:
    """Return a parser of documents; inputs that are no JSON object are skipped."""

    def parse(data: bytes) -> Any:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            return None
        return take(document) if isinstance(document, dict) else None

    return parse


def _circuit(data: bytes) -> Any:
    return read(data.decode("utf-8", "replace"))


def _job_file(data: bytes) -> Any:
    with NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        return jobfile.read(file.name)


def _bundle() -> tuple[bytes, list[PublicKey]]:
    keys = [PrivateKey.generate("ML-DSA-44"), PrivateKey.generate("Ed25519")]
    made = sign(DIGEST, [Signer.of(key) for key in keys])
    return json.dumps(made).encode(), [key.public for key in keys]


def _result() -> bytes:
    parts = {part: {"value": [1, "x"]} for part in results.PARTS}
    made = results.sign(parts, Signer.of(PrivateKey.generate("ML-DSA-44")))
    return json.dumps({**parts, "signature": made}).encode()


def _envelope() -> bytes:
    sealed = io.BytesIO()
    keys = [PrivateKey.generate(name) for name in ("X-Wing", "HPKE-X25519")]
    seal(io.BytesIO(b"text"), sealed, [Recipient(key.public) for key in keys], classical=True)
    return sealed.getvalue()


def _certificate() -> bytes:
    key = mldsa.MLDSA44PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, NOW, NOW + DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example")]), critical=False)
        .sign(key, None)
    )
    return made.public_bytes(Encoding.PEM)


def _revocation_list() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    gone = x509.RevokedCertificateBuilder(9, NOW).build()
    made = x509.CertificateRevocationListBuilder(name, NOW, NOW + DAY, [], [gone])
    return made.sign(mldsa.MLDSA44PrivateKey.generate(), None).public_bytes(Encoding.PEM)


def _audit_log() -> bytes:
    key = PrivateKey.generate(audit.ALGORITHM)
    entry = {
        "tenant": 1, "seq": 1, "at": "2026-06-01T00:00:00+00:00", "actor": "a", "action": "key.generate",
        "subject": "k", "details": {}, "previous": audit.GENESIS.hex(),
    }  # fmt: skip
    digest = audit.entry_hash(entry)
    signature = Signer.of(key).sign(audit.head_statement(1, 1, digest), audit.CONTEXT)
    head = {
        "seq": 1,
        "public_key": base64.b64encode(key.public.raw).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    return json.dumps({"entries": [{**entry, "hash": digest.hex()}], "head": head}).encode()


def _looked(data: bytes) -> None:
    """Inventory a file; raise the first error found."""
    for one in listed(content.read(data, "a file", Limits()), "a file"):
        if isinstance(one, InventoryError):
            raise BadInput(one.error)
        one.asset(NOW)


def _encrypted(data: bytes) -> None:
    for magic in encrypted.MAGICS:
        for one in encrypted.read(magic + data, len(data), "a file", "a file"):
            if isinstance(one, Found):
                one.asset(NOW)


def _cbom() -> bytes:
    thing = Found("certificate", "CN=a", "a.pem", "RSA-2048", 2048, not_after=NOW, details={"issuer": "CN=b"})
    held = (thing.asset(NOW), Found("jwk", "k", "k.json", "X25519").asset(NOW))
    document = writing.write(Inventory(inventory_id="inv_1", created_at=NOW, assets=held))
    for component in document["components"]:
        component.pop("properties", None)
    return json.dumps(document).encode()


def _read_private(data: bytes) -> Any:
    return private_keys.read(data, FUZZ_PASSWORD)


def _der(data: bytes) -> None:
    """Walk the structure of DER to its ends."""
    waiting = [data]
    while waiting:
        try:
            waiting += [one.content for one in der.elements(waiting.pop()) if one.tag & der.CONSTRUCTED]
        except ValueError:
            continue


def _zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pem", data)
    return made.getvalue()


def _tarred(data: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        info = tarfile.TarInfo("a.pem")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def _hidden(pem: bytes) -> dict[str, bytes]:
    """Return a key as embedded in files of other formats."""
    own, peer = ((DATA / name).read_bytes().strip() for name in ("wg_private", "wg_public"))
    tar = _tarred(pem)
    return {
        "utf16": pem.decode().encode("utf-16"),
        "escaped": json.dumps({"a": [{"b": pem.decode()}]}).encode(),
        "base64": b"data:\n  key: " + base64.b64encode(pem) + b"\n",
        "zip": _zipped(pem), "tar": tar, "gzip": gzip.compress(tar, mtime=0), "xz": lzma.compress(tar),
        "bzip2": bz2.compress(tar),
        "putty": (DATA / "putty_ed25519.ppk").read_bytes(),
        "ssh2": (DATA / "putty_ed25519_rfc4716.pub").read_bytes(),
        "age": (DATA / "age.key").read_bytes(),
        "wireguard": b"[Interface]\nPrivateKey = " + own + b"\n[Peer]\nPublicKey = " + peer + b"\n",
    }  # fmt: skip


def _private_keys() -> tuple[bytes, ...]:
    """Return keys in the formats of other programs, some with the password that the parser uses."""
    key, edwards = ec.generate_private_key(ec.SECP256R1()), PrivateKey.generate("Ed25519")
    sealed = BestAvailableEncryption(FUZZ_PASSWORD.encode())
    pkcs8 = edwards.components[0].private_bytes(Encoding.DER, PrivateFormat.PKCS8, sealed)
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, sealed),
        key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        edwards.components[0].private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
        _with_rounds(pkcs8), xwing_pkcs8(bytes(range(32))),
        *((VECTORS / f"{RFC['ML-DSA-44']}_{form}.pem").read_bytes() for form in ("seed", "expanded", "both")),
    )  # fmt: skip


def _with_rounds(sealed: bytes) -> bytes:
    """Return an encrypted key with few rounds, so that a campaign is fast; it can no longer be opened."""
    identifier, data = der.sequence(sealed)
    scheme, parameters = identifier.parts()
    derivation, cipher = parameters.parts()
    function, numbers = derivation.parts()
    salt, _, *rest = (one.whole for one in numbers.parts())
    count = der.encoded(der.INTEGER, b"\x01")
    derived = der.encoded(der.SEQUENCE, function.whole, der.encoded(der.SEQUENCE, salt, count, *rest))
    inner = der.encoded(der.SEQUENCE, scheme.whole, der.encoded(der.SEQUENCE, derived, cipher.whole))
    return der.encoded(der.SEQUENCE, inner, data.whole)


def _files() -> dict[str, bytes]:
    """Return a file of each format that an inventory reads, by the format's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    ssh = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    certificate = x509.load_pem_x509_certificate(_certificate())
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "d": base64.b64encode(bytes(32)).decode(), "kid": "k"}
    return {
        "pem": pem + _certificate() + ssh,
        "der": certificate.public_bytes(Encoding.DER),
        "der_private": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "pkcs12": (DATA / "no_password.p12").read_bytes(),
        "java": (DATA / "web.jks").read_bytes(),
        "ssh": b"host " + public + b" a comment\n",
        "jwk": json.dumps({"keys": [jwk]}).encode(),
        "token": b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
    }


@cache
def parsers() -> dict[str, Parser]:
    """Return all parsers by name."""
    bundle, trusted = _bundle()
    privates = [PrivateKey.generate(name) for name in ("X-Wing", "ML-DSA-65", "ECDSA-P256")]
    composite = generate_pem("id-MLDSA44-Ed25519-SHA512", draft=True)
    request = make_request(ec.generate_private_key(ec.SECP256R1()), "CN=a,O=b", ["a.example", "10.0.0.1"])
    files = _files()
    files |= _hidden(files["pem"])
    job = b"kind: cryptographic\noperation: sign_verify\nalgorithm: ML-DSA-65\n"
    found = (
        Parser("public_key", PublicKey.from_pem, tuple(key.public.pem().encode() for key in privates)),
        Parser("private_key", PrivateKey.from_pem, tuple(key.pem().encode() for key in privates), True),
        Parser("private_key_forms", _read_private, _private_keys(), True),
        Parser("der", _der, _private_keys()),
        Parser("pem", pem.blocks, tuple(key.pem().encode() for key in privates)),
        Parser("composite_public", read_public, (composite[0].encode(),)),
        Parser("composite_private", read_private, (composite[1].encode(),), True),
        Parser("envelope_header", lambda data: Header.read(io.BytesIO(data)), (_envelope(),)),
        Parser("bundle", _of_json(lambda one: verify_bundle(DIGEST, one, trusted)), (bundle,)),
        Parser("signed_result", _of_json(verify_result), (_result(),)),
        Parser("audit_log", _of_json(audit.verify), (_audit_log(),)),
        Parser("canonical", _of_json(canonical.canonical), (b'{"a": [1.5, "x", {"b": null}]}',)),
        Parser("certificates", certificates_of, (_certificate(),)),
        Parser("revocation_list", crl_of, (_revocation_list(),)),
        Parser("certificate_request", request_of, (request.encode(),)),
        Parser("job_file", _job_file, (job,)),
        Parser("circuit", _circuit, tuple(text.encode() for text in samples())),
        Parser("cbom", _of_json(reading.read), (_cbom(),)),
        Parser("inventory_encrypted", _encrypted, (_envelope()[6:], b"-> X25519 AAAA\nBBBB\n--- mac")),
        *(Parser(f"inventory_{name}", _looked, (data,), True) for name, data in files.items()),
    )
    return {one.name: one for one in found}
