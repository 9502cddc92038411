"""Migrates forty services while they serve: `python -m benchmarks.migration [RESULTS_FOLDER]`.

Planned, executed, rolled back and executed again, each time with a process killed before every effect of
every step; OpenSSL's and OpenSSH's clients verify every service after every kill. Writes migration.json and
migration.md.
"""

from __future__ import annotations

import base64
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.servers import servers
from testing.migration.campaign import Campaign
from testing.migration.rig import FULL, Rig, rig
from testing.programs import SERVERS, TLS, needed

RESULTS = Path(__file__).resolve().parents[1] / "results"


def versions() -> list[str]:
    """Return the versions of the programs."""
    said = []
    for name in ("openssl", "nginx", "haproxy", "postgres", "sshd"):
        asked = "-v" if name in ("nginx", "haproxy") else (TLS | SERVERS)[name]
        done = subprocess.run([needed(name), asked], capture_output=True, text=True, check=True)
        said.append((done.stdout + done.stderr).splitlines()[0])
    return said


def told(
    phase: str, work: Callable[[], float], judged: Callable[[], None], campaign: Campaign
) -> dict[str, Any]:
    """Run one phase and return its result."""
    before = campaign.n_kills
    seconds = work()
    judged()
    states = {name: count for name, count in campaign.states().items()}
    made = {"phase": phase, "seconds": round(seconds, 1), "kills": campaign.n_kills - before, "steps": states}
    print(json.dumps(made), flush=True)
    return made


def original(running: Rig) -> None:
    """Check that every service is in its original state."""
    for service in running.services.values():
        service.original()


def migrated(running: Rig) -> None:
    """Check that every service is migrated."""
    for service in running.services.values():
        service.migrated()


def serving(running: Rig) -> None:
    """Check that every service serves."""
    for service in running.services.values():
        service.serves()


def campaign(url: str) -> dict[str, Any]:
    """Run all phases."""
    with rig(url, FULL) as running:
        original(running)
        made = Campaign(url, running)
        lines = made.rehearse()
        phases = [
            told("carried out, killed before every effect", lambda: made.forwards(killed=True, retire=False),
                 lambda: serving(running), made),
            told("taken back, killed before every effect", lambda: made.backwards(killed=True),
                 lambda: original(running), made),
            told("carried out again, with the end of the old, killed before every effect",
                 lambda: made.forwards(killed=True, retire=True), lambda: migrated(running), made),
        ]  # fmt: skip
        kinds = Counter(str(one.component["kind"]) for one in running.services.values())
        return {
            "services": len(running.services), "steps": len(made.steps), "dry_run_lines": lines,
            "phases": phases,
            "kinds": {
                one: {"services": count, "kills": made.kills.get(one, Counter())}
                for one, count in kinds.items()
            },
        }  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """Format the results."""
    lines = [
        "# Migration of forty services",
        "",
        f"{found['services']} services on loopback, {found['steps']} steps of one plan; {found['machine']}, "
        f"{found['day']}. {'; '.join(found['programs'])}.",
        "",
        "Before every effect of every step (a file replaced, a command run, a row written) the process that "
        "carries the plan out was killed, and the step gone on with by the next one. After every kill the "
        "service was asked by OpenSSL's or OpenSSH's client and had to serve.",
        "",
        "| phase | processes killed | seconds | steps then |",
        "|---|---|---|---|",
    ]
    for one in found["phases"]:
        steps = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(one["steps"].items()))
        lines.append(f"| {one['phase']} | {one['kills']} | {one['seconds']} | {steps} |")
    lines += ["", "| component | services | killed forwards | killed backwards |", "|---|---|---|---|"]
    for kind, one in sorted(found["kinds"].items()):
        kills = one["kills"]
        lines.append(
            f"| `{kind}` | {one['services']} | {kills.get('forwards', 0)} | {kills.get('backwards', 0)} |"
        )
    lines += [
        "",
        "The authority has no target: it is changed by hand, and its steps have no effects but rows.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run it and write both files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    with tempfile.TemporaryDirectory() as home, servers() as own:
        kek = Path(home) / "kek"
        kek.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
        os.environ["NOVACRON_KEK_FILE"] = str(kek)
        url = own.migrated("rig")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("INSERT INTO tenants (name) VALUES ('rig')")
        found = campaign(url)
    found |= {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "day": time.strftime("%Y-%m-%d", time.gmtime()), "programs": versions(),
    }  # fmt: skip
    (folder / "migration.json").write_text(json.dumps(found, indent=1) + "\n")
    (folder / "migration.md").write_text(table(found))


if __name__ == "__main__":
    main()
