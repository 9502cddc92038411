"""Envelopes, hybrid signatures and signed results with keys of the store, over the command line."""

import base64
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from novacron import Client
from novacron.crypto import Header, Identity, PrivateKey, Recipient, header_of, rewrap
from novacron.errors import BadInput, Conflict, NotAuthentic, NotFound
from testing.patience import PATIENCE_S
from tests.acceptance.stack import Stack

BELL = {
    "kind": "pure_quantum",
    "circuit": {"qasm": 'OPENQASM 2.0;include "qelib1.inc";qreg q[2];h q[0];cx q[0],q[1];'},
}
NO_STACK = "http://127.0.0.1:1"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text"
    path.write_bytes(os.urandom(200_000))
    return path


@pytest.fixture
def key_id(client: Client) -> str:
    return str(client.keys.generate("X-Wing")["key_id"])


def ran(stack: Stack, *arguments: str | Path, status: int = 0, **more: Any) -> str:
    done = stack.run(*map(str, arguments), **more)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("algorithm", ["X-Wing", "MLKEM1024-P384", "HPKE-ML-KEM-1024"])
def test_sealed_for_a_stored_key_and_opened_with_it(
    stack: Stack, client: Client, text: Path, algorithm: str
) -> None:
    key_id = str(client.keys.generate(algorithm)["key_id"])
    ran(stack, "crypto", "encrypt", text, "--to", key_id, "--context", "files")
    sealed, again = text.with_suffix(".ncrypt"), text.with_name("again")
    assert header_of(sealed).key_ids == (f"{key_id}/1",)
    assert header_of(sealed).stanzas[0].suite.name == algorithm  # type: ignore[union-attr]
    assert "another context" in ran(stack, "crypto", "decrypt", sealed, "-o", again, status=1)
    assert not again.exists()
    ran(stack, "crypto", "decrypt", sealed, "-o", again, "--context", "files")
    assert again.read_bytes() == text.read_bytes()


def test_neither_plaintext_nor_data_key_is_in_any_row(
    stack: Stack, client: Client, key_id: str, tmp_path: Path
) -> None:
    secret = b"the text nobody may find, not even in a row"
    (tmp_path / "text").write_bytes(secret)
    mine = PrivateKey.generate()
    (tmp_path / "mine.pem").write_text(mine.public.pem())
    sealed = tmp_path / "text.ncrypt"
    ran(stack, "crypto", "encrypt", tmp_path / "text", "--to", key_id, "--to", tmp_path / "mine.pem")
    ran(stack, "crypto", "decrypt", sealed, "-o", tmp_path / "again", "--key", key_id)
    assert (tmp_path / "again").read_bytes() == secret
    data_key = data_key_of(header_of(sealed), mine)
    with stack.database() as connection:
        rows = json.dumps([
            connection.execute(f"SELECT t::text FROM {table} t").fetchall()
            for table in ("jobs", "tasks", "events", "audit_log")
        ])  # fmt: skip
    assert header_of(sealed).preamble.envelope_id.hex() in rows
    for form in (secret, data_key):
        assert form.hex() not in rows and base64.b64encode(form).decode() not in rows
    assert secret.decode() not in rows


def data_key_of(header: Header, key: PrivateKey) -> bytes:
    found: list[bytes] = []
    mine = Identity.of(key)

    def spied(sealed: bytes, info: bytes) -> bytes:
        found.append(mine.decrypt(sealed, info))
        return found[-1]

    rewrap(header, replace(mine, decrypt=spied), add=[key.public])
    return found[0]


def test_old_versions_of_a_key_still_open(stack: Stack, client: Client, key_id: str, text: Path) -> None:
    ran(stack, "crypto", "encrypt", text, "--to", key_id)
    client.keys.rotate(key_id)
    sealed, again = text.with_suffix(".ncrypt"), text.with_name("again")
    ran(stack, "crypto", "decrypt", sealed, "-o", again)
    assert again.read_bytes() == text.read_bytes()
    ran(stack, "crypto", "rewrap", sealed, "--to", key_id, "--drop", f"{key_id}/1")
    assert header_of(sealed).key_ids == (f"{key_id}/2",)
    ran(stack, "crypto", "decrypt", sealed, "-o", again, "--force")


def test_nothing_new_is_sealed_for_a_retired_key_and_old_data_opens(
    stack: Stack, client: Client, key_id: str, text: Path
) -> None:
    ran(stack, "crypto", "encrypt", text, "--to", key_id)
    client.keys.retire(key_id)
    refused = ran(stack, "crypto", "encrypt", text, "--to", key_id, "-o", text.with_name("more"), status=2)
    assert "is retired: nothing new is sealed for it" in refused
    ran(stack, "crypto", "decrypt", text.with_suffix(".ncrypt"), "-o", text.with_name("again"))
    client.keys.destroy(key_id)
    gone = ran(stack, "crypto", "decrypt", text.with_suffix(".ncrypt"), "-o", text, "--force", status=2)
    assert "its private key is gone" in gone and text.stat().st_size == 200_000


def test_a_reader_gets_no_operation_and_a_stranger_no_key(
    stack: Stack, client: Client, key_id: str, text: Path
) -> None:
    ran(stack, "crypto", "encrypt", text, "--to", key_id)
    sealed, again = text.with_suffix(".ncrypt"), text.with_name("again")
    reader, stranger = stack.new_token("read"), stack.new_token("submit", tenant="strangers")
    assert "role" in ran(stack, "crypto", "decrypt", sealed, "-o", again, status=2, token=reader)
    assert "no key" in ran(stack, "crypto", "decrypt", sealed, "-o", again, status=2, token=stranger)
    assert not again.exists()


def test_what_does_not_open_says_so(stack: Stack, client: Client, key_id: str, text: Path) -> None:
    ran(stack, "crypto", "encrypt", text, "--to", key_id)
    sealed = text.with_suffix(".ncrypt")
    header = header_of(sealed).encode()
    other = str(client.keys.generate("X-Wing")["key_id"])
    signing = str(client.keys.generate("ML-DSA-65")["key_id"])
    mine = Recipient(PrivateKey.generate().public)
    for changed, named, refused in (
        (header, other, NotAuthentic),
        (header[:-1] + bytes([header[-1] ^ 1]), key_id, NotAuthentic),
        (header, signing, Conflict),
        (header, "key_" + "0" * 26, NotFound),
    ):
        with pytest.raises(refused):
            client.envelopes.rewrap(changed, named, add=[mine])
    again = text.with_name("again")
    assert "not for this key" in ran(
        stack, "crypto", "decrypt", sealed, "-o", again, "--key", other, status=1
    )
    for changed in (b"", b"NCRYPT", header + b"\0"):
        with pytest.raises(NotAuthentic, match="envelope"):
            client.envelopes.rewrap(changed, key_id, add=[mine])


def test_moving_an_old_file_to_a_post_quantum_key(
    stack: Stack, client: Client, key_id: str, text: Path
) -> None:
    old = text.with_name("old.pem")
    ran(stack, "crypto", "keyfile", "HPKE-X25519", "-o", old)
    public = text.with_name("old.pub.pem")
    sealed = text.with_suffix(".ncrypt")
    assert "quantum computer" in ran(stack, "crypto", "encrypt", text, "--to", public, status=2)
    ran(stack, "crypto", "encrypt", text, "--to", public, "--classical")
    payload = sealed.read_bytes()[len(header_of(sealed).encode()) :]
    ran(
        stack,
        "crypto",
        "rewrap",
        sealed,
        "--key",
        old,
        "--to",
        key_id,
        "--drop",
        header_of(sealed).key_ids[0],
    )
    assert sealed.read_bytes()[len(header_of(sealed).encode()) :] == payload
    ran(stack, "crypto", "decrypt", sealed, "-o", text.with_name("again"))
    assert text.with_name("again").read_bytes() == text.read_bytes()
    more = text.with_name("more")
    assert "not for this key" in ran(stack, "crypto", "decrypt", sealed, "-o", more, "--key", old, status=1)


def test_without_a_server(stack: Stack, text: Path) -> None:
    key, public = text.with_name("key.pem"), text.with_name("key.pub.pem")
    ran(stack, "crypto", "keyfile", "MLKEM1024-P384", "-o", key, url=NO_STACK)
    ran(stack, "crypto", "encrypt", text, "--to", public, "--profile", "high", url=NO_STACK)
    assert "profile cnsa" in ran(
        stack, "crypto", "encrypt", text, "--to", public, "--profile", "cnsa", status=2
    )
    sealed = text.with_suffix(".ncrypt")
    shown = json.loads(ran(stack, "crypto", "inspect", sealed, "--json", url=NO_STACK))
    assert [one["suite"] for one in shown["recipients"]] == ["MLKEM1024-P384"]
    ran(stack, "crypto", "decrypt", sealed, "-o", text.with_name("again"), "--key", key, url=NO_STACK)
    assert text.with_name("again").read_bytes() == text.read_bytes()
    sealed.write_bytes(sealed.read_bytes()[:-20])
    target = text.with_name("more")
    assert "incomplete" in ran(stack, "crypto", "decrypt", sealed, "-o", target, "--key", key, status=1)
    assert not target.exists()


def test_two_stored_keys_sign_and_anybody_verifies(stack: Stack, client: Client, text: Path) -> None:
    keys = [client.keys.generate(name) for name in ("ML-DSA-65", "ECDSA-P256")]
    named = [part for key in keys for part in ("--key", str(key["key_id"]))]
    signature = text.with_name("signature.json")
    ran(stack, "crypto", "sign", text, *named, "-o", signature)
    assert "good" in ran(stack, "crypto", "verify", text, signature, *named)
    files = []
    for key in keys:
        path = text.with_name(f"{key['algorithm']}.json")
        path.write_text(json.dumps(key))
        files += ["--key", str(path)]
    assert "good" in ran(stack, "crypto", "verify", text, signature, *files, url=NO_STACK)
    assert "not trusted" in ran(stack, "crypto", "verify", text, signature, *files[:2], status=1)
    text.write_bytes(text.read_bytes() + b"!")
    assert "not what was signed" in ran(stack, "crypto", "verify", text, signature, *files, status=1)
    with pytest.raises(BadInput, match="one post-quantum and one classical"):
        client.envelopes.sign_digest([keys[0]["key_id"]] * 2, "00" * 64, 0)
    client.keys.retire(keys[1]["key_id"])
    with pytest.raises(Conflict, match="is retired"):
        client.envelopes.sign_digest([key["key_id"] for key in keys], "00" * 64, 0)


def test_a_composite_signature_is_made_and_verified_only_as_a_draft(stack: Stack, text: Path) -> None:
    key, signature = text.with_name("key.pem"), text.with_name("signature")
    name = "id-MLDSA65-ECDSA-P256-SHA512"
    assert "draft" in ran(stack, "crypto", "keyfile", name, "-o", key, status=2)
    ran(stack, "crypto", "keyfile", name, "-o", key, "--draft")
    ran(stack, "crypto", "sign", text, "--key", key, "-o", signature, "--draft")
    public = text.with_name("key.pub.pem")
    assert "good" in ran(stack, "crypto", "verify", text, signature, "--key", public, "--draft")
    text.write_bytes(b"")
    assert "the signature is invalid" in ran(
        stack, "crypto", "verify", text, signature, "--key", public, "--draft", status=1
    )


def test_a_signed_result_is_verified_without_a_server(stack: Stack, tmp_path: Path) -> None:
    job = stack.submit({**BELL, "seed": 20261125}).wait(PATIENCE_S)
    signed = json.loads(ran(stack, "result", job.id, "--json", "--sign"))
    assert set(signed) == {"job", "result", "receipt", "signature"}
    assert signed["signature"]["algorithm"] == "ML-DSA-65"
    path = tmp_path / "result.json"
    path.write_text(json.dumps(signed, indent=1))
    assert "good" in ran(stack, "verify", path, url=NO_STACK)
    (tmp_path / "key.json").write_text(json.dumps(signed["signature"]))
    elsewhere = Stack(tmp_path / "elsewhere")
    fingerprint = json.loads(ran(stack, "verify", path, "--json"))["fingerprint"]
    assert fingerprint in ran(elsewhere, "verify", path, status=1)
    assert "good" in ran(elsewhere, "verify", path, "--key", tmp_path / "key.json")
    for part, name, value in (("result", "probabilities", {"00": 1.0}), ("job", "job_id", "other")):
        path.write_text(json.dumps({**signed, part: {**signed[part], name: value}}))
        assert f"{part}.{name}" in ran(stack, "verify", path, status=1)
    path.write_text("{}")
    assert "not a signed result" in ran(stack, "verify", path, status=2)


def test_only_the_tenants_completed_jobs_are_signed(stack: Stack, client: Client, tmp_path: Path) -> None:
    arguments = {"folder": str(tmp_path), "failures": 9, "error": "ValueError"}
    failed = stack.submit({"kind": "pure_classical", "function": "flaky", "arguments": arguments}).wait(
        PATIENCE_S
    )
    with pytest.raises(Conflict, match="only a completed job"):
        client.envelopes.sign_result(failed.id)
    done = stack.submit({**BELL, "seed": 20261126}).wait(PATIENCE_S)
    with stack.client(stack.new_token("submit", tenant="strangers")) as stranger, pytest.raises(NotFound):
        stranger.envelopes.sign_result(done.id)
    with pytest.raises(NotFound):
        client.envelopes.sign_result("nothing")
