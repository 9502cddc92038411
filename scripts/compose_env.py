"""What Compose needs beside the images: secrets as files, generated once, and their permissions.

usage: scripts/compose_env.py     (`make compose-env`; `eval "$(make -s compose-env)"` for a client)

Creates deploy/compose/secrets, a folder for Prometheus and .env if they are missing, and prints the API's
address and its first token as lines for a shell. Existing files are unchanged. Needs only Python.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "deploy" / "compose" / "secrets"
HISTORY = ROOT / "deploy" / "compose" / "prometheus"
"""Data folder of Prometheus."""
VARIABLES = ROOT / ".env"
NOBODY = 65532
"""User that the containers run as if this script is run by root; otherwise they run as its user."""
URL = "http://127.0.0.1:8420,http://127.0.0.1:8421"
"""A single scheduler has one of these, two have both; the client fails over to the other."""
REDIS = """\
requirepass {password}
save ""
appendonly no
dir /tmp
maxmemory 512mb
maxmemory-policy volatile-lru
"""


def write(path: Path, text: str) -> None:
    """Create a file that only its owner can read, unless it exists."""
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    os.chown(path, *owner())


def owner() -> tuple[int, int]:
    """Return user and group that the containers run as."""
    return (NOBODY, NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())


def drawn(name: str, text: str) -> str:
    """Return the content of a file of the folder, which is created if missing."""
    write(FOLDER / name, text)
    return (FOLDER / name).read_text()


def prepare() -> None:
    """Create what is missing."""
    for folder in (FOLDER, HISTORY):
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        os.chown(folder, *owner())
    database = drawn("database_password", secrets.token_hex(24))
    drawn("database_url", f"postgresql://novacron:{database}@postgres:5432/novacron")
    redis = drawn("redis_conf", REDIS.format(password=secrets.token_hex(24))).split()[1]
    drawn("redis_url", f"redis://:{redis}@redis:6379/0")
    drawn("token", f"nc_{secrets.token_hex(24)}")
    drawn("kek", base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    drawn("flower_login", f"novacron:{secrets.token_hex(24)}")
    drawn("metrics_token", secrets.token_hex(24))
    drawn("grafana_password", secrets.token_hex(24))
    user, group = owner()
    write(VARIABLES, f"NOVACRON_UID={user}\nNOVACRON_GID={group}\n")


if __name__ == "__main__":
    prepare()
    print(f"export NOVACRON_URL={URL}")
    print(f"export NOVACRON_TOKEN={(FOLDER / 'token').read_text().strip()}")
