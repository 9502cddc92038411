"""The embedded stack under its command line, on a disk that fills up and under kills."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from scheduler.embedded import orphans, runtime
from shared.db import invariants, session
from testing.faults import functions
from testing.faults.client import Client
from testing.faults.rig import ROOT
from testing.faults.workers import Figures

LEASE_S = 2.0
START_S = 300.0
SETTLING_S = 3.0
DISK_BYTES = 300 << 20
BALLAST = "ballast"
SECONDS = 0.3
JOBS = 4
SUPERVISED = ("scheduler", "worker-cpu-sim", "worker-crypto", "redis", "postgres")
VICTIMS = ("supervisor", *SUPERVISED)


class Stack:
    """A stack in a folder, as seen by its user.

    Attributes:
        data: the data folder.
        accepted: acknowledged jobs, over the life of the folder.
        refused: rejected submissions.
        orphans: processes left after a stop, or not belonging to the current supervisor.
        lied: stops whose report differed from what was found.
        up_s: seconds that its last start took.
    """

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        functions.offer(folder / "functions")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NOVACRON_")}
        paths = os.pathsep.join([str(ROOT), str(folder / "functions")])
        self.environment = kept | {"PYTHONPATH": paths, "NOVACRON_LEASE_S": str(LEASE_S)}
        self._traces = folder / "traces"
        self._seeds = random.Random(1)
        self.accepted: list[str] = []
        self.refused = self.orphans = self.lied = 0
        self.up_s = 0.0

    def command(self, *arguments: str) -> list[str]:
        """Return the command line for this folder."""
        return [sys.executable, "-m", "novacron.cli", *arguments, "--data", str(self.data)]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments), cwd=self.data.parent, env=self.environment, capture_output=True,
            text=True, timeout=2 * START_S,
        )  # fmt: skip

    def up(self) -> None:
        """Start it."""
        begin = time.monotonic()
        done = self.run("up", "--detach")
        assert done.returncode == 0, done.stdout + done.stderr
        self.up_s = time.monotonic() - begin

    def down(self) -> None:
        """Stop it, and compare its report with the running processes."""
        done = self.run("down")
        left = orphans.find(self.data)
        self.orphans += len(left)
        said = done.returncode == 0 and done.stdout.startswith(("stopped", "not running"))
        self.lied += said != (not left)
        assert "Traceback" not in done.stderr, done.stderr

    @property
    def state(self) -> dict[str, Any]:
        """Published state; empty while there is none."""
        return dict(runtime.read(self.data) or {})

    @property
    def pids(self) -> dict[str, int]:
        """The processes by name."""
        found: dict[str, int] = self.state.get("pids", {})
        return found

    def submit(self, count: int, seconds: float = SECONDS) -> None:
        """Submit jobs that take a while; count rejections."""
        client = Client(self.state["url"], self.state["token"])
        for _ in range(count):
            arguments = {"path": str(self._traces), "seconds": seconds}
            seed = self._seeds.randrange(1 << 30)
            client.submit(
                {"kind": "pure_classical", "function": "fault_trace", "arguments": arguments, "cache": False}
                | {"seed": seed}
            )
        self.accepted += client.accepted
        self.refused += client.refused

    def settle(self) -> float:
        """Wait until every accepted job has ended; return the seconds waited."""
        begin = time.monotonic()
        while True:
            with contextlib.suppress(psycopg.Error, KeyError), self._connected() as connection:
                row = connection.execute("SELECT count(*) FROM jobs WHERE finished_at IS NULL").fetchone()
                if row == (0,) and self.state.get("state") == "ready" and self._serves():
                    return time.monotonic() - begin
            if time.monotonic() - begin > START_S:
                raise TimeoutError(f"jobs have not ended within {START_S:g} s, the stack is {self.state}")
            time.sleep(0.05)

    def _serves(self) -> bool:
        """Return whether the API responds."""
        try:
            with urllib.request.urlopen(f"{self.state['url']}/healthz", timeout=START_S):
                return True
        except OSError:
            return False

    @contextmanager
    def _connected(self) -> Iterator[session.Connection]:
        with session.connect(self.state["database_url"], name="faults") as connection:
            yield connection

    def press(self) -> None:
        """Make PostgreSQL start new WAL files, for which there may be no space: it then stops."""
        url = str(self.state["database_url"]).replace("//novacron@", "//postgres@")
        for _ in range(3):
            with contextlib.suppress(psycopg.Error), session.connect(url, name="faults") as connection:
                connection.execute("SELECT pg_switch_wal()")

    def lost(self) -> int:
        """Count accepted jobs that are not completed, and rows that violate an invariant."""
        with self._connected() as connection:
            ends = {row[0]: row[1:] for row in connection.execute("SELECT id, state, error FROM jobs")}
            broken = invariants.violations(connection, lease_s=LEASE_S)
        lost = [(job, *ends.get(job, ("unknown",))) for job in self.accepted]
        lost = [found for found in lost if found[1] != "completed"]
        if lost or broken:
            print(*lost, broken, sep="\n", flush=True)
        return len(lost) + sum(map(len, broken.values()))

    def strays(self) -> list[str]:
        """Return processes of the folder outside its supervisor's tree, after a grace period."""
        deadline = time.monotonic() + SETTLING_S
        while True:
            found = orphans.find(self.data)  # before the tree: processes forked in between belong to it
            supervisor = psutil.Process(self.pids["supervisor"])
            family = {process.pid for process in supervisor.children(recursive=True)}
            strays = [str(process) for process in found if process.pid not in family and process.is_running()]
            if not strays or time.monotonic() > deadline:
                return strays
            time.sleep(0.1)


def mounted(folder: Path) -> bool:
    """Mount a small disk, which root can do in most environments; return whether it succeeded."""
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0755", "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(["mount", *options], capture_output=True).returncode == 0


@contextmanager
def disk(folder: Path) -> Iterator[bool]:
    """Mount a small disk below a folder, if possible; yield whether it succeeded."""
    folder.mkdir(exist_ok=True)
    made = mounted(folder)
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def stack(*, small_disk: bool = False) -> Iterator[Stack]:
    """Yield a running stack in a new folder, both removed at the end."""
    with tempfile.TemporaryDirectory(prefix="novacron-embedded-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        with disk(folder / "disk") if small_disk else contextlib.nullcontext(False) as own_disk:
            made = Stack(folder / "disk" if own_disk else folder)
            made.up()
            try:
                yield made
            finally:
                made.down()


@contextmanager
def no_room(made: Stack) -> Iterator[None]:
    """Make all writes fail: the disk is full, or, if it is shared, file sizes are limited."""
    if os.path.ismount(made.data.parent):
        ballast = made.data.parent / BALLAST
        _fill(ballast)
        try:
            yield
        finally:
            ballast.unlink()
        return
    _limit(made, "0")
    try:
        yield
    finally:
        _limit(made, "unlimited")


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as stream:
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    stream.write(bytes(size))


def _limit(made: Stack, most: str) -> None:
    """Limit file sizes of the supervisor and all its current and future children.

    Each limit is set as the process's owner, since root may lack the right to set that of others.
    """
    for pid in {made.pids["supervisor"], *(process.pid for process in orphans.find(made.data))}:
        with contextlib.suppress(FileNotFoundError):
            owner = Path(f"/proc/{pid}").stat()
            subprocess.run(
                ["prlimit", f"--pid={pid}", f"--fsize={most}:"],
                check=False, user=owner.st_uid, group=owner.st_gid,
            )  # fmt: skip


def _campaign(made: Stack, times: int, once: Callable[[], None]) -> Figures:
    """Apply a fault to a stack repeatedly; check the result each time."""
    lost = 0
    slowest = 0.0
    for _ in range(times):
        made.submit(JOBS)
        once()
        slowest = max(slowest, made.settle())
        lost = max(lost, made.lost())
        if strays := made.strays():
            print(*strays, sep="\n", flush=True)
        made.orphans += len(strays)
    made.down()
    return {
        "times": times, "accepted": len(made.accepted), "refused": made.refused, "lost": lost,
        "orphans": made.orphans, "lied": made.lied, "slowest_s": slowest,
    }  # fmt: skip


def killed(victim: str, times: int) -> Figures:
    """Kill one process while jobs run; the supervisor restarts its children, and `up` restarts it."""
    with stack() as made:

        def once() -> None:
            time.sleep(random.random() * SECONDS)
            old = made.pids[victim]
            os.kill(old, signal.SIGKILL)
            if victim == "supervisor":
                made.up()
            else:
                _until(lambda: made.pids.get(victim, old) != old, f"{victim} was started again")

        return _campaign(made, times, once)


def all_killed(times: int) -> Figures:
    """Kill all processes with SIGKILL while jobs run, then `up`."""
    with stack() as made:

        def once() -> None:
            time.sleep(random.random() * SECONDS)
            os.kill(made.pids["supervisor"], signal.SIGKILL)
            for process in orphans.find(made.data):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            made.up()

        return _campaign(made, times, once)


def down_after_kill(times: int) -> Figures:
    """Kill the supervisor and damage its file: `down` still ends the remaining processes."""
    with stack() as made:

        def once() -> None:
            os.kill(made.pids["supervisor"], signal.SIGKILL)
            (made.data / "runtime.json").write_text("{")
            made.down()
            made.up()

        return _campaign(made, times, once)


def interrupted(number: int, times: int) -> Figures:
    """Send a signal to a foreground `up` at any moment of the start: no process is left."""
    with stack() as made:
        made.settle()

        def once() -> None:
            made.down()
            starting = subprocess.Popen(
                made.command("up"), cwd=made.data.parent, env=made.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
            time.sleep(random.random() * made.up_s)
            starting.send_signal(number)
            _, said = starting.communicate(timeout=START_S)
            # A signal before the command's first line is reported by the interpreter.
            assert "Traceback" not in said or "/novacron/cli/" not in said, said
            made.orphans += len(orphans.find(made.data))
            made.up()

        return _campaign(made, times, once)


def full_disk(times: int, *, kill: bool = False, down: bool = False) -> Figures:
    """Fill the disk as jobs run; the supervisor must survive. Then kill a child, or call `down`."""
    with stack(small_disk=True) as made:
        ended = 0

        def once() -> None:
            nonlocal ended
            supervisor = made.pids["supervisor"]
            with no_room(made):
                made.press()
                made.submit(2)
                if kill:
                    os.kill(made.pids[random.choice(SUPERVISED)], signal.SIGKILL)
                if down:
                    made.down()
                else:
                    time.sleep(2.0)
                    ended += not psutil.pid_exists(supervisor)
            if down:
                made.up()
            ended += not down and made.pids.get("supervisor") != supervisor

        found = _campaign(made, times, once)
        return found | {"supervisors_ended": ended}


def _until(holds: Callable[[], bool], what: str) -> None:
    begin = time.monotonic()
    while not holds():
        if time.monotonic() - begin > START_S:
            raise TimeoutError(f"not within {START_S:g} s: {what}")
        time.sleep(0.02)


def kept(seen: Figures) -> bool:
    """Return whether no job was lost, no process left, and the report of `down` was correct."""
    return not any(seen.get(name) for name in ("lost", "orphans", "lied", "supervisors_ended"))
