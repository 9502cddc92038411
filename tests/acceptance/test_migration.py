"""Migrations as users carry them out, on files, keys, certificates and a server of their own."""

import asyncio
import base64
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from novacron import AsyncClient, Client
from novacron.crypto import PublicKey, Recipient, seal_file
from novacron.errors import Forbidden, JobFailed, NotFound
from shared.crypto.tls.probe import probe
from testing.patience import PATIENCE_S, eventually
from tests.acceptance.stack import Stack
from tests.integration.migration.conftest import Server, served

N_ENVELOPES = 2
EDGE = {"name": "edge", "kind": "tls_endpoint", "role": "both", "algorithm": "X25519", "target": "edge"}
Document = dict[str, Any]


def declared(stack: Stack, text: str) -> None:
    """What the operator writes; it holds from the next step on."""
    (stack.data / "targets.toml").write_text(text)


def edge_of(server: Server) -> str:
    return (
        f'[targets.edge]\nkind = "tls"\nconfig = "{server.config}"\ngroups_directive = "ssl_ecdh_curve"\n'
        f"reload = {json.dumps(server.reload)}\nprobe = {json.dumps(server.address)}\n"
    )


@pytest.fixture
def server(stack: Stack, tmp_path: Path) -> Iterator[Server]:
    """A server of classical groups, the only target that is declared."""
    with served(tmp_path / "server") as running:
        declared(stack, edge_of(running))
        yield running


@pytest.fixture
def site(stack: Stack, client: Client, server: Server, tmp_path: Path) -> Document:
    """With it an archive, a signing key and the server's certificate; all classical, all declared."""
    archive, releases = client.keys.generate("HPKE-X25519"), client.keys.generate("Ed25519")
    root = client.certificates.generate(
        "ML-DSA-65", "CN=Root", "400d", extensions={"basic_constraints": {"ca": True}}
    )
    (folder := tmp_path / "archive").mkdir()
    (plain := tmp_path / "plain").write_bytes(os.urandom(1000))
    public = PublicKey("HPKE-X25519", base64.b64decode(archive["public_key"]))
    for number in range(N_ENVELOPES):
        name = Recipient(public, f"{archive['key_id']}/1")
        seal_file(plain, folder / f"{number}.ncrypt", [name], classical=True)
    declared(stack, (
        f'[targets.archive]\nkind = "envelopes"\nfolder = "{folder}"\n'
        f'[targets.releases]\nkind = "stored_key"\nkey_id = "{releases["key_id"]}"\n'
        f'[targets.web]\nkind = "certificate"\ncertificate = "{server.certificate}"\n'
        f'key = "{server.key}"\nissuer = "{root["certificate_id"]}"\nnames = ["localhost"]\n'
        f"reload = {json.dumps(server.reload)}\nprobe = {json.dumps(server.address)}\n" + edge_of(server)
    ))  # fmt: skip
    return {
        "archive": archive["key_id"], "releases": releases["key_id"], "folder": folder,
        "plain": plain.read_bytes(), "server": server,
    }  # fmt: skip


def planned(client: Client, *components: Document) -> str:
    return str(client.migrations.plan({"timeline": "2 years", "components": components})["plan_id"])


def whole(client: Client) -> str:
    return planned(
        client,
        {"name": "web", "kind": "certificate", "algorithm": "ECDSA-P256", "target": "web"},
        EDGE | {"depends_on": ["web"]},
        {"name": "archive", "kind": "envelopes", "algorithm": "HPKE-X25519", "target": "archive",
         "count": N_ENVELOPES},
        {"name": "releases", "kind": "stored_key", "role": "signer", "algorithm": "Ed25519",
         "target": "releases"},
    )  # fmt: skip


def contents(site: Document) -> dict[Path, bytes]:
    folders = (site["folder"], site["server"].config.parent)
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def check_readable(stack: Stack, site: Document) -> None:
    for path in site["folder"].iterdir():
        again = path.with_suffix(".again")
        done = stack.run("crypto", "decrypt", str(path), "-o", str(again))
        assert done.returncode == 0, done.stderr
        assert again.read_bytes() == site["plain"]
        again.unlink()


def states(stack: Stack, plan_id: str) -> set[tuple[bool, str]]:
    found = stack.document("crypto", "status", plan_id)
    return {(step["type"] == "retire", step["state"]) for step in found["steps"]}


def test_a_plan_is_rehearsed_carried_out_taken_back_and_retired(
    stack: Stack, client: Client, site: Document
) -> None:
    plan_id, before, server = whole(client), contents(site), site["server"]
    assert states(stack, plan_id) == {(False, "pending"), (True, "pending")}
    shown = stack.run("crypto", "execute", plan_id, "--dry-run").stdout
    for named in (site["archive"], site["releases"], site["folder"], server.config, server.certificate):
        assert str(named) in shown
    assert contents(site) == before and client.migrations.get(plan_id)["status"] == "planned"

    done = stack.run("crypto", "execute", plan_id)
    assert done.returncode == 0 and "waits: the canary is watched for 7 days after s" in done.stderr
    done = stack.run("crypto", "execute", plan_id, "--now")
    assert done.returncode == 0 and "waits: this step is irreversible" in done.stderr
    assert states(stack, plan_id) == {(False, "done"), (True, "waiting")}
    again = stack.run("crypto", "execute", plan_id, "--dry-run").stdout.splitlines()
    assert any(line.startswith("s01 ") and line.endswith("  (done)") for line in again)
    assert not any("make version" in line for line in again), "what is done is not done again"
    check_migrated(client, site)
    check_readable(stack, site)
    assert stack.run("crypto", "rollback", plan_id).returncode == 0
    assert states(stack, plan_id) == {(False, "rolled_back"), (True, "pending")}
    assert contents(site).keys() == before.keys()
    assert {path: data for path, data in contents(site).items() if path.suffix != ".ncrypt"} == {
        path: data for path, data in before.items() if path.suffix != ".ncrypt"
    }
    assert client.keys.get(site["releases"])["algorithm"] == "Ed25519"
    check_readable(stack, site)

    done = stack.run("crypto", "execute", plan_id, "--approve-retire")
    assert done.returncode == 0 and "--now" in done.stderr
    assert states(stack, plan_id) >= {(True, "waiting")}
    assert stack.run("crypto", "execute", plan_id, "--approve-retire", "--now").returncode == 0
    assert states(stack, plan_id) == {(False, "done"), (True, "done")}
    check_migrated(client, site)
    check_readable(stack, site)
    assert not probe("127.0.0.1", server.port).takes_classical_groups
    refused = stack.run("crypto", "rollback", plan_id)
    assert refused.returncode == 1 and "is done and irreversible" in refused.stderr
    assert client.migrations.status(plan_id)["status"] == "completed"


def check_migrated(client: Client, site: Document) -> None:
    assert client.keys.get(site["releases"])["algorithm"] == "ML-DSA-65"
    assert client.keys.get(site["archive"])["algorithm"] == "X-Wing"
    seen = probe("127.0.0.1", site["server"].port).handshake
    assert seen is not None and (seen.group, seen.signature) == ("X25519MLKEM768", "mldsa65")


def test_only_an_administrator_carries_plans_out(stack: Stack, client: Client, server: Server) -> None:
    plan_id, before = planned(client, EDGE), server.config.read_text()
    with Client(stack.url, stack.new_token("submit")) as other:
        for forbidden in (other.migrations.execute, other.migrations.rollback, other.migrations.watch):
            with pytest.raises(Forbidden):
                forbidden(plan_id)
        spec = {"kind": "cryptographic", "operation": "execute_migration", "plan_id": plan_id}
        with pytest.raises(Forbidden):
            other.submit(spec)
        assert other.migrations.status(plan_id)["status"] == "planned"
    with Client(stack.url, stack.new_token("admin", "neighbours")) as other:
        for unknown in (other.migrations.execute, other.migrations.rollback, other.migrations.status):
            with pytest.raises(NotFound):
                unknown(plan_id)
    assert server.config.read_text() == before


def test_what_cannot_be_carried_out_says_why(client: Client, server: Server) -> None:
    plan_id = planned(client, {**EDGE, "target": "edgy"})
    with pytest.raises(JobFailed, match=r"steps\.s01\.targets.*'edgy'.*did you mean 'edge'"):
        client.migrations.execute(plan_id).result()
    plan_id = planned(client, EDGE)
    with pytest.raises(JobFailed, match="has not been started"):
        client.migrations.rollback(plan_id).result()
    with pytest.raises(JobFailed, match="has not changed an endpoint"):
        client.migrations.watch(plan_id).result()


def test_a_step_that_fails_is_put_back_and_tried_again(stack: Stack, client: Client, server: Server) -> None:
    plan_id = planned(client, EDGE)
    before = server.config.read_text()
    broken = f'check = ["sh", "-c", "grep -v MLKEM {server.config} | grep -q ssl_ecdh_curve..25519"]\n'
    declared(stack, edge_of(server) + broken)
    with pytest.raises(JobFailed, match=r"step s02 failed: .* ended with 1.*put back: ssl_ecdh_curve is"):
        client.migrations.execute(plan_id).result()
    assert server.config.read_text() == before
    assert [one["state"] for one in client.migrations.status(plan_id)["steps"]][:2] == ["done", "failed"]
    declared(stack, edge_of(server))
    client.migrations.execute(plan_id).result()
    assert client.migrations.status(plan_id)["status"] == "waiting"


def test_what_is_changed_by_hand_waits_for_a_word(stack: Stack, client: Client) -> None:
    plan_id = planned(client, {"name": "installer", "role": "verifier", "algorithm": "Ed25519"})

    async def carried_out() -> None:
        async with AsyncClient(stack.url, stack.token) as other:
            job = await other.migrations.execute(plan_id)
            assert set((await job.result()).waiting) == {"s01", "s02"}
            job = await other.migrations.execute(plan_id, confirm=["s01"])
            (waiting,) = (await job.result()).waiting.items()
            assert waiting[0] == "s02" and "execute again with --approve-retire" in waiting[1]
            job = await other.migrations.execute(plan_id, confirm=["s02"], approve_retire=True)
            assert "from 20" in (await job.result()).waiting["s02"]
            job = await other.migrations.execute(plan_id, confirm_all=True, approve_retire=True, now=True)
            assert (await job.result()).status == "completed"
            assert (await other.migrations.status(plan_id))["status"] == "completed"
            with pytest.raises(JobFailed, match="irreversible"):
                await (await other.migrations.rollback(plan_id)).result()

    asyncio.run(carried_out())


def test_drift_is_told(stack: Stack, client: Client, server: Server) -> None:
    plan_id = planned(client, EDGE)
    client.migrations.execute(plan_id).result()
    with watching(client, plan_id) as job:
        server.config.write_text(server.config.read_text().replace("X25519MLKEM768/", ""))
        os.kill(server.pid, signal.SIGHUP)
        (found,) = eventually(lambda: client.migrations.status(plan_id)["findings"], "a finding")
        assert (found["severity"], found["target"]) == ("high", "edge")
        assert found["text"] == "key exchange fell from X25519MLKEM768 back to X25519"
        told = eventually(
            lambda: [one for one in job.stream(follow=False) if "drift" in str(one)], "an event"
        )
        assert len(told) == 1 and "fell from X25519MLKEM768" in str(told)
    assert "fell from X25519MLKEM768 back to X25519" in stack.run("crypto", "status", plan_id).stderr


@contextmanager
def watching(client: Client, plan_id: str) -> Iterator[Any]:
    job = client.migrations.watch(plan_id, every_s=1)
    try:
        yield job
    finally:
        job.cancel()
    job.wait(PATIENCE_S)
    assert job.status == "cancelled"
