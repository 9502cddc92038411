"""`up`, `down`, `status` and `doctor`: the embedded stack and diagnosis."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from novacron._transport.endpoint import data_folder, embedded_url
from novacron.cli import output
from novacron.cli.exit_status import NO_SCHEDULER
from novacron.errors import BadInput, Denied, NovaCronError, Unavailable

SERVERS = ("NOVACRON_DATABASE_URL", "NOVACRON_DATABASE_URL_FILE", "NOVACRON_CONFIG")
"""Variables that name the database of a cluster."""
EXAMINE = (
    "name them with NOVACRON_DATABASE_URL and NOVACRON_REDIS_URL, or run `python -m scheduler.doctor` in a "
    "scheduler's container or unit"
)
Data = Annotated[
    Path | None,
    typer.Option(
        help="Data folder of the stack; NOVACRON_DATA if omitted, else ~/.novacron.", show_default=False
    ),
]


def up(
    data: Data = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Run in the background; return when the stack is ready.")
    ] = False,
    flower: Annotated[bool, typer.Option("--flower", help="Also run Flower, the monitor of Celery.")] = False,
    tls: Annotated[
        bool,
        typer.Option(
            "--tls",
            help="Serve TLS with hybrid post-quantum key exchange, and classical for clients without it.",
        ),
    ] = False,
    pq_only: Annotated[
        bool, typer.Option("--pq-only", help="With --tls: reject clients without post-quantum key exchange.")
    ] = False,
    strict: output.Strict = False,
) -> None:
    """Start the stack on this machine: PostgreSQL, Redis or Valkey, a scheduler and workers."""
    if pq_only and not tls:
        raise BadInput("--pq-only requires --tls")
    _hand_on(strict)
    options = ["--detach"] if detach else []
    options += ["--flower"] if flower else []
    options += ["--tls", "pq-only" if pq_only else "hybrid"] if tls else []
    _embedded("up", data, *options)


def down(data: Data = None) -> None:
    """Stop the stack on this machine; jobs are kept in the data folder."""
    _embedded("down", data)


def status(data: Data = None, as_json: output.AsJson = False) -> None:
    """Show the state of the stack on this machine or at NOVACRON_URL; exit status 3 if not ready."""
    if data is None and _is_elsewhere():
        return _elsewhere(as_json)
    _embedded("status", data, *(["--json"] if as_json else []))


def _is_elsewhere() -> bool:
    """Return whether NOVACRON_URL names another stack than the one on this machine."""
    url = os.environ.get("NOVACRON_URL", "")
    return url != "" and url.rstrip("/") != embedded_url()


def _elsewhere(as_json: bool) -> None:
    """Show the state of a remote scheduler, as it reports it."""
    with output.client() as client:
        readiness = client.readiness()
        found = {"url": client.url, "version": client.version(), **readiness}
        try:
            found |= client.workers()
        except Denied as error:
            found["workers_denied"] = str(error)
    if as_json:
        output.emit(found)
    else:
        _show(found)
    if not found["ready"]:
        raise typer.Exit(NO_SCHEDULER)


def _show(found: dict[str, Any]) -> None:
    output.say(f"{'ready' if found['ready'] else 'not ready'}  {found['url']}  version {found['version']}")
    for name in found.get("queues_without_worker", ()):
        output.say(f"no worker of queue {name}")
    if denied := found.get("workers_denied"):
        output.say(f"workers: {denied}")
        return
    from novacron.cli import tables

    output.console().print(tables.workers(found), tables.queues(found))


def _hand_on(strict: bool) -> None:
    """Pass strict mode on to the processes that are started."""
    if strict:
        os.environ[output.STRICT] = "true"


def doctor(
    data: Data = None,
    invariants: Annotated[
        bool, typer.Option("--invariants", help="Check only the invariants of the database.")
    ] = False,
    strict: output.Strict = False,
) -> None:
    """Diagnose the installation and suggest fixes."""
    if data is not None or os.environ.get("NOVACRON_DATA"):
        os.environ["NOVACRON_DATA"] = str(data_folder(data))
    _hand_on(strict)
    if invariants:
        _replace("scheduler.doctor", "--invariants")
    healthy = _check("scheduler", _scheduler) and _check("token", _token)
    if data is None and _is_elsewhere():
        healthy = healthy and _check("ready", _ready) and _check("workers", _workers)
        if not any(os.environ.get(name) for name in SERVERS):
            output.say(f"absent servers: not examined; {EXAMINE}")
            raise typer.Exit(0 if healthy else 1)
    if _installed("scheduler.doctor"):
        sys.stdout.flush()
        healthy &= subprocess.call(_python("scheduler.doctor")) == 0
    if not healthy:
        raise typer.Exit(1)


def _check(name: str, check: Callable[[], str]) -> bool:
    try:
        output.say(f"ok     {name}: {check()}")
    except NovaCronError as error:
        output.say(f"FAILS  {name}: {error}")
        return False
    return True


def _scheduler() -> str:
    from novacron._version import __version__

    with output.client() as client:
        theirs = client.version()
        start = time.perf_counter()
        client.version()
        took_ms = (time.perf_counter() - start) * 1e3
    versions = f"version {theirs}" + ("" if theirs == __version__ else f", this client is {__version__}")
    secured = f", {client.handshake}" if client.handshake else ""
    return f"{client.url} answers in {took_ms:.1f} ms, {versions}{secured}"


def _token() -> str:
    with output.client() as client:
        return f"accepted, sees {len(client.backends())} backends"


def _ready() -> str:
    with output.client() as client:
        readiness = client.readiness()
    if not readiness["ready"]:
        missing = readiness.get("queues_without_worker")
        why = (
            f"no worker of {', '.join(missing)}"
            if missing
            else readiness.get("detail", "as reported by /readyz")
        )
        raise Unavailable(f"not ready: {why}")
    return "every required queue has a worker"


def _workers() -> str:
    with output.client() as client:
        listed = client.workers()["workers"]
    healthy = [worker for worker in listed if worker["healthy"]]
    if not healthy:
        return "none is healthy"
    queues = ", ".join(sorted({worker["queue"] for worker in healthy}))
    text = f"{len(healthy)} healthy with {sum(worker['slots'] for worker in healthy)} slots on {queues}"
    return text if len(healthy) == len(listed) else f"{text}; {len(listed) - len(healthy)} draining or lost"


def _embedded(verb: str, data: Path | None, *options: str) -> NoReturn:
    _replace("scheduler.embedded", verb, "--data", str(data_folder(data)), *options)


def _replace(module: str, *arguments: str) -> NoReturn:
    if not _installed(module):
        raise BadInput(
            f"{module} is not installed here: this command belongs to the server part. Run it from a "
            'checkout of NovaCron after `pip install -e ".[server]"`, or set NOVACRON_URL for another'
        )
    sys.stdout.flush()
    os.execv(sys.executable, _python(module, *arguments))  # signal handlers are reset first


def _python(module: str, *arguments: str) -> list[str]:
    # -P: a folder named scheduler in the working directory must not shadow the package.
    return [sys.executable, "-P", "-m", module, *arguments]


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
