"""Keys as users have them: over the command line, the client and HTTP; and no secret anywhere but sealed."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import psutil
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import mldsa

from novacron import Client
from novacron.errors import Conflict, Forbidden, NotFound
from testing.patience import eventually
from tests.acceptance.stack import Stack

KEYS = "/api/crypto/keys"
Document = dict[str, Any]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def key(client: Client) -> Document:
    return client.keys.generate("ML-DSA-65", label="releases")


def pem_of(private: mldsa.MLDSA65PrivateKey, password: str | None = None) -> str:
    sealing: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        sealing = serialization.BestAvailableEncryption(password.encode())
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealing)
    return private.private_bytes(*form).decode()


def operated(stack: Stack, operation: str, **wanted: object) -> Document:
    return stack.result({"kind": "cryptographic", "operation": operation, **wanted})


def test_generating_a_key_answers_with_all_that_is_public(stack: Stack) -> None:
    with stack.http() as http:
        answer = http.post(
            f"{KEYS}/generate", json={"algorithm": "ML-KEM-768", "parameters": {}, "usage": None}
        )
        made = answer.json()
        assert answer.status_code == 201, made
        assert {
            "key_id",
            "algorithm",
            "public_key",
            "public_key_pem",
            "key_size",
            "created_at",
            "usage",
        } <= set(made)
        assert (made["algorithm"], made["usage"], made["key_size"]) == ("ML-KEM-768", "decapsulate", 1184)
        loaded = serialization.load_pem_public_key(made["public_key_pem"].encode())
        assert loaded.public_bytes_raw() == base64.b64decode(made["public_key"])  # type: ignore[union-attr]
        assert http.get(f"{KEYS}/{made['key_id']}").json() == made
        assert made["key_id"] in [one["key_id"] for one in http.get(KEYS).json()["keys"]]


def test_the_same_idempotency_key_makes_one_key(stack: Stack) -> None:
    headers, wanted = {"Idempotency-Key": "generate-once"}, {"algorithm": "ML-DSA-65"}
    imported = {"private_key": pem_of(mldsa.MLDSA65PrivateKey.generate())}
    with stack.http() as http:
        made = [http.post(f"{KEYS}/generate", json=wanted, headers=headers).json() for _ in range(2)]
        assert made[0] == made[1]
        assert (
            http.post(f"{KEYS}/generate", json={"algorithm": "ML-KEM-768"}, headers=headers).status_code
            == 409
        )
        headers = {"Idempotency-Key": "import-once"}
        made = [http.post(f"{KEYS}/import", json=imported, headers=headers).json() for _ in range(2)]
        assert made[0] == made[1] and "key_id" in made[0]


def test_a_key_signs_and_what_it_signed_is_verified(stack: Stack, key: Document) -> None:
    payload = base64.b64encode(b"release 1.0").decode()
    signed = operated(stack, "sign", key_id=key["key_id"], payload=payload, context="release")
    wanted = {"key_id": key["key_id"], "payload": payload, "signature": signed["signature"]}
    assert operated(stack, "verify", **wanted, context="release")["verified"] is True
    assert operated(stack, "verify", **wanted)["verified"] is False
    public = mldsa.MLDSA65PublicKey.from_public_bytes(base64.b64decode(key["public_key"]))
    public.verify(base64.b64decode(signed["signature"]), b"release 1.0", b"release")


def test_a_key_from_birth_to_its_end(client: Client, key: Document) -> None:
    assert client.keys.rotate(key["key_id"], expected_version=1)["version"] == 2
    with pytest.raises(Conflict, match="it was changed concurrently"):
        client.keys.rotate(key["key_id"], expected_version=1)
    with pytest.raises(Conflict, match="retire it first"):
        client.keys.destroy(key["key_id"])
    assert client.keys.retire(key["key_id"])["state"] == "retired"
    with pytest.raises(Conflict, match="is retired"):
        client.keys.rotate(key["key_id"])
    assert client.keys.destroy(key["key_id"])["state"] == "destroyed"
    assert client.keys.retire(key["key_id"])["state"] == "destroyed"
    acts = [
        entry["action"] for entry in client.audit.export()["entries"] if entry["subject"] == key["key_id"]
    ]
    assert acts == ["key.generate", "key.rotate", "key.retire", "key.destroy"]


def test_of_two_that_rotate_one_key_one_wins_and_the_other_is_told(stack: Stack, key: Document) -> None:
    path, start = f"{KEYS}/{key['key_id']}/rotate", Barrier(4)

    def rotate(_: int) -> int:
        with stack.http() as http:
            http.get("/health")
            start.wait()
            return http.post(path, json={"expected_version": 1}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(rotate, range(4))) == [200, 409, 409, 409]


def test_keys_are_the_tenants_and_only_an_admin_destroys(stack: Stack, client: Client, key: Document) -> None:
    with stack.client(stack.new_token("admin", tenant="strangers")) as stranger:
        for use in (stranger.keys.get, stranger.keys.rotate, stranger.keys.retire, stranger.keys.destroy):
            with pytest.raises(NotFound):
                use(key["key_id"])
        assert key["key_id"] not in json.dumps(stranger.keys() + stranger.audit.export()["entries"])
    client.keys.retire(key["key_id"])
    with stack.client(stack.new_token("submit")) as submitter, pytest.raises(Forbidden):
        submitter.keys.destroy(key["key_id"])


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_an_imported_key_signs_as_it_did_before(stack: Stack, client: Client, password: str | None) -> None:
    private = mldsa.MLDSA65PrivateKey.generate()
    imported = client.keys.import_(pem_of(private, password), password=password, label="from elsewhere")
    assert base64.b64decode(imported["public_key"]) == private.public_key().public_bytes_raw()
    signed = operated(stack, "sign", key_id=imported["key_id"], payload="AAAA")
    private.public_key().verify(base64.b64decode(signed["signature"]), b"\0\0\0")


def test_what_cannot_be_imported_is_refused_and_not_shown(stack: Stack) -> None:
    secret = pem_of(mldsa.MLDSA65PrivateKey.generate(), PASSWORD)
    broken = [
        {"private_key": secret[:-60], "password": PASSWORD},
        {"private_key": secret, "password": "wrong " + PASSWORD},
        {"private_key": secret},
        {"private_key": [secret]},
        {"private_key": secret, "password": [PASSWORD]},
        {"private_kye": secret},
        {"private_key": secret, "passwrod": PASSWORD},
        {"private_key": "x" * 70_000},
        {"private_key": secret, "password": PASSWORD + "\ud800"},
        {"private_key": secret + "\ud800", "password": PASSWORD},
        {"private_key": secret, "password": PASSWORD + "\0" + "x" * 5000},
        {},
    ]
    with stack.http() as http:
        for body in broken:
            answer = http.post(f"{KEYS}/import", content=json.dumps(body))
            assert answer.status_code == 422, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert secret.split("\n")[1] not in answer.text and PASSWORD not in answer.text


def test_a_message_that_the_transport_key_does_not_open_is_refused(stack: Stack, client: Client) -> None:
    client.keys.import_(pem_of(mldsa.MLDSA65PrivateKey.generate()))
    transport = next(one for one in client.keys(limit=1000) if one["usage"] == "transport")["key_id"]
    job = client.submit(
        {
            "kind": "cryptographic",
            "operation": "import_key",
            "transport_key": transport,
            "sealed": base64.b64encode(bytes(2000)).decode(),
        }
    ).wait()
    assert job.status == "failed"
    assert job.document["error"]["class"] == "user" and "does not open" in job.document["error_message"]


def test_the_kek_is_rotated_under_keys_in_use(stack: Stack, client: Client, key: Document) -> None:
    before = (stack.data / "kek").read_text()
    done = stack.run("crypto", "kek", "rotate")
    assert done.returncode == 0, done.stderr
    assert (stack.data / "kek").read_text() != before
    assert stack.document("crypto", "kek", "rotate")["result"]["rewrapped"] > 1
    operated(stack, "sign", key_id=key["key_id"], payload="AAAA")


def test_the_command_line_does_what_the_api_does(stack: Stack, tmp_path: Path) -> None:
    made = stack.document("crypto", "keys", "generate", "ML-DSA-65", "--label", "by hand")
    name, file = made["key_id"], tmp_path / "key.pem"
    assert name in stack.run("crypto", "keys", "list").stdout
    assert stack.document("crypto", "keys", "show", name) == made
    assert stack.run("crypto", "keys", "export", name).stdout == made["public_key_pem"]
    assert stack.run("crypto", "keys", "export", name, "--raw").stdout.strip() == made["public_key"]
    assert stack.document("crypto", "keys", "rotate", name)["version"] == 2
    assert stack.run("crypto", "keys", "export", name, "--version", "3").returncode == 2
    stack.run("crypto", "keys", "retire", name)
    assert stack.document("crypto", "keys", "destroy", name, "--yes")["state"] == "destroyed"
    file.write_text(pem_of(mldsa.MLDSA65PrivateKey.generate()))
    assert stack.document("crypto", "keys", "import", str(file))["versions"][0]["origin"] == "imported"
    assert "by hand" in stack.run("crypto", "keys", "show", name).stdout
    assert "key.destroy" in stack.run("crypto", "audit", "list").stdout


def test_the_audit_log_is_verified_here_and_elsewhere(
    stack: Stack, client: Client, key: Document, tmp_path: Path
) -> None:
    log, trusted = tmp_path / "log.json", tmp_path / "audit.pem"
    assert stack.run("crypto", "audit", "verify").returncode == 0
    assert stack.run("crypto", "audit", "export", "-o", str(log)).returncode == 0
    unknown = stack.run("crypto", "audit", "verify", str(log))
    assert unknown.returncode == 1 and "name the key you trust" in unknown.stderr
    signer = json.loads(log.read_text())["head"]["key_id"]
    trusted.write_text(stack.run("crypto", "keys", "export", signer).stdout)
    assert stack.run("crypto", "audit", "verify", str(log), "--key", str(trusted)).returncode == 0
    trusted.write_text(key["public_key_pem"])
    assert (
        "not by the key in" in stack.run("crypto", "audit", "verify", str(log), "--key", str(trusted)).stderr
    )
    log.write_text(log.read_text().replace("key.generate", "key.forgery", 1))
    broken = stack.run("crypto", "audit", "verify", str(log), "--key", str(trusted))
    assert broken.returncode == 1 and "was changed after it was written" in broken.stderr


def test_a_reader_reads_the_log_and_reading_it_makes_no_job(
    stack: Stack, client: Client, key: Document
) -> None:
    with stack.client(stack.new_token("read")) as reader:
        # The token's own entry is signed by a worker after it is made.
        eventually(lambda: reader.audit.export() == client.audit.export(), "its entry")
        before = stack.n_rows()
        assert reader.audit.export() == client.audit.export()
    assert stack.n_rows() == before


def test_only_workers_of_the_queue_crypto_know_where_the_kek_is(stack: Stack) -> None:
    told = set()
    for process in stack.processes():
        if any(name.startswith("NOVACRON_KEK") for name in process.environ()):
            told.add(" ".join(process.cmdline()[1:5]))
    assert told == {"-m workers --queue crypto"}
    assert (stack.data / "kek").stat().st_mode & 0o777 == 0o600
    assert psutil.Process(stack.published["pids"]["scheduler"]).is_running()
