"""Jobs of migrations that nobody waits for: unattended executions, and watches that renew."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from novacron import Client
from novacron.errors import JobFailed
from shared.crypto.tls.probe import PREFERRED, probe
from testing.patience import eventually
from tests.acceptance.stack import Stack
from tests.acceptance.test_migration import EDGE, declared, edge_of, planned
from tests.integration.migration.conftest import Server, served

EARLIER = """
UPDATE migration_steps SET finished_at = finished_at - interval '60 days',
  step = jsonb_set(step::jsonb, '{starts}', '"2026-01-01"')::json WHERE plan_id = %s
"""
"""As if the plan had been begun two months ago."""
WAKE = "UPDATE tasks SET not_before = clock_timestamp() WHERE job_id = %s AND not_before IS NOT NULL"


@pytest.fixture
def server(stack: Stack, tmp_path: Path) -> Iterator[Server]:
    """A server of classical groups, the only target that is declared."""
    with served(tmp_path / "server") as running:
        declared(stack, edge_of(running))
        yield running


def states(client: Client, plan_id: str) -> list[str]:
    return [one["state"] for one in client.migrations.status(plan_id)["steps"]]


def waits(client: Client, plan_id: str) -> str:
    """What the last step waits for; the one before it is done."""
    *others, last = client.migrations.status(plan_id)["steps"]
    return str(last["error"]) if last["state"] == "waiting" and others[-1]["state"] == "done" else ""


def test_an_unattended_plan_goes_on_by_itself_on_its_day(
    stack: Stack, client: Client, server: Server
) -> None:
    plan_id = planned(client, EDGE)
    started = stack.document("crypto", "execute", plan_id, "--unattended", "--approve-retire", "--json")
    job_id = started["job_id"]
    assert "goes on by itself from 20" in eventually(lambda: waits(client, plan_id), "the last step waits")
    assert client.job(job_id).status == "running" and "X25519" in server.config.read_text()
    with pytest.raises(
        JobFailed, match=f"job {job_id} has not ended and holds the plan .*novacron cancel {job_id}"
    ):
        client.migrations.rollback(plan_id).result()
    with stack.database() as connection:
        connection.execute(EARLIER, (plan_id,))
        connection.execute(WAKE, (job_id,))
    client.job(job_id).wait()
    assert set(states(client, plan_id)) == {"done"}
    assert client.migrations.status(plan_id)["status"] == "completed"


def test_an_unattended_plan_is_cancelled_and_taken_back(stack: Stack, client: Client, server: Server) -> None:
    plan_id, before = planned(client, EDGE), server.config.read_text()
    shown = stack.run("crypto", "execute", plan_id, "--unattended", "--approve-retire").stdout
    job_id = shown.split()[1]
    assert f"novacron cancel {job_id}" in shown and f"novacron crypto status {plan_id}" in shown
    eventually(lambda: waits(client, plan_id), "the last step waits")
    assert stack.run("cancel", job_id).returncode == 0
    eventually(lambda: client.job(job_id).status == "cancelled", "the job is cancelled")
    assert stack.run("crypto", "rollback", plan_id).returncode == 0
    assert server.config.read_text() == before


def test_what_waits_for_a_word_ends_an_unattended_plan(client: Client, server: Server) -> None:
    plan_id = planned(client, EDGE)
    job = client.migrations.execute(plan_id, unattended=True)
    (why,) = job.result().waiting.values()
    assert "execute again with --approve-retire" in why


def test_a_watch_renews_what_is_due(stack: Stack, client: Client, server: Server) -> None:
    root = client.certificates.generate(
        "ML-DSA-65", "CN=Root", "400d", extensions={"basic_constraints": {"ca": True}}
    )
    declared(stack, (
        f'[targets.web]\nkind = "certificate"\ncertificate = "{server.certificate}"\n'
        f'key = "{server.key}"\nissuer = "{root["certificate_id"]}"\nnames = ["localhost"]\n'
        f"reload = {json.dumps(server.reload)}\nprobe = {json.dumps(server.address)}\n"
    ))  # fmt: skip
    plan_id = planned(
        client, {"name": "web", "kind": "certificate", "algorithm": "ECDSA-P256", "target": "web"}
    )
    client.migrations.execute(plan_id, approve_retire=True, now=True).result()
    issued = client.certificates()[0]
    job = stack.document("crypto", "watch", plan_id, "--every", "1", "--renew", "--json")
    client.certificates.revoke(issued["certificate_id"])

    def renewed() -> str:
        newest = client.certificates()[0]
        return "" if newest["certificate_id"] == issued["certificate_id"] else str(newest["serial_number"])

    serial = eventually(renewed, "the watch renews it")

    def shown() -> bool:
        chain = probe("127.0.0.1", server.port, server_name="localhost").attempts[PREFERRED].chain
        return bool(chain) and f"{_serial(chain[0]):x}" == serial

    eventually(shown, "the server shows the new one")
    assert stack.run("cancel", job["job_id"]).returncode == 0
    plans = [one for one in client.migrations.list() if one["policy"] == "renewal"]
    assert plans and client.migrations.status(plan_id)["status"] == "completed"


def _serial(der: bytes) -> int:
    from cryptography import x509

    return x509.load_der_x509_certificate(der).serial_number
