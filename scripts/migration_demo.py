"""The demo's migration: letters migrate to X-Wing, a signing key to ML-DSA-65, which is then rolled back."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from rich.console import Console

from novacron import Client
from novacron.crypto import Identity, PrivateKey, PublicKey, Recipient, open_, seal

N_LETTERS = 50
TARGETS = """
[targets.letters]
kind = "envelopes"
folder = "{folder}"

[targets.releases]
kind = "stored_key"
key_id = "{releases}"
"""
COMPONENTS: list[dict[str, Any]] = [
    {
        "name": "letters",
        "kind": "envelopes",
        "algorithm": "HPKE-X25519",
        "target": "letters",
        "count": N_LETTERS,
    },
    {
        "name": "releases",
        "kind": "stored_key",
        "algorithm": "Ed25519",
        "target": "releases",
        "role": "signer",
    },
]


def migrate(client: Client, data: Path, console: Console) -> None:
    """Plan and execute both; verify that every letter can be opened afterwards.

    Raises:
        SystemExit: a letter is lost, or an algorithm is not the expected one.
    """
    archive, releases = client.keys.generate("HPKE-X25519"), client.keys.generate("Ed25519")
    folder, reader = data / "letters", PrivateKey.generate()
    _write(folder, archive, reader)
    (data / "targets.toml").write_text(TARGETS.format(folder=folder, releases=releases["key_id"]))
    _told(console, f"{N_LETTERS} letters are sealed for a key of X25519, releases are signed with Ed25519")
    letters = _carried_out(client, console, COMPONENTS[0])
    _check(client, archive["key_id"], "X-Wing")
    n_opened = sum(_opens(path, reader) for path in folder.iterdir())
    if n_opened != N_LETTERS:
        raise SystemExit(f"only {n_opened} of {N_LETTERS} letters open")
    _told(console, f"all {n_opened} letters open; destroying the old key waits for approval ({letters})")
    signer = _carried_out(client, console, COMPONENTS[1])
    _check(client, releases["key_id"], "ML-DSA-65")
    client.migrations.rollback(signer).result()
    _check(client, releases["key_id"], "Ed25519")
    _told(console, "rolled back: releases are signed with Ed25519 again")


def _write(folder: Path, archive: dict[str, Any], reader: PrivateKey) -> None:
    """Write letters for the key in the store and for a local reader."""
    public = PublicKey(archive["algorithm"], base64.b64decode(archive["public_key"]))
    recipients = [Recipient(public, f"{archive['key_id']}/1"), Recipient(reader.public)]
    folder.mkdir()
    for number in range(N_LETTERS):
        with (folder / f"{number}.ncrypt").open("wb") as target:
            seal(io.BytesIO(b"letter %d" % number), target, recipients, classical=True)


def _opens(path: Path, reader: PrivateKey) -> bool:
    with path.open("rb") as source:
        open_(source, plain := io.BytesIO(), Identity.of(reader))
    return plain.getvalue() == f"letter {path.stem}".encode()


def _carried_out(client: Client, console: Console, component: dict[str, Any]) -> str:
    """Plan and execute the migration of one component; return the plan's id."""
    wanted = {"name": component["name"], "timeline": {"months": 6}, "components": [component]}
    plan = client.migrations.plan(wanted)
    client.migrations.execute(plan["plan_id"], now=True).result()  # skips the canary's monitoring period
    done = client.migrations.status(plan["plan_id"])["steps"]
    names = ", ".join(step["type"] for step in done if step["state"] == "done")
    _told(console, f"{component['name']:<9} {names}")
    return str(plan["plan_id"])


def _check(client: Client, key_id: str, algorithm: str) -> None:
    now = client.keys.get(key_id)["algorithm"]
    if now != algorithm:
        raise SystemExit(f"key {key_id} is of {now}, not of {algorithm}")


def _told(console: Console, text: str) -> None:
    console.print(f"  {text}", highlight=False)
