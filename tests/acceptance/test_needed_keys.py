"""What is needed is not destroyed: through the command line, by people of every role."""

import base64
from pathlib import Path
from typing import Any

import pytest

from novacron import Client
from novacron.crypto import PublicKey, Recipient, seal_file
from novacron.errors import BadInput, Conflict, Forbidden, JobFailed
from tests.acceptance.stack import Stack

Document = dict[str, Any]
CA = {"basic_constraints": {"ca": True}}


@pytest.fixture
def root(client: Client) -> Document:
    """A CA, with one certificate below it."""
    made = client.certificates.generate("ML-DSA-44", "CN=Root", "400d", extensions=CA)
    client.certificates.generate("ML-DSA-44", "CN=leaf", "30d", issuer=made["certificate_id"])
    return made


@pytest.fixture(autouse=True)
def undeclared(stack: Stack) -> None:
    """No targets but those of the test."""
    (stack.data / "targets.toml").write_text("")


def test_the_key_of_a_ca_is_neither_rotated_nor_retired_nor_planned(
    stack: Stack, client: Client, root: Document
) -> None:
    key_id, name = root["key_id"], root["certificate_id"]
    for act in ("rotate", "retire"):
        done = stack.run("crypto", "keys", act, key_id)
        assert done.returncode != 0 and f"certificate {name} is the CA CN=Root" in done.stderr
        shown = stack.run("crypto", "keys", act, key_id, "--dry-run").stdout
        assert (
            "refused: certificate" in shown and f"issued certificates 1 times, as CN=Root ({name})" in shown
        )
    component = {"name": "ca", "kind": "stored_key", "algorithm": "ML-DSA-44", "target": key_id}
    with pytest.raises(BadInput, match=rf"components\[0\]\.target.*is needed.*{name}"):
        client.migrations.plan({
            "timeline": "2 years", "components": [component], "target_algorithms": ["ML-DSA-65"],
        })  # fmt: skip
    leaf = client.certificates.generate("ML-DSA-44", "CN=other", "30d", issuer=name)
    assert client.certificates.revoke(leaf["certificate_id"])["status"] == "revoked"
    done = stack.run("crypto", "keys", "retire", key_id, "--abandon", name)
    assert done.returncode == 0 and client.keys.get(key_id)["state"] == "retired"


def test_keys_that_are_gone_or_unknown_are_not_planned(client: Client) -> None:
    retired = client.keys.generate("Ed25519")["key_id"]
    client.keys.retire(retired)
    components = [
        {"name": key_id, "kind": "stored_key", "algorithm": "Ed25519", "target": key_id}
        for key_id in (retired, "key_01M8ND0ED9562N5WVRCMBKT0MX")
    ]
    with pytest.raises(BadInput, match="is retired, and gets no other version") as refused:
        client.migrations.plan({"timeline": "2 years", "components": components})
    assert [one.rule for one in refused.value.others] == ["is not a key of this tenant"]


def test_retiring_and_destroying_need_an_admin(stack: Stack, client: Client) -> None:
    key = client.keys.generate("ML-DSA-44")["key_id"]
    with Client(stack.url, stack.new_token("submit")) as other:
        for act in (other.keys.retire, other.keys.destroy):
            with pytest.raises(Forbidden):
                act(key)
        with pytest.raises(Forbidden):
            other.submit({"kind": "cryptographic", "operation": "retire_key", "key_id": key})
        assert other.keys.rotate(key, dry_run=True)["refused"] is False
    assert client.keys.get(key)["state"] == "active"
    told = client.keys.retire(key, dry_run=True)
    assert (told["refused"], told["needs"], told["uses"]) == (False, [], [])
    assert client.keys.get(key)["state"] == "active"


@pytest.fixture
def archive(stack: Stack, client: Client, tmp_path: Path) -> Document:
    """Two envelopes in a declared folder."""
    key = client.keys.generate("HPKE-X25519")
    for number in range(2):
        sealed(tmp_path / "archive" / f"{number}.ncrypt", key)
    (stack.data / "targets.toml").write_text(
        f'[targets.archive]\nkind = "envelopes"\nfolder = "{tmp_path}/archive"\n'
    )
    return key


def sealed(path: Path, key: Document) -> Path:
    path.parent.mkdir(exist_ok=True)
    (plain := path.parent / "plain").write_bytes(b"text")
    public = PublicKey("HPKE-X25519", base64.b64decode(key["public_key"]))
    seal_file(plain, path, [Recipient(public, f"{key['key_id']}/1")], classical=True)
    plain.unlink()
    return path


def planned(client: Client, count: int = 2) -> str:
    component = {
        "name": "archive", "kind": "envelopes", "algorithm": "HPKE-X25519", "target": "archive",
        "count": count,
    }  # fmt: skip
    return str(client.migrations.plan({"timeline": "2 years", "components": [component]})["plan_id"])


def test_a_linked_envelope_keeps_the_old_key_through_a_whole_plan(
    stack: Stack, client: Client, archive: Document, tmp_path: Path
) -> None:
    plan_id = planned(client)
    outside = sealed(tmp_path / "outside" / "9.ncrypt", archive)
    (link := tmp_path / "archive" / "9.ncrypt").symlink_to(outside)
    shown = stack.run("crypto", "execute", plan_id, "--dry-run").stdout
    assert f"refused: file {link} is a link to {outside}" in shown
    assert "sealed for by envelopes 3 times" in shown
    done = stack.run("crypto", "execute", plan_id, "--until", "s02", "--now")
    assert done.returncode == 0 and "this execution ends with s02" in done.stderr
    assert [one["state"] for one in client.migrations.status(plan_id)["steps"]][:3] == [
        "done",
        "done",
        "waiting",
    ]
    done = stack.run("crypto", "execute", plan_id, "--approve-retire", "--now")
    assert done.returncode == 1 and f"file {link} is a link to {outside}" in done.stderr
    found = client.migrations.status(plan_id)
    assert found["status"] == "failed" and str(link) in found["steps"][-1]["error"]
    key = client.keys.get(archive["key_id"])
    assert key["algorithm"] == "X-Wing" and key["versions"][0]["destroyed_at"] is None
    with pytest.raises(Conflict, match=f"plan {plan_id} is failed and has changed this key"):
        client.keys.rotate(archive["key_id"])
    done = stack.run("crypto", "execute", plan_id, "--approve-retire", "--now", "--abandon", str(link))
    assert done.returncode == 0, done.stderr
    assert client.keys.get(archive["key_id"])["versions"][0]["destroyed_at"]
    acts = {one["action"]: one["details"] for one in client.audit.export()["entries"]}
    assert acts["key.destroy"]["abandoned"] == [str(link)]


def test_a_folder_that_holds_less_than_is_counted_is_not_begun(client: Client, archive: Document) -> None:
    with pytest.raises(JobFailed, match="holds 2 envelopes, and the plan counts 1000"):
        client.migrations.execute(planned(client, 1000)).result()
    assert len(client.keys.get(archive["key_id"])["versions"]) == 1


def test_steps_that_a_plan_has_not_are_refused_at_once(client: Client, archive: Document) -> None:
    plan_id = planned(client)
    with pytest.raises(BadInput, match=r"until = 's99': the plan has no such step"):
        client.migrations.execute(plan_id, until="s99")
    with pytest.raises(BadInput, match=r"confirm\[0\] = 'archiv': .*did you mean 'archive'"):
        client.migrations.execute(plan_id, confirm=["archiv"])
    assert client.migrations.get(plan_id)["status"] == "planned"


def test_the_key_encryption_key_is_told_of_before_it_is_rotated(stack: Stack, client: Client) -> None:
    client.keys.generate("ML-DSA-44")
    kek = (stack.data / "kek").read_text()
    shown = stack.run("crypto", "kek", "rotate", "--dry-run")
    assert shown.returncode == 0 and "sealed keys of" in shown.stdout and "keep kek_" in shown.stdout
    assert (stack.data / "kek").read_text() == kek
