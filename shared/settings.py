"""Configuration of all processes, validated: environment variables `NOVACRON_*`, a TOML file, defaults.

Why not pydantic-settings: docs/libraries.md.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from novacron.errors import BadInput, nearest
from novacron.tls.groups import MODES
from shared import priorities, rules
from shared.crypto import reach
from shared.queues import QUEUES
from shared.rules import Rule

PREFIX = "NOVACRON_"
CONFIG = f"{PREFIX}CONFIG"
DAY_S = 86_400.0


def _setting(default: Any, rule: Rule) -> Any:
    return field(default=default, metadata={"rule": rule})


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a server process.

    Attributes:
        database_url: `postgresql://user:password@host:port/name`.
        redis_url: `redis://:password@host:port/0`, broker and result cache.
        key_prefix: prefix of all keys and channels in Redis, which several installations may share.
        host: address the API listens on.
        port: port the API listens on.
        token_file: file with the first admin token, stored in the database at start.
        queues: comma-separated queues that must have a worker before the stack calls itself ready.
        lease_s: a running task without a heartbeat for this long is reclaimed.
        concurrency: worker processes per queue, 0 = one per core.
        memory_limit_bytes: a worker child that exceeds this is stopped; 0 = 90 % of the machine's memory.
        inline_s: maximum time that a worker runs ready children inline.
        chunk: whether cheap tasks share a message.
        max_queued_jobs: submissions beyond this many unfinished jobs per tenant are rejected.
        max_body_bytes: largest body of a request: a job or an inventory.
        max_connections: maximum concurrent connections to the API.
        parsers: processes that parse large bodies and circuits, 0 = one per core, 2 to 4.
        task_events: whether Celery's events are sent, for Flower.
        data: data folder of the embedded stack, if any.
        backends_file: YAML file of operator-defined backend names, for schedulers.
        pq_crypto_file: YAML file of the algorithms that keys, certificates and TLS may use, for schedulers
            and workers of the queue crypto.
        policies: folder of the operator's own migration policies, one TOML file each.
        targets_file: TOML file that declares the targets that migrations may change, for workers of the queue
            crypto.
        inventory_roots: colon-separated folders that inventories may scan: the operator's, and those of
            `TENANT=FOLDER` also for that tenant's admins.
        probe_allow: comma-separated hosts and networks that may be probed, beside this machine and declared
            targets.
        priority_ceilings: comma-separated maximum priority of jobs by role, `ROLE=NUMBER`.
        kek_file: file with the key-encryption keys, for workers of the queue crypto only.
        kek_url: key in the Transit engine of Vault or OpenBao, instead of a file.
        kek_token_file: file with the token for that server.
        strict: reject secret key files that others can read or change; otherwise only warn.
        tls_mode: `hybrid` or `pq-only`: the API serves TLS itself; empty: plain HTTP.
        tls_folder: certificate chains `NAME.pem` with their private keys `NAME.key` for that.
        metrics_port: port on which the process exports its metrics, 0 = none.
        metrics_token: token that a reader of metrics must present; empty: none.
        metrics_beside: comma-separated ports on this machine of processes whose metrics are exported with the
            scheduler's.
        log_format: `text`: log lines for people; `json`: one JSON object per line.
        flower_login_file: file with `user:password`, for Flower.
        watch_s: interval in seconds at which workers of providers' queues ask for devices.
        heartbeat_file: file that a worker updates with its health, for `python -m workers.probe`.
    """

    database_url: str = _setting(
        "postgresql://novacron@127.0.0.1:5432/novacron", rules.address("postgresql", "postgres")
    )
    redis_url: str = _setting("redis://127.0.0.1:6379/0", rules.address("redis", "rediss"))
    key_prefix: str = _setting("", rules.key_prefix())
    host: str = _setting("127.0.0.1", rules.word())
    port: int = _setting(8420, rules.whole(1, 65_535))
    token_file: str = _setting("", rules.path())
    queues: str = _setting("cpu-sim,crypto", rules.some_of(QUEUES))
    # Heartbeats come every second: a lease shorter than two would expire during normal operation.
    lease_s: float = _setting(30.0, rules.seconds(2, DAY_S))
    concurrency: int = _setting(0, rules.whole(0, 4096))
    memory_limit_bytes: int = _setting(0, rules.whole(0, 1 << 50))
    inline_s: float = _setting(0.25, rules.seconds(0, 60))
    chunk: bool = _setting(True, rules.flag())
    max_queued_jobs: int = _setting(20_000, rules.whole(1, 1 << 31))
    max_body_bytes: int = _setting(32 << 20, rules.whole(1 << 10, 1 << 30))
    max_connections: int = _setting(4096, rules.whole(1, 1 << 20))
    parsers: int = _setting(0, rules.whole(0, 256))
    task_events: bool = _setting(False, rules.flag())
    data: str = _setting("", rules.path())
    backends_file: str = _setting("", rules.path())
    pq_crypto_file: str = _setting("", rules.path())
    policies: str = _setting("", rules.path())
    targets_file: str = _setting("", rules.path())
    inventory_roots: str = _setting("", rules.granted_paths())
    probe_allow: str = _setting("", rules.read_by(reach.parse, reach.FORMS))
    priority_ceilings: str = _setting(
        "submit=10,admin=50,operator=100", rules.read_by(priorities.ceilings, priorities.FORMS)
    )
    kek_file: str = _setting("", rules.path())
    kek_url: str = _setting("", rules.address("https", "http"))
    kek_token_file: str = _setting("", rules.path())
    strict: bool = _setting(False, rules.flag())
    tls_mode: str = _setting("", rules.one_of(*MODES))
    tls_folder: str = _setting("", rules.path())
    metrics_port: int = _setting(0, rules.whole(0, 65_535))
    metrics_token: str = _setting("", rules.anything())
    metrics_beside: str = _setting("", rules.ports())
    log_format: str = _setting("text", rules.one_of("text", "json"))
    flower_login_file: str = _setting("", rules.path())
    watch_s: float = _setting(120.0, rules.seconds(1, DAY_S))
    heartbeat_file: str = _setting("", rules.path())


RULES: dict[str, Rule] = {one.name: one.metadata["rule"] for one in fields(Settings)}
SECRET_FILES: dict[str, str] = {f"{name}_file": name for name, rule in RULES.items() if rule.secret}
"""Settings whose values may be secret, by the name of the variable that gives a file with the value instead.
"""
VARIABLES: dict[str, Rule] = {
    **dict.fromkeys(SECRET_FILES, rules.path()),
    "config": rules.path(),
    "threads": rules.whole(1, 4096),
    "cpu": rules.word(),
    "redis_bin": rules.path(),
    "postgres_bin": rules.path(),
    "kek": rules.anything(),
    "ibm_token": rules.anything(),
    "ibm_instance": rules.anything(),
    "ibm_url": rules.address("https", "http"),
    "ionq_token": rules.anything(),
    "ionq_url": rules.address("https", "http"),
    "stack": rules.word(),
    # The client validates its own settings.
    **dict.fromkeys(("url", "token", "tls", "ca_file", "key_password", "traceback"), rules.anything()),
}
"""Settings given by environment variables only."""

LINKS = re.compile(r"_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_[0-9]+_(TCP|UDP)(_\w+)?$")
"""Names of variables that Kubernetes sets for a service whose name has our prefix."""


def load() -> Settings:
    """Load the settings of this process.

    Raises:
        BadInput: a variable or a key of the TOML file breaks its rule, or there is no such key.
    """
    settings = Settings(**given())
    if settings.tls_mode and not settings.tls_folder:
        raise BadInput(
            "needs a folder with certificates", field=f"{PREFIX}TLS_MODE", value=settings.tls_mode,
            hint=f"set {PREFIX}TLS_FOLDER",
        )  # fmt: skip
    return settings


def given(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the settings that override a default, by name; raises as `load`."""
    said = {
        name: _of_variable(name, rule, text)
        for name, rule in (RULES | VARIABLES).items()
        if (text := environment.get(PREFIX + name.upper())) not in (None, "")
    }
    values = _of_file(Path(said["config"])) if "config" in said else {}
    said |= {SECRET_FILES[name]: _of_secret_file(name, said) for name in SECRET_FILES if name in said}
    return values | {name: value for name, value in said.items() if name in RULES}


def unknown(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield messages about unknown variables with our prefix, with the closest known name."""
    known = [name.upper() for name in RULES | VARIABLES]
    for variable, text in environment.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or name in known or _is_link(variable, text):
            continue
        near = nearest(name, known)
        meant = f"did you mean {PREFIX}{near}?" if near else "there is no such setting"
        yield f"{variable} is not read: {meant}"


def _is_link(variable: str, text: str) -> bool:
    return LINKS.search(variable) is not None or (variable.endswith("_PORT") and "://" in text)


def _of_variable(name: str, rule: Rule, text: str) -> Any:
    variable = PREFIX + name.upper()
    try:
        return rule.of_text(text)
    except ValueError:
        hint = rule.meant(text)
        if _is_link(variable, text):
            hint = "Kubernetes sets it for a service of this name: set enableServiceLinks: false on the pod"
        shown = None if rule.secret else text
        raise BadInput(f"must be {rule.words}", field=variable, value=shown, hint=hint) from None


def _of_secret_file(name: str, said: Mapping[str, Any]) -> Any:
    """Return the value in a file, as Docker and Kubernetes mount secrets; no error shows it."""
    setting, variable, path = SECRET_FILES[name], PREFIX + name.upper(), Path(said[name])
    rule = RULES[setting]
    if setting in said:
        raise BadInput(f"says the same as {PREFIX}{setting.upper()}: leave out one of them", field=variable)
    try:
        return rule.of_text(path.read_text("utf-8"))
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", field=variable, value=str(path)) from None
    except ValueError:  # or not UTF-8
        raise BadInput(f"must hold {rule.words}", field=variable, value=str(path)) from None


def _of_file(path: Path) -> dict[str, Any]:
    file = str(path)
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", field=CONFIG, value=file) from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise BadInput(f"is not TOML: {error}", file=file) from None
    return {name: _of_key(file, text, name, value) for name, value in document.items()}


def _of_key(file: str, text: str, name: str, value: Any) -> Any:
    rule = RULES.get(name)
    line = next((n for n, one in enumerate(text.splitlines(), 1) if _is_key(name, one)), None)
    if rule is None:
        near = nearest(name, RULES)
        hint = f"did you mean {near}?" if near else f"the settings are {', '.join(RULES)}"
        raise BadInput("there is no such setting", file=file, line=line, field=name, hint=hint)
    try:
        return rule.checked(value)
    except ValueError:
        shown = None if rule.secret else value
        raise BadInput(
            f"must be {rule.words}", file=file, line=line, field=name, value=shown, hint=rule.meant(value)
        ) from None


def _is_key(name: str, line: str) -> bool:
    return re.match(rf"""\s*\[*["']?{re.escape(name)}["']?\s*[=.\]]""", line) is not None


FOREIGN = ("PG", "REDIS", "VALKEY", "CELERY", "FLOWER", "UVICORN")
FOREIGN_NAMES = ("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "DJANGO_SETTINGS_MODULE")


def own(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without variables by which libraries would override our settings.

    libpq takes a port or options from `PG*`, Celery another broker from `CELERY_BROKER_URL`, uvicorn a number
    of processes from `WEB_CONCURRENCY`: only our settings configure these.
    """
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(FOREIGN) and name not in FOREIGN_NAMES
    }
