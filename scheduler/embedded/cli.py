"""`python -m scheduler.embedded up|down|status`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from novacron.cli import edge
from novacron.destination import OutputLost
from novacron.tls.groups import MODES
from scheduler.embedded import logs, orphans, runtime, status
from scheduler.embedded.errors import StackError, StartError
from scheduler.embedded.report import Report, Told, words
from shared import settings
from shared.crypto import secret_files
from shared.traces import environment

ROOT = Path(__file__).resolve().parents[2]
DOWN_S = 75.0
INTERRUPTED_S = 30.0
CHOSEN = ("host", "port", "token_file", "tls_mode", "tls_folder", "metrics_port", "metrics_beside")
"""Cluster settings that the stack chooses by itself."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
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
        edge.complain(str(error))
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
    hint = _found_with(data)
    os.environ["NOVACRON_DATA"] = str(data)
    _check_settings(data)
    runtime.prepare(data)
    if url := _url_of_running(data):
        return _already_up(data, url)
    command = [sys.executable, "-m", "scheduler.embedded", "supervise", "--data", str(data)]
    command += ["--flower"] if chosen.flower else []
    command += ["--tls", chosen.tls] if chosen.tls else []
    variables = dict(os.environ)
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if not chosen.detach:
        print(hint, end="", flush=True)
        os.chdir(ROOT)
        os.execve(sys.executable, command, variables)
    status = _detach(data, command, variables)
    print(hint if status == 0 else "", end="")
    return status


def _found_with(data: Path) -> str:
    """Return a hint for users whose next commands would use another data folder; empty if they would not."""
    if runtime.data_folder(os.environ.get("NOVACRON_DATA")) == data:
        return ""
    return (
        f"other commands find it with: export NOVACRON_DATA={shlex.quote(str(data))}"
        "  (or NOVACRON_URL and NOVACRON_TOKEN)\n"
    )


def _check_settings(data: Path) -> None:
    """Refuse invalid settings before anything starts, and report those that have no effect here.

    Raises:
        BadInput: one breaks its rule, others can read the key-encryption key (`NOVACRON_STRICT`), or tracing
            is misconfigured.
    """
    explicit = settings.given()
    for line in settings.unknown():
        edge.complain(line)
    for name in CHOSEN:
        if name in explicit:
            edge.complain(f"{settings.PREFIX}{name.upper()} is not used: the embedded stack chooses it")
    environment.check()
    chosen = settings.Settings(**explicit)
    kek = secret_files.of_kek(chosen) or [data / "kek"]
    secret_files.check(kek, strict=chosen.strict, warn=edge.complain)


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
    try:
        with os.fdopen(receiver) as reports:
            for line in reports:
                report = json.loads(line)
                if (status := _answered(data, supervisor, report)) is not None:
                    return status
    except (KeyboardInterrupt, SystemExit):
        _undo(supervisor)
        raise
    edge.complain(f"the supervisor ended\n{logs.tail(data / 'logs' / 'supervisor.log')}".rstrip())
    return 1


def _answered(data: Path, supervisor: subprocess.Popen[bytes], report: Report) -> int | None:
    """Return the exit status for a report; None while the start continues."""
    if "ready" in report:
        supervisor.returncode = 0  # it continues in the background
        print(words(report))
        print(f"stop it with: novacron down{_where(data)}")
        return 0
    if "running" in report:
        supervisor.wait()
        return _already_up(data, _url_of_running(data) or "ended since")
    if "error" in report:
        supervisor.wait()
        edge.complain(words(report).removeprefix("error: "))
        return 1
    if "trouble" in report:
        edge.complain(words(report))
    return None


def _undo(supervisor: subprocess.Popen[bytes]) -> None:
    """Stop everything after an interrupted start."""
    supervisor.terminate()
    edge.complain("interrupted: stopping the started processes")
    with contextlib.suppress(subprocess.TimeoutExpired):
        supervisor.wait(INTERRUPTED_S)


def _url_of_running(data: Path) -> str | None:
    """Return the address of a running stack, waiting while it starts; None when there is none.

    Raises:
        StackError: a start or stop in progress did not finish.
    """
    deadline = time.monotonic() + runtime.START_TIMEOUT_S + DOWN_S
    lock = runtime.Lock(data)
    while lock.holder() is not None:
        published = runtime.running(data)
        if published and published["state"] in ("ready", "restarting"):
            return published["url"]
        if time.monotonic() > deadline:
            raise StackError("another start or stop of this stack does not finish")
        time.sleep(0.05)
    return None


def _already_up(data: Path, url: str) -> int:
    print(f"already running: {url}  (data {data})")
    return 0


def _down(data: Path, _chosen: argparse.Namespace) -> int:
    lock = runtime.Lock(data)
    supervised = lock.holder() is not None
    if supervised:
        for supervisor in _supervisors(data, lock):
            with contextlib.suppress(psutil.Error):
                supervisor.terminate()
        if not lock.wait_free(DOWN_S):
            for supervisor in _supervisors(data, lock):
                with contextlib.suppress(psutil.Error):
                    supervisor.kill()
    # Whatever the supervisor did or did not do, only running processes count.
    forced = orphans.end(data) if data.is_dir() else []
    left = orphans.left(data) if forced else []
    if lock.holder() is not None:
        left = ["supervisor", *left]
    if left:
        edge.complain(f"still running: {', '.join(left)}")
        return 1
    published = runtime.read(data) is not None
    with contextlib.suppress(OSError):
        runtime.remove(data)
    if forced:
        print(f"stopped; by force: {', '.join(forced)}")
    else:
        print("stopped" if supervised or published else f"not running (data {data})")
    return 0


def _supervisors(data: Path, lock: runtime.Lock) -> list[psutil.Process]:
    """Return the lock's holder if it is a supervisor of this folder, else processes that look like one."""
    with contextlib.suppress(psutil.Error, ValueError):
        holder = psutil.Process(lock.holder())
        if str(data) in holder.cmdline() and holder.pid != os.getpid():
            return [holder]
    return orphans.supervisors(data)


def _status(data: Path, chosen: argparse.Namespace) -> int:
    state = status.collect(data)
    print(json.dumps(state, indent=2) if chosen.json else status.table(state))
    return 0 if state["state"] == "ready" else 3


def _supervise(data: Path, chosen: argparse.Namespace) -> int:
    from scheduler.embedded.stack import build
    from scheduler.embedded.supervisor import Supervisor

    report = _reporter(chosen.report)
    lock = runtime.Lock(data)
    try:
        if not lock.acquire():
            report({"running": True})
            return 0
        left = Supervisor(data, report).run(lambda: build(data, flower=chosen.flower, tls=chosen.tls))
    except StackError as error:
        tail = logs.tail(error.log) if isinstance(error, StartError) else ""
        report({"error": str(error), "log": tail})
        return 1
    except OSError as error:
        report({"error": f"data folder {data}: {error}", "log": ""})
        return 1
    if left:
        report({"trouble": f"still running: {', '.join(left)}"})
    return int(bool(left))


def _reporter(descriptor: int | None) -> Told:
    """Return a reporter: text to the log or terminal, and JSON lines to a process that waits for the start.

    Neither may end us: the one that waits may leave, and a log may have no room.
    """

    def report(what: Report) -> None:
        at = time.strftime("%Y-%m-%d %H:%M:%S ") if descriptor is not None else ""
        with contextlib.suppress(OSError, OutputLost):
            print(at + words(what), file=sys.stderr if "error" in what else sys.stdout, flush=True)
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.write(descriptor, (json.dumps(what) + "\n").encode())

    return report


def _where(data: Path) -> str:
    """Return the option that names the folder, unless it is the default."""
    return "" if data == runtime.data_folder(None) else f" --data {shlex.quote(str(data))}"
