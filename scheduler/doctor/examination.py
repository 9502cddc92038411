"""`python -m scheduler.doctor [--invariants] [--json]`: diagnose the server and suggest fixes."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec

from novacron.algorithms import ALGORITHMS
from novacron.errors import BadInput
from scheduler.doctor import surroundings
from scheduler.doctor.finding import Finding
from scheduler.embedded import runtime
from shared.broker.publisher import Publisher
from shared.crypto import liboqs, libraries, secret_files
from shared.db import compatibility, errors, invariants, leader, rescue, session, workers
from shared.db.session import Connection
from shared.settings import Settings, given, load, own

LOST_AFTER_S = 20.0
"""Seconds after which a lost message should have been republished."""


@dataclass(frozen=True, slots=True)
class Part:
    """An optional part of the server."""

    name: str
    module: str
    gives: str
    cure: str


PARTS = (
    Part("gpu", "cupy", "circuits on a GPU", 'pip install -e ".[gpu]" on a machine with a CUDA device'),
    Part("matplotlib", "matplotlib", "result.plot()", 'pip install "novacron[plot]"'),
)


def examine(settings: Settings) -> Iterator[Finding]:
    """Check the server bottom up; checks that depend on a failed one are skipped."""
    begin = time.perf_counter()
    try:
        with session.connect(settings.database_url, name="novacron-doctor") as connection:
            took_ms = (time.perf_counter() - begin) * 1e3
            version = connection.info.server_version // 10_000
            yield Finding("database", True, f"PostgreSQL {version} answers in {took_ms:.0f} ms")
            yield from _of_database(settings, connection)
    except errors.OperationalError as error:
        cure = "start the stack with `novacron up`, or set NOVACRON_DATABASE_URL"
        yield Finding("database", False, errors.one_line(error), cure)
        publisher = Publisher(settings.redis_url, settings.key_prefix)
        yield replace(_redis(publisher), cure="or set NOVACRON_REDIS_URL as well")
    yield _secret_files(settings)
    yield _liboqs()
    yield from map(_part, PARTS)


def _of_database(settings: Settings, connection: Connection) -> Iterator[Finding]:
    publisher = Publisher(settings.redis_url, settings.key_prefix)
    redis = _redis(publisher)
    schema = _schema(connection)
    yield schema
    yield redis
    if not schema.ok:
        return
    yield from _workers(settings, connection)
    yield _leader(connection)
    if redis.ok:
        yield _messages(connection, publisher)
        yield surroundings.redis_writes(publisher)
    yield surroundings.transactions(connection)
    yield surroundings.writes(connection)
    yield from surroundings.clocks(connection)
    if runtime.read(folder := runtime.data_folder(settings.data or None)):
        yield surroundings.disk(folder)
    publisher.close()


def _schema(connection: Connection) -> Finding:
    found, newest = compatibility.read(connection), compatibility.newest()
    try:
        works = found.works()
    except BadInput as error:
        return Finding("schema", False, error.rule, error.hint or "")
    text = f"at revision {found.revision}" if found.revision else "empty"
    if found.revision != newest:
        text += f", newer than {newest} and compatible with it" if works else f", the newest is {newest}"
    return Finding("schema", works, text, "run python -m shared.db.migrate")


def _redis(publisher: Publisher) -> Finding:
    begin = time.perf_counter()
    try:
        publisher.connect()
    except OSError as error:
        cure = "start the stack with `novacron up`, or set NOVACRON_REDIS_URL; jobs are accepted meanwhile"
        return Finding("redis", False, str(error), cure)
    return Finding("redis", True, f"answers in {(time.perf_counter() - begin) * 1e3:.0f} ms")


def _workers(settings: Settings, connection: Connection) -> Iterator[Finding]:
    wanted = [name.strip() for name in settings.queues.split(",") if name.strip()]
    listed = workers.listing(connection)
    for queue in sorted({*wanted, *(worker["queue"] for worker in listed)}):
        healthy = [worker for worker in listed if worker["queue"] == queue and worker["healthy"]]
        slots = sum(worker["slots"] for worker in healthy)
        text = f"{len(healthy)} healthy with {slots} slots" if healthy else "no healthy worker"
        cure = f"start one with python -m workers --queue {queue}"
        yield Finding(f"workers of {queue}", bool(healthy), text, cure, required=queue in wanted)


def _leader(connection: Connection) -> Finding:
    leads = leader.led(connection)
    text = "elected" if leads else "no scheduler is the leader: no tasks are dispatched"
    return Finding("leader", leads, text, "start one with python -m scheduler")


def _messages(connection: Connection, publisher: Publisher) -> Finding:
    overdue = rescue.overdue_messages(connection, LOST_AFTER_S)
    lost = sum(len(set(pairs) - publisher.waiting(queue)) for queue, pairs in overdue.items())
    text = f"{lost} lost and not republished" if lost else "none lost"
    return Finding("messages", not lost, text, "see the scheduler's log: it should republish them")


def _secret_files(settings: Settings) -> Finding:
    """Check whether others can read or change the secret key files of the settings or the embedded stack."""
    folder = runtime.data_folder(settings.data or None)
    files = {*secret_files.of_kek(settings), *secret_files.of_tls(settings), *runtime.secret_files(folder)}
    found = list(secret_files.exposed(sorted(files)))
    text = "; ".join(str(one) for one in found) or "accessible only to their owner"
    return Finding("secret files", not found, text, required=settings.strict, warning=True)


def _part(part: Part) -> Finding:
    found = find_spec(part.module) is not None
    if found and part.name == "gpu" and shutil.which("nvidia-smi") is None:
        return Finding(part.name, False, "no NVIDIA driver found", part.cure, required=False)
    text = (
        f"provides {part.gives}" if found else f"the package {part.module} is not installed: no {part.gives}"
    )
    return Finding(part.name, found, text, part.cure, required=False)


def _liboqs() -> Finding:
    found = liboqs.probed()
    here = [name for name, one in ALGORITHMS.items() if "liboqs" in libraries.present(one)]
    text = found.refusal or f"{found.version} provides {', '.join(here) or 'no known algorithm'}"
    return Finding("liboqs", not found.refusal, text, liboqs.CURE, required=False)


def kept_invariants(settings: Settings) -> Iterator[Finding]:
    """Check the invariants of the database."""
    try:
        with session.connect(settings.database_url, name="novacron-doctor") as connection:
            broken = invariants.violations(connection, lease_s=settings.lease_s)
    except errors.Error as error:
        cure = "run the doctor without --invariants"
        yield Finding("database", False, errors.one_line(error), cure)
        return
    for name in invariants.INVARIANTS:
        rows = broken.get(name, [])
        shown = ", ".join(str(row) for row in rows[:3])
        yield Finding(name, not rows, f"violated by {len(rows)} rows or more: {shown}" if rows else "holds")


def found_settings() -> Settings:
    """Return this process's settings; addresses default to those of the embedded stack."""
    settings = load()
    state: Mapping[str, object] = runtime.read(runtime.data_folder(settings.data or None)) or {}
    known = {name: str(state[name]) for name in ("database_url", "redis_url") if name in state}
    explicit = {name for name in known if name in given()}
    if not explicit:
        for name in os.environ.keys() - own(os.environ).keys():
            del os.environ[name]  # nor do the stack's processes inherit them
    new = {name: url for name, url in known.items() if name not in explicit}
    return replace(
        settings,
        database_url=new.get("database_url", settings.database_url),
        redis_url=new.get("redis_url", settings.redis_url),
    )


def main() -> int:
    """Print the findings; return 1 where a required check failed."""
    parser = argparse.ArgumentParser(prog="python -m scheduler.doctor", description=__doc__)
    parser.add_argument("--invariants", action="store_true", help="check only the invariants of the database")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    check: Callable[[Settings], Iterator[Finding]] = kept_invariants if arguments.invariants else examine
    findings = list(check(found_settings()))
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        print(*findings, sep="\n")
    return int(any(finding.required and not finding.ok for finding in findings))
