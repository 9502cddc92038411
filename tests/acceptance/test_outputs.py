"""Commands that write what a scheduler answers: one rule for what is there, and for pipes and devices."""

import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.patience import PATIENCE_S
from tests.acceptance.stack import ROOT, Stack

ROOTED = os.geteuid() == 0
PLAN = str(ROOT / "examples" / "plans" / "web_and_archive.yaml")
BELL = {
    "kind": "pure_quantum",
    "circuit": {"qasm": 'OPENQASM 2.0;include "qelib1.inc";qreg q[2];h q[0];cx q[0],q[1];'},
}


@pytest.fixture(scope="module")
def commands(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """Those that write a file, without its name."""
    folder = tmp_path_factory.mktemp("made")
    job = stack.submit({**BELL, "seed": 12}).wait(2 * PATIENCE_S).id
    inventory = folder / "inventory.json"
    inventory.write_text(json.dumps(stack.document("crypto", "inventory", "--stack")))
    made = stack.document(
        "crypto", "certificates", "generate", "ML-DSA-44", "--subject", "CN=Outputs", "--ca"
    )
    plan = stack.document("crypto", "plan", PLAN)
    keys = [stack.document("crypto", "keys", "generate", name)["key_id"] for name in ("ML-DSA-65", "Ed25519")]
    yield {
        "plot": ["plot", job, "-o"],
        "export": ["export", job, "-o"],
        "audit": ["crypto", "audit", "export", "-o"],
        "show": ["crypto", "certificates", "show", made["certificate_id"], "-o"],
        "generate": ["crypto", "certificates", "generate", "ML-DSA-44", "--subject", "CN=More", "-o"],
        "sign": ["crypto", "sign", PLAN, "--key", keys[0], "--key", keys[1], "-o"],
        "cbom": ["crypto", "cbom", str(inventory), "-o"],
        "inventory": ["crypto", "inventory", "--stack", "--cbom"],
        "plan": ["crypto", "plan", PLAN, "--gantt"],
        "plans": ["crypto", "plans", plan["plan_id"], "--gantt"],
    }


NAMES = ["plot", "export", "audit", "show", "generate", "sign", "cbom", "inventory", "plan", "plans"]


@pytest.mark.parametrize("name", NAMES)
def test_one_rule_for_every_command(
    stack: Stack, commands: dict[str, list[str]], tmp_path: Path, name: str
) -> None:
    command = commands[name]
    (there := tmp_path / "out").write_text("old")
    there.chmod(0o640)
    if ROOTED:
        os.chown(there, 54_321, 54_322)
    before = there.stat()
    said = n_certificates(stack)
    refused = stack.run(*command, str(there))
    assert refused.returncode == 2 and "exists already (--force replaces it)" in refused.stderr
    assert there.read_text() == "old" and n_certificates(stack) == said  # nothing was begun
    (link := tmp_path / "link").symlink_to("out")
    done = stack.run(*command, str(link), "--force")
    assert done.returncode == 0, done.stderr
    after, written = there.stat(), there.read_bytes()
    assert link.is_symlink() and len(written) > 100
    for field in ("st_uid", "st_gid", "st_mode"):
        assert getattr(before, field) == getattr(after, field)

    null = tmp_path / "null"
    if ROOTED:
        os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        assert stack.run(*command, str(null), "--force").returncode == 0 and stat.S_ISCHR(
            null.lstat().st_mode
        )
    os.mkfifo(pipe := tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert stack.run(*command, str(pipe)).returncode == 0
    reader.join(PATIENCE_S)
    assert stat.S_ISFIFO(pipe.lstat().st_mode) and read[0][:4] == written[:4]
    assert not [one for one in os.listdir(tmp_path) if one.startswith(".")]


def n_certificates(stack: Stack) -> int:
    return len(stack.document("crypto", "certificates", "list", "--limit", "500")["certificates"])


@pytest.mark.parametrize("name", ["export", "audit", "show", "cbom", "inventory"])
def test_stdout_has_the_file_and_nothing_else(
    stack: Stack, commands: dict[str, list[str]], tmp_path: Path, name: str
) -> None:
    command = commands[name]
    assert stack.run(*command, str(tmp_path / "out")).returncode == 0
    written = (tmp_path / "out").read_text()
    for out in ("-", "/dev/stdout"):
        shown = stack.run(*command, out).stdout
        assert shown.splitlines()[0] == written.splitlines()[0] and shown[-4:] == written[-4:], out
    if name in ("show", "inventory"):
        refused = stack.run(*command, "-", "--json")
        assert refused.returncode == 2 and "--json" in refused.stderr
