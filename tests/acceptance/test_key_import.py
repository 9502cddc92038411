"""Private keys made elsewhere, imported over the client and the command line: all forms work as before."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519

from novacron import Client
from novacron.algorithms import find
from novacron.crypto import Header, PrivateKey, header_of, open_file, seal_file
from novacron.errors import BadInput
from shared.db import session
from testing.published_keys import INCONSISTENT, RFC, VECTORS
from tests.acceptance.stack import LONG_S, Stack, sleeping
from workers.crypto import providers
from workers.crypto.keys.kek import FileKeyring
from workers.crypto.keys.keystore import KeyStore

MESSAGE = b"as it did before"


def sample(name: str, form: str) -> Path:
    return VECTORS / f"{RFC[name]}_{form}.pem"


def works(stack: Stack, key: dict[str, Any]) -> None:
    """The stored private key signs, or decapsulates, what the public one agrees to."""
    name, public = key["algorithm"], base64.b64decode(key["public_key"])
    provider = providers.load(find(name))
    if key["usage"] == "sign":
        wanted = {"key_id": key["key_id"], "payload": base64.b64encode(MESSAGE).decode()}
        signed = stack.result({"kind": "cryptographic", "operation": "sign", **wanted})
        assert provider.verify(name, public, MESSAGE, base64.b64decode(signed["signature"]))
        return
    ciphertext, secret = provider.encapsulate(name, public)
    with session.connect(stack.published["database_url"], name="tests") as connection:
        store = KeyStore(connection, FileKeyring(stack.data / "kek"), 1, "tests")
        assert provider.decapsulate(name, store.private(key["key_id"], "decapsulate"), ciphertext) == secret


@pytest.mark.parametrize("name", RFC)
@pytest.mark.parametrize("form", ["seed", "expanded", "both"])
def test_the_examples_of_the_rfcs_in_every_form(stack: Stack, client: Client, name: str, form: str) -> None:
    key = client.keys.import_(sample(name, form).read_text())
    assert (key["algorithm"], key["versions"][0]["origin"]) == (name, "imported")
    assert key["seedless"] is (form == "expanded")
    public = "".join(sample(name, "public").read_text().split())
    assert "".join(key["public_key_pem"].split()) == public
    works(stack, key)


def test_a_key_without_seed_is_shown_as_one_until_it_is_rotated(stack: Stack) -> None:
    done = stack.run("crypto", "keys", "import", str(sample("ML-DSA-65", "expanded")))
    key_id = done.stdout.split()[2]
    assert f"novacron crypto keys rotate {key_id}" in done.stderr
    assert "active, no seed" in stack.run("crypto", "keys", "list").stdout
    rotated = stack.document("crypto", "keys", "rotate", key_id)
    assert [one["seedless"] for one in rotated["versions"]] == [True, False]
    shown = stack.run("crypto", "keys", "show", key_id)
    assert "imported, no seed" in shown.stdout and "rotate" not in shown.stderr
    works(stack, rotated)


@pytest.mark.parametrize("path", INCONSISTENT, ids=lambda path: path.stem)
def test_parts_that_do_not_fit_together_are_refused(client: Client, path: Path) -> None:
    text = path.read_text()
    with pytest.raises(BadInput) as caught:
        client.keys.import_(text)
    assert caught.value.field == "private_key"
    assert not [line for line in text.splitlines()[1:-1] if line in str(caught.value)]


def test_the_command_line_reads_pem_and_der_with_and_without_a_password(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    inconsistent = stack.run("crypto", "keys", "import", str(INCONSISTENT[0]))
    assert inconsistent.returncode == 2 and "fit together" in inconsistent.stderr
    plain = stack.document("crypto", "keys", "import", str(VECTORS / "MLKEM/openssl_ml_kem_768_private.der"))
    locked = str(VECTORS / "MLKEM/openssl_ml_kem_768_private_enc.der")
    monkeypatch.setitem(stack.environment, "NOVACRON_KEY_PASSWORD", "wrong")
    refused = stack.run("crypto", "keys", "import", locked)
    assert refused.returncode == 2 and "password: does not open this private key" in refused.stderr
    monkeypatch.setitem(stack.environment, "NOVACRON_KEY_PASSWORD", "password")
    opened = stack.document("crypto", "keys", "import", locked)
    assert opened["public_key"] == plain["public_key"]
    works(stack, opened)
    for path in (VECTORS / "MLKEM/openssl_ml_kem_768_public.der", stack.data / "runtime.json"):
        assert stack.run("crypto", "keys", "import", str(path)).returncode == 2


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
        (ec.generate_private_key(ec.SECP256R1()), "ECDSA-P256"),
        (ec.generate_private_key(ec.SECP384R1()), "ECDSA-P384"),
        (rsa.generate_private_key(65537, 2048), "RSA-2048"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_classical_keys_sign_as_they_did(stack: Stack, client: Client, key: Any, name: str) -> None:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    imported = client.keys.import_(key.private_bytes(*form).decode())
    assert imported["algorithm"] == name
    loaded: Any = serialization.load_pem_public_key(imported["public_key_pem"].encode())
    assert loaded == key.public_key()
    works(stack, imported)


@pytest.mark.parametrize("name", ["X-Wing", "MLKEM1024-P384", "HPKE-ML-KEM-1024", "HPKE-X25519"])
def test_what_was_sealed_before_the_import_opens_with_the_stored_key(
    client: Client, tmp_path: Path, name: str
) -> None:
    made, once = PrivateKey.generate(name), PrivateKey.generate()
    plain, sealed, again = tmp_path / "plain", tmp_path / "sealed", tmp_path / "again"
    plain.write_bytes(MESSAGE)
    seal_file(plain, sealed, [made.public], classical=True)
    key = client.keys.import_(made.pem(), usage="decrypt")
    assert (key["algorithm"], key["seedless"]) == (name, False)
    assert base64.b64decode(key["public_key"]) == made.public.raw
    header = Header.decode(
        client.envelopes.rewrap(header_of(sealed).encode(), key["key_id"], add=[once.public], classical=True)
    )
    body = sealed.read_bytes()[len(header_of(sealed).encode()) :]
    sealed.write_bytes(header.encode() + body)
    open_file(sealed, again, once)
    assert again.read_bytes() == MESSAGE


def test_two_keys_that_are_no_hybrid_are_refused(client: Client) -> None:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    other = x25519.X25519PrivateKey.generate().private_bytes(*form).decode()
    with pytest.raises(BadInput, match="are not the keys of one algorithm"):
        client.keys.import_(sample("ML-DSA-65", "seed").read_text() + other)
    with pytest.raises(BadInput, match="must hold its seed"):
        client.keys.import_(sample("ML-KEM-768", "expanded").read_text() + other)


def test_an_import_that_is_cancelled_keeps_nothing(stack: Stack, client: Client) -> None:
    client.keys.import_(sample("ML-DSA-44", "seed").read_text())
    transport = next(one for one in client.keys(limit=1000) if one["usage"] == "transport")["key_id"]
    before = client.submit(sleeping(LONG_S))
    sealed = base64.b64encode(b"a sealed private key").decode()
    wanted = {"kind": "cryptographic", "operation": "import_key", "transport_key": transport}
    job = client.submit({**wanted, "sealed": sealed, "depends_on": [before.id]})
    with stack.database() as connection:
        spec = "SELECT spec::text FROM jobs WHERE id = %s"
        assert sealed in str(connection.execute(spec, (job.id,)).fetchone())
        job.cancel()
        before.cancel()
        [(text,)] = connection.execute(spec, (job.id,)).fetchall()
    assert json.loads(text)["sealed"] == "" and json.loads(text)["transport_key"] == transport
    replayed = job.replay().wait()
    assert replayed.status == "failed" and "does not open" in replayed.document["error_message"]
