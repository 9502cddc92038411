"""Programs that tests need new enough: the machine's, else those of scripts/debian_programs.sh."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

FETCHED = Path(sys.prefix) / "debian" / "bin"
LONGEST_S = 60.0
TLS = {"openssl": "version", "nginx": "-V"}
SERVERS = {
    "haproxy": "-vv",
    "sshd": "-V",
    "ssh": "-V",
    "ssh-keygen": "",
    "postgres": "--version",
    "initdb": "--version",
}
PROMETHEUS = {"promtool": "--version", "prometheus": "--version"}
"""Program -> the argument that prints its version."""
WHY = (
    "no openssl, nginx, haproxy and sshd with OpenSSL 3.5 or later and no PostgreSQL 18 or later are here:"
    " scripts/debian_programs.sh fetches them"
)
WHY_PROMETHEUS = "no promtool and prometheus 2.42 or later are here: scripts/debian_programs.sh fetches them"


@cache
def find(name: str) -> str | None:
    """Return the program's path; None if there is none that is new enough."""
    for path in filter(None, (shutil.which(name), shutil.which(name, path=FETCHED))):
        if not (asked := (TLS | SERVERS | PROMETHEUS)[name]):
            return path
        done = subprocess.run([path, asked], capture_output=True, text=True, timeout=LONGEST_S)
        if _new_enough(done.stdout + done.stderr):
            return path
    return None


def _new_enough(said: str) -> bool:
    if postgres := re.search(r"\(PostgreSQL\) (\d+)", said):
        return int(postgres[1]) >= 18
    if prometheus := re.match(r"(?:promtool|prometheus), version (\d+)\.(\d+)", said):
        return (int(prometheus[1]), int(prometheus[2])) >= (2, 42)
    # nginx and HAProxy print two versions if they were built with another one than they run with.
    versions = re.findall(r"OpenSSL (?:version : OpenSSL )?(\d+)\.(\d+)", said)
    return bool(versions) and all((int(major), int(minor)) >= (3, 5) for major, minor in versions)


def needed(name: str) -> str:
    """Return the program's path.

    Raises:
        LookupError: there is none.
    """
    path = find(name)
    if path is None:
        raise LookupError(f"{name}: {WHY_PROMETHEUS if name in PROMETHEUS else WHY}")
    return path


def all_here(names: dict[str, str]) -> bool:
    """Return whether all of them are available."""
    return all(map(find, names))
