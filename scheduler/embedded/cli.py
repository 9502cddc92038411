"""`python -m scheduler.embedded up|down|status`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from novacron.tls.groups import MODES
from scheduler.embedded import logs, orphans, runtime, status
from scheduler.embedded.errors import StackError, StartError

STACK = "The one-machine stack: PostgreSQL, Redis or Valkey, scheduler and workers under one data folder."
ROOT = Path(__file__).resolve().parents[2]
START_S = 90.0
DOWN_S = 75.0


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    chosen = _parser().parse_args(arguments)
    data = runtime.data_folder(chosen.data)
    commands: dict[str, Callable[[Path, argparse.Namespace], int]] = {
        "up": _up,
        "down": _down,
        "status": _status,
        "supervise": _supervise,
    }
    try:
        return commands[chosen.command](data, chosen)
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scheduler.embedded", description="The one-machine stack."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="{up,down,status}")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--data", help=f"data folder (default {runtime.DEFAULT_DATA})")
    flower = argparse.ArgumentParser(add_help=False)
    flower.add_argument("--flower", action="store_true", help="run Flower too")
    tls = argparse.ArgumentParser(add_help=False)
    tls.add_argument(
        "--tls", choices=MODES, help="serve TLS, post-quantum where the client can, or only that"
    )
    up = commands.add_parser("up", parents=[folder, flower, tls], help="start the stack")
    up.add_argument("--detach", action="store_true", help="return when everything is ready")
    commands.add_parser("down", parents=[folder], help="stop the stack")
    commands.add_parser("status", parents=[folder], help="show it").add_argument(
        "--json", action="store_true", help="as one JSON document"
    )
    supervise = commands.add_parser("supervise", parents=[folder, flower, tls])
    supervise.add_argument("--report", type=int, default=None, metavar="DESCRIPTOR")
    return parser


def _up(data: Path, chosen: argparse.Namespace) -> int:
    runtime.prepare(data)
    if url := _url_of_running(data):
        return _already_up(data, url)
    command = [sys.executable, "-m", "scheduler.embedded", "supervise", "--data", str(data)]
    command += ["--flower"] if chosen.flower else []
    command += ["--tls", chosen.tls] if chosen.tls else []
    variables = dict(os.environ) | {"NOVACRON_DATA": str(data)}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if not chosen.detach:
        os.chdir(ROOT)
        os.execve(sys.executable, command, variables)
    return _detach(data, command, variables)


def _detach(data: Path, command: list[str], variables: dict[str, str]) -> int:
    receiver, sender = os.pipe()
    log = logs.open_append(data / "logs" / "supervisor.log")
    supervisor = subprocess.Popen(
        [*command, "--report", str(sender)],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=(sender,),
        start_new_session=True,
    )
    os.close(sender)
    os.close(log)
    with os.fdopen(receiver) as reports:
        for line in reports:
            report = json.loads(line)
            if "ready" in report:
                supervisor.returncode = 0  # it goes on without us
                print(_told(report))
                print(f"stop it with: {_stop_command(data)}")
                return 0
            if "running" in report:
                supervisor.wait()
                return _already_up(data, _url_of_running(data) or "ended since")
            if "error" in report:
                supervisor.wait()
                print(_told(report), file=sys.stderr)
                return 1
    print(f"error: the supervisor ended\n{logs.tail(data / 'logs' / 'supervisor.log')}", file=sys.stderr)
    return 1


def _url_of_running(data: Path) -> str | None:
    """The address of a stack that is up, waited for while it starts; None when there is none.

    Raises:
        StackError: a start or stop under way did not come to an end.
    """
    deadline = time.monotonic() + START_S
    lock = runtime.Lock(data)
    while lock.holder() is not None:
        published = runtime.running(data)
        if published and published["state"] in ("ready", "restarting"):
            return str(published["url"])
        if time.monotonic() > deadline:
            raise StackError("a start or stop of this stack under way does not come to an end")
        time.sleep(0.05)
    return None


def _already_up(data: Path, url: str) -> int:
    print(f"already running: {url}  (data {data})")
    return 0


def _down(data: Path, _chosen: argparse.Namespace) -> int:
    lock = runtime.Lock(data)
    if supervisor := lock.holder():
        with contextlib.suppress(ProcessLookupError):
            os.kill(supervisor, signal.SIGTERM)
        if lock.wait_free(DOWN_S):
            print("stopped")
            return 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(supervisor, signal.SIGKILL)
    if runtime.read(data) is None:
        print(f"not running (data {data})")
        return 0
    print(f"stopped, {orphans.end(data, runtime.stack_name(data))} processes by force")
    runtime.remove(data)
    return 0


def _status(data: Path, chosen: argparse.Namespace) -> int:
    state = status.collect(data)
    print(json.dumps(state, indent=2) if chosen.json else status.table(state))
    return 0 if state["state"] == "ready" else 3


def _supervise(data: Path, chosen: argparse.Namespace) -> int:
    from scheduler.embedded.stack import build
    from scheduler.embedded.supervisor import Supervisor

    report = _reporter(chosen.report)
    lock = runtime.Lock(data)
    if not lock.acquire():
        report({"running": True})
        return 0
    try:
        Supervisor(data, report).run(lambda: build(data, flower=chosen.flower, tls=chosen.tls))
    except StackError as error:
        tail = logs.tail(error.log) if isinstance(error, StartError) else ""
        report({"error": str(error), "log": tail})
        return 1
    return 0


def _reporter(descriptor: int | None) -> Callable[[dict[str, Any]], None]:
    """Lines of JSON for the process that waits for us, which may leave; else text for people."""

    def to_waiting(report: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(descriptor or 0, (json.dumps(report) + "\n").encode())

    def to_people(report: dict[str, Any]) -> None:
        print(_told(report), file=sys.stderr if "error" in report else sys.stdout, flush=True)

    return to_people if descriptor is None else to_waiting


def _told(report: dict[str, Any]) -> str:
    if "ready" in report:
        return f"ready after {report['s']:.2f} s: {report['ready']}"
    if "error" in report:
        return "\n".join(part for part in (f"error: {report['error']}", report["log"]) if part)
    if "running" in report:
        return "already running"
    if "ended" in report:
        return f"{report['ended']} ended with status {report['status']}, starting it again"
    return f"  {report.get('phase', '')}  {report.get('s', 0.0):.2f} s"


def _stop_command(data: Path) -> str:
    where = "" if data == runtime.data_folder(None) else f" --data {data}"
    return f"novacron down{where}"
