"""Configuration: environment variables `NOVACRON_*`, then a TOML file, then defaults."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a server process is told from outside.

    Attributes:
        database_url: `postgresql://user:password@host:port/name`.
        redis_url: `redis://:password@host:port/0`, broker and result cache.
        host: address the API listens on.
        port: port the API listens on.
        token_file: file holding the first admin token, made known to the database at start.
        queues: comma-separated queues that must have a worker before the stack calls itself ready.
        lease_s: a running task not heard of for this long is taken back.
        concurrency: worker processes per queue, 0 = one per core.
        memory_limit_bytes: a worker child above this is stopped; 0 = 90 % of the machine.
        inline_s: longest time a worker stays with tasks it freed itself.
        chunk: whether cheap tasks share a message.
        max_queued_jobs: submissions beyond this many unfinished jobs a tenant are refused.
        max_body_bytes: largest body of a request: a job or an inventory.
        max_connections: connections to the API at a time.
        parsers: processes that read large bodies and circuits, 0 = one per core, 2 to 4.
        data: data folder of the embedded stack, if any.
        policies: folder of the operator's own migration policies, one TOML file each.
        targets_file: TOML file that declares what migrations may touch, for workers of the queue crypto.
        inventory_roots: folders with colons between them in which inventories may look at files.
        kek_file: file with the key-encryption keys, for workers of the queue crypto and nobody else.
        kek_url: key in the Transit engine of Vault or OpenBao, instead of a file.
        kek_token_file: file with the token for that server.
        tls_mode: `hybrid` or `pq-only`: the API serves TLS itself; empty: plain HTTP.
        tls_folder: certificate chains `NAME.pem` with their private keys `NAME.key` for that.
    """

    database_url: str = "postgresql://novacron@127.0.0.1:5432/novacron"
    redis_url: str = "redis://127.0.0.1:6379/0"
    host: str = "127.0.0.1"
    port: int = 8420
    token_file: str = ""
    queues: str = "cpu-sim,crypto"
    lease_s: float = 30.0
    concurrency: int = 0
    memory_limit_bytes: int = 0
    inline_s: float = 0.25
    chunk: bool = True
    max_queued_jobs: int = 20_000
    max_body_bytes: int = 32 << 20
    max_connections: int = 4096
    parsers: int = 0
    data: str = ""
    policies: str = ""
    targets_file: str = ""
    inventory_roots: str = ""
    kek_file: str = ""
    kek_url: str = ""
    kek_token_file: str = ""
    tls_mode: str = ""
    tls_folder: str = ""


def _parse(name: str, kind: str, text: str) -> Any:
    try:
        if kind == "bool":
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        return {"int": int, "float": float, "str": str}[kind](text)
    except (KeyError, ValueError):
        raise ValueError(f"NOVACRON_{name.upper()}={text!r}: expected {kind}") from None


def load() -> Settings:
    """Read the settings of this process.

    Raises:
        ValueError: a variable that does not parse, or an unknown key in the TOML file.
    """
    values: dict[str, Any] = {}
    known = {field.name: str(field.type) for field in fields(Settings)}
    if file := os.environ.get("NOVACRON_CONFIG"):
        values.update(tomllib.loads(Path(file).read_text()))
        if unknown := sorted(set(values) - set(known)):
            raise ValueError(f"{file}: unknown setting {unknown[0]!r}; known: {', '.join(known)}")
    for name, kind in known.items():
        if (text := os.environ.get(f"NOVACRON_{name.upper()}")) not in (None, ""):
            values[name] = _parse(name, kind, str(text))
    return Settings(**values)
