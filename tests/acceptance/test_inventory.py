"""Inventories as users make them: by the command line, then weighed, planned and handed to other tools."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from novacron import AsyncClient, Client
from novacron.errors import BadInput, Denied
from tests.acceptance.stack import DATA, Stack


@pytest.fixture
def folder(stack: Stack) -> Path:
    """A folder that may be looked at, with a key store in it."""
    made = stack.data.parent / "looked_at"
    made.mkdir(exist_ok=True)
    shutil.copy(DATA / "crypto" / "web.jks", made)
    return made


def test_an_inventory_by_the_command_line(stack: Stack, folder: Path, tmp_path: Path) -> None:
    bom = tmp_path / "bom.json"
    found = stack.document("crypto", "inventory", str(folder), "--stack", "--cbom", str(bom))
    assert [one["kind"] for one in found["assets"]] == ["certificate", "key", "database_tls", "redis_tls"]
    assert not found["errors"]
    shown = stack.run("crypto", "inventory", str(folder), "/etc/hostname")
    assert "CN=java.example" in shown.stdout and "2 of 2 assets are vulnerable" in shown.stdout
    assert shown.stderr == (
        "novacron: /etc/hostname: outside the folders that the operator names in NOVACRON_INVENTORY_ROOTS\n"
    )
    weighed = tmp_path / "inventory.json"
    weighed.write_text(json.dumps(found))
    assessed = stack.document("crypto", "assess", str(weighed))
    assert (assessed["summary"]["vulnerable"], assessed["summary"]["unprotected"]) == (4, 2)
    assert {one["name"] for one in assessed["assets"] if one["verdict"] == "unprotected"} == {
        "PostgreSQL",
        "Redis",
    }
    planned = stack.document("crypto", "plan", str(weighed), "--deadline", "5 years")
    assert {one["algorithm"]["from"] for one in planned["steps"]} == {"ECDSA-P256"}
    again = json.loads(stack.run("crypto", "cbom", str(bom)).stdout)
    assert again["assets"] == found["assets"]
    out = tmp_path / "again.json"
    assert stack.run("crypto", "cbom", str(weighed), "-o", str(out)).returncode == 0
    assert json.loads(out.read_text())["components"] == json.loads(bom.read_text())["components"]


def test_where_nothing_could_be_looked_at_the_status_says_so(stack: Stack, folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    for targets in (["/etc/hostname"], [str(empty)], [str(folder / "missing")], ["127.0.0.1:1", "/nowhere"]):
        shown = stack.run("crypto", "inventory", *targets)
        assert shown.returncode == 3 and "no target could be examined" in shown.stderr
    (empty / "notes.txt").write_text("nothing")
    assert stack.run("crypto", "inventory", str(empty), "/nowhere").returncode == 0


def test_both_clients_and_who_may(stack: Stack, client: Client, folder: Path) -> None:
    found = client.migrations.inventory(str(folder)).result().inventory
    bom = client.migrations.convert(found)
    assert client.migrations.convert(bom)["assets"] == found["assets"]

    async def again() -> None:
        async with AsyncClient(stack.url, stack.token) as other:
            job = await other.migrations.inventory(str(folder))
            assert len((await job.result()).inventory["assets"]) == 2
            assert (await other.migrations.convert(await other.migrations.convert(found)))["assets"] == found[
                "assets"
            ]

    asyncio.run(again())
    with Client(stack.url, stack.new_token("submit")) as other, pytest.raises(Denied):
        other.migrations.inventory(str(folder))
    with pytest.raises(BadInput) as refused:
        client.migrations.inventory("web")
    assert refused.value.field == "endpoints[0]"
    with pytest.raises(BadInput) as refused:
        client.migrations.convert(
            {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": 1}]}
        )
    assert refused.value.field == "components[0]"
