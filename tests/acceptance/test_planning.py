"""Assessing and planning as users do it: by the command line, the client and the asynchronous client."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from novacron import AsyncClient, Client
from novacron.errors import BadInput, NotFound
from tests.acceptance.stack import ROOT, Stack

EXAMPLE = str(ROOT / "examples" / "plans" / "web_and_archive.yaml")
WANTED = {"timeline": "2 years", "components": ["api"], "current_algorithms": ["X25519"]}


def asset(name: str, kind: str, algorithm: str, **more: Any) -> dict[str, Any]:
    return {
        "asset_id": name, "kind": kind, "name": name, "location": f"{name}:443", "algorithm": algorithm,
        "purposes": ["confidentiality"], "quantum_vulnerable": True,
        "found_at": "2026-11-25T12:00:00Z", **more,
    }  # fmt: skip


INVENTORY: dict[str, Any] = {
    "inventory_id": "inv_1", "created_at": "2026-11-25T12:00:00Z",
    "assets": [
        asset("leaf", "certificate", "RSA-2048", purposes=["authenticity"]),
        asset("edge", "tls_endpoint", "X25519", data_lifetime_years=20),
    ],
}  # fmt: skip


@pytest.fixture
def inventory(tmp_path: Path) -> str:
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps(INVENTORY))
    return str(path)


def test_a_plan_by_the_command_line(stack: Stack, tmp_path: Path) -> None:
    done = stack.run("crypto", "plan", EXAMPLE, "--gantt", str(tmp_path / "plan.png"), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    made = json.loads(done.stdout)
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    shown = stack.run("crypto", "plans", made["plan_id"], "--json")
    assert json.loads(shown.stdout) == made
    table = stack.run("crypto", "plans", made["plan_id"]).stdout
    for step in made["steps"]:
        assert step["id"] in table
    assert (
        f"ends {made['timeline']['ends']}" in table and "stays exposed: what was copied from archive" in table
    )
    assert made["plan_id"] in stack.run("crypto", "plans", "--limit", "3").stdout


def test_an_inventory_is_weighed_and_planned(stack: Stack, inventory: str, tmp_path: Path) -> None:
    done = stack.run("crypto", "assess", inventory, "--policy", "us-eo-14412", "--json")
    weighed = json.loads(done.stdout)["assets"]
    assert [(one["name"], one["verdict"]) for one in weighed] == [("edge", "exposed"), ("leaf", "in_time")]
    table = stack.run("crypto", "assess", inventory, "--policy", "us-eo-14412").stdout
    assert "2030-12-31 us-eo-14412" in table and "2 of 2 assets are vulnerable: 1 exposed" in table
    own = tmp_path / "house.toml"
    own.write_text(
        'name = "house"\ntitle = "House"\n[targets]\nsignature = ["ML-DSA-87"]\ngroup = ["MLKEM1024"]\n'
    )
    done = stack.run("crypto", "plan", inventory, "--deadline", "2 years", "--policy", str(own), "--json")
    made = json.loads(done.stdout)
    assert {one["algorithm"]["to"] for one in made["steps"]} == {"ML-DSA-87", "MLKEM1024"}


def test_what_cannot_be_planned_says_why(stack: Stack, inventory: str) -> None:
    done = stack.run("crypto", "plan", EXAMPLE, "--deadline", "1 week")
    assert done.returncode == 2 and done.stdout == ""
    assert "cannot be kept: step" in done.stderr and "the earliest deadline is" in done.stderr
    done = stack.run("crypto", "plan", inventory)
    assert (done.returncode, done.stderr) == (2, "novacron: timeline: is required\n")
    done = stack.run("crypto", "assess", EXAMPLE)
    assert done.returncode == 2 and "inventory" in done.stderr


def test_policies_are_listed(stack: Stack, client: Client) -> None:
    found = json.loads(stack.run("crypto", "policies", "--json").stdout)
    assert found == client.migrations.policies()
    table = stack.run("crypto", "policies").stdout
    assert all(one["name"] in table for one in found["policies"])


def test_both_clients_plan_alike(stack: Stack, client: Client) -> None:
    made = client.migrations.plan(WANTED)
    assert client.migrations.get(made["plan_id"]) == made
    assert client.migrations.list(limit=1)[0]["plan_id"] == made["plan_id"]
    weighed = client.migrations.assess(INVENTORY, policies=["canada"], answers={"tested": "yes"})

    async def again() -> None:
        async with AsyncClient(stack.url, stack.token) as other:
            assert (await other.migrations.plan(WANTED))["steps"] == made["steps"]
            assert await other.migrations.get(made["plan_id"]) == made
            assert len(await other.migrations.list(limit=2)) == 2
            weighing = other.migrations.assess(INVENTORY, policies=["canada"], answers={"tested": "yes"})
            assert await weighing == weighed
            assert await other.migrations.policies() == client.migrations.policies()

    asyncio.run(again())
    with pytest.raises(NotFound):
        client.migrations.get("plan_1")
    with pytest.raises(BadInput) as refused:
        client.migrations.plan({**WANTED, "risk_tolerance": "lo"})
    assert (refused.value.field, refused.value.hint) == ("risk_tolerance", "did you mean 'low'?")
