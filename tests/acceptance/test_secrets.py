"""No private key leaves a worker in the clear: not in a statement, a message, a row, a log, an answer."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import mldsa

from novacron.crypto import PrivateKey
from shared.db import session
from shared.db.crypto import keys
from testing.published_keys import VECTORS
from tests.acceptance.stack import Stack
from tests.acceptance.wiretap import spellings, wiretap
from workers.crypto.keys.kek import FileKeyring
from workers.crypto.keys.sealing import Binding, unseal

KEYS = "/api/crypto/keys"
PASSWORD = "correct horse battery staple"
BELL = {
    "kind": "pure_quantum", "seed": 20261127,
    "circuit": {"qasm": 'OPENQASM 2.0;include "qelib1.inc";qreg q[2];h q[0];cx q[0],q[1];'},
}  # fmt: skip
GENERATED = ("ML-DSA-65", "ML-KEM-768", "X-Wing", "Ed25519", "ECDSA-P256")


def ders(pem: str) -> list[bytes]:
    """What the blocks of a PEM text hold."""
    blocks = [part.partition("-----END")[0] for part in pem.split("KEY-----\n")]
    return [base64.b64decode(block) for block in blocks if block and not block.startswith("-----BEGIN")]


def posted(http: httpx.Client, path: str, status: int, **body: Any) -> dict[str, Any]:
    answer = http.post(path, json=body)
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    return document


def operated(stack: Stack, operation: str, **wanted: object) -> dict[str, Any]:
    return stack.result({"kind": "cryptographic", "operation": operation, **wanted})


def imported_keys() -> list[tuple[dict[str, Any], list[bytes]]]:
    """Requests, and what must not be seen again of each."""
    signing, locked = mldsa.MLDSA65PrivateKey.generate(), mldsa.MLDSA65PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    plain = signing.private_bytes(*form, serialization.NoEncryption()).decode()
    sealed = locked.private_bytes(*form, serialization.BestAvailableEncryption(PASSWORD.encode())).decode()
    hybrid = PrivateKey.generate("X-Wing").pem()
    both = (VECTORS / "MLDSA/rfc9881_ml_dsa_87_both.pem").read_text()
    expanded = (VECTORS / "MLKEM/rfc9935_ml_kem_1024_expanded.pem").read_text()
    return [
        ({"private_key": plain}, [signing.private_bytes_raw()]),
        (
            {"private_key": sealed, "password": PASSWORD},
            [locked.private_bytes_raw(), PASSWORD.encode(), ders(sealed)[0][-48:]],
        ),
        ({"private_key": hybrid}, [der[-32:] for der in ders(hybrid)]),
        ({"private_key": both}, [ders(both)[0][-4896:][128:]]),
        ({"private_key": expanded}, secret_parts(ders(expanded)[0][-3168:])),
    ]


def refused_keys() -> list[tuple[dict[str, Any], list[bytes]]]:
    """The same of requests that are refused at one place or another."""
    key = mldsa.MLDSA65PrivateKey.generate()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    sealed = key.private_bytes(*form, serialization.BestAvailableEncryption(PASSWORD.encode())).decode()
    plain = key.private_bytes(*form, serialization.NoEncryption()).decode()
    hidden = [key.private_bytes_raw(), ders(sealed)[0][-48:], b"the wrong " + PASSWORD.encode()]
    broken = (VECTORS / "MLKEM/rfc9935_ml_kem_512_inconsistent_1.pem").read_text()
    return [
        ({"private_key": sealed, "password": "the wrong " + PASSWORD}, hidden),
        ({"private_key": sealed}, hidden),
        ({"private_key": plain[:-40]}, hidden),
        ({"private_key": [plain]}, hidden),
        ({"private_key": plain, "password": [PASSWORD]}, hidden),
        ({"private_kye": plain}, hidden),
        ({"private_key": plain, "usage": "decrypt"}, hidden),
        ({"private_key": plain, "usage": plain}, hidden),
        ({"private_key": plain, "secret": plain}, hidden),
        ({"private_key": broken}, [ders(broken)[0][-1632:][:768]]),
    ]


def opened(stack: Stack, key_ids: list[str]) -> list[bytes]:
    """The private keys of all versions, as their providers store them."""
    found: list[bytes] = []
    keyring = FileKeyring(stack.data / "kek")
    with session.connect(stack.published["database_url"], name="tests") as connection:
        for key_id in key_ids:
            key = keys.find(connection, 1, key_id)
            assert key is not None
            for one in key.versions:
                sealed = keys.sealed(connection, 1, key_id, one.version)
                assert sealed is not None
                binding = Binding(1, key_id, one.version, one.algorithm, key.usage)
                found += secret_parts(unseal(keyring.find(sealed.kek_id), sealed, binding))
    return found


def secret_parts(private: bytes) -> list[bytes]:
    """What is secret of a stored key: an expanded one of ML-KEM-1024 holds its public key, too (FIPS 203)."""
    return [private[:1536], private[-32:]] if len(private) == 3168 else [private]


def test_no_private_key_is_anywhere_but_sealed(stack: Stack, tmp_path: Path) -> None:
    kek = base64.b64decode((stack.data / "kek").read_text().split()[0])
    with wiretap(stack) as tap, stack.http() as http:
        made = [posted(http, f"{KEYS}/generate", 201, algorithm=name) for name in GENERATED]
        secrets = [kek]
        for body, hidden in imported_keys():
            made.append(posted(http, f"{KEYS}/import", 201, **body))
            secrets += hidden
        for body, hidden in refused_keys():
            posted(http, f"{KEYS}/import", 422, **body)
            secrets += hidden
        for key in made:
            posted(http, f"{KEYS}/{key['key_id']}/rotate", 200)
            if key["usage"] == "sign":
                operated(stack, "sign", key_id=key["key_id"], payload="AAAA")
        (tmp_path / "text").write_text("text")
        stack.run("crypto", "encrypt", str(tmp_path / "text"), "--to", made[2]["key_id"])
        stack.run("crypto", "decrypt", str(tmp_path / "text.ncrypt"), "-o", str(tmp_path / "again"))
        assert (tmp_path / "again").read_text() == "text"
        tried = operated(stack, "generate_keypair", algorithm="ML-DSA-65")
        cached = stack.result(BELL)["receipt"]["content_key"]
        stack.run("crypto", "kek", "rotate")
        for job in http.get("/api/quantum/jobs?limit=500").json()["jobs"]:
            http.get(f"/api/quantum/jobs/{job['job_id']}")
        http.get("/api/crypto/audit?limit=5000")
        secrets += opened(stack, [key["key_id"] for key in made])
        secrets += [base64.b64decode(word) for word in (stack.data / "kek").read_text().split()]
        heard = tap.channels()
    shown = [*spellings(base64.b64decode(tried["public_key"]))]
    assert cached.encode() in heard["redis"]
    for channel in ("rows", "answers", "logs/postgres.log"):
        assert any(form in heard[channel] for form in shown), f"{channel} was not listened to"
    forms = {form: n for n, secret in enumerate(secrets) for form in spellings(secret)}
    assert not {(channel, forms[form]) for form in forms for channel, said in heard.items() if form in said}
    with stack.database() as connection:
        messages = "SELECT spec ->> 'sealed' FROM jobs WHERE spec ->> 'operation' = 'import_key'"
        assert {row[0] for row in connection.execute(messages)} == {""}


@pytest.mark.parametrize("secret", [bytes(range(200, 232)), bytes(range(64))])
def test_a_secret_is_recognised_however_it_is_written(secret: bytes) -> None:
    text = base64.b64encode(secret)
    for written in (
        b"x" + secret,
        json.dumps({"key": text.decode()}).encode(),
        secret.hex().encode(),
        repr({"seed": secret}).encode(),
        *(base64.b64encode(bytes(n) + secret + b"more") for n in range(3)),
        *(base64.b64encode(b"." * n + text + b'"}') for n in range(3)),
        base64.b64encode(json.dumps({"seed": secret.hex()}).encode()),
    ):
        assert any(form in written for form in spellings(secret)), written
