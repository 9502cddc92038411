"""`make demo`: every kind of job on the embedded stack, each compared with a classical solution.

Starts the stack in a temporary folder, submits through the thin client, kills a worker process in the middle
of a VQE, migrates an archive and a signing key to post-quantum algorithms, prints one table, writes plots to
demo-output/ and stops the stack. Exit status 0: everything succeeded.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from migration_demo import migrate
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from novacron import VQE, Classical, Client, Event, Job, NovaCronError
from novacron.plots import drawing

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES, OUTPUT = ROOT / "examples", ROOT / "demo-output"
LEASE_S = "3"
KILL_AFTER = 100
CHAIN = {"model": "tfim", "n_qubits": 12, "J": 1.0, "h": 1.0}


@dataclass(frozen=True)
class Question:
    """A job and, if there is one, the job that solves the same problem exactly or classically.

    Attributes:
        job: path in examples/.
        value: extracts its answer from the result.
        other: path of the job to compare with.
        exact: extracts that job's answer.
        number: format of both.
        unit: unit of the error, and its conversion factor.
        closed: exact answer, if there is a closed form.
    """

    job: str
    value: Callable[[Any], float | str]
    other: str | None = None
    exact: Callable[[Any], float] = lambda result: 0.0
    number: str = "{:.6f}"
    unit: tuple[str, float] = ("", 1.0)
    closed: float | None = None


QUESTIONS = (
    Question(
        "lih.yaml", lambda r: r.energy, "exact_diagonalization.yaml",
        lambda r: r.value["eigenvalues"][0], unit=(" mHa", 1e3),
    ),
    Question(
        "maxcut.yaml", lambda r: r.best_value, "maxcut_brute_force.yaml", lambda r: r.value["cut"], "{:g}"
    ),
    Question(
        "iris_kernel.yaml", lambda r: r.test_accuracy, "iris_rbf.yaml",
        lambda r: r.value["test_accuracy"], "{:.1%}",
    ),
    Question("ghz.yaml", lambda r: r.counts["000"] / r.shots, number="{:.4f}", closed=0.5),
    Question("noisy_bell.yaml", lambda r: r.fidelity, closed=1 - 3 / 4 * 0.1),
    Question("repetition.yaml", lambda r: r.points[0].rate, number="{:.4f}", closed=0.028),
    Question("mlkem.yaml", lambda r: "opens" if r.secrets_match else "does not open"),
    Question("mldsa.yaml", lambda r: "verified" if r.verified and r.tampered_rejected else "refused"),
)  # fmt: skip
ASKED = {
    "lih.yaml": "VQE: ground state of LiH, 12 qubits, UCCSD (hartree)",
    "maxcut.yaml": "QAOA: heaviest cut of a 3-regular graph",
    "iris_kernel.yaml": "QML: accuracy of a quantum kernel SVM; beside it an RBF kernel",
    "ghz.yaml": "circuit: share of 000 in 4096 shots of a GHZ state",
    "noisy_bell.yaml": "noise: fidelity of a Bell pair after depolarizing 0.1, and misread bits",
    "repetition.yaml": "QEC: logical error rate of three bits that flip with probability 0.1",
    "mlkem.yaml": "ML-KEM-768: make a key, encapsulate a secret, open it again",
    "mldsa.yaml": "ML-DSA-65: make a key, sign, verify, refuse forgeries",
}


class Stack:
    """The embedded stack in a folder of its own, which is kept only after a failure."""

    def __init__(self) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="novacron-demo-"))
        for name in ("URL", "TOKEN", "DATABASE_URL", "REDIS_URL", "TARGETS_FILE"):
            os.environ.pop(f"NOVACRON_{name}", None)
        os.environ |= {"NOVACRON_DATA": str(self.data), "NOVACRON_LEASE_S": LEASE_S}
        os.environ["NOVACRON_QUEUES"] = "cpu-sim,crypto"

    def command(self, *arguments: str) -> None:
        """Run `novacron <arguments>`.

        Raises:
            CalledProcessError: it failed.
        """
        subprocess.run([sys.executable, "-m", "novacron.cli", *arguments], cwd=ROOT, check=True)

    def stop(self, succeeded: bool) -> None:
        """Stop the stack; remove its folder, or report where its logs are."""
        self.command("down")
        if succeeded:
            shutil.rmtree(self.data)
        else:
            print(f"the logs are in {self.data / 'logs'}", file=sys.stderr)


def bars(console: Console) -> Progress:
    """Return a progress display: name, bar, last event, time."""
    return Progress(
        TextColumn("{task.description:<13}"), BarColumn(22), TextColumn("{task.fields[told]:<27}"),
        TimeElapsedColumn(), console=console,
    )  # fmt: skip


def follow(job: Job, progress: Progress, also: Callable[[Event], None] = lambda event: None) -> None:
    """Show a job's events as they arrive, until it ends."""
    bar = progress.add_task(job.name or job.kind, total=None, told=job.status)
    n_evaluations, best = 0, float("inf")
    for event in job.stream():
        also(event)
        if event.kind == "evaluations":
            values = [one["value"] for one in event.data["evaluations"]]
            n_evaluations, best = n_evaluations + len(values), min(best, *values)
            progress.update(bar, told=f"{n_evaluations} evaluations, {best:.4f}")
        elif event.kind == "job" and not n_evaluations:
            progress.update(bar, told=event.data["status"])
    progress.update(bar, completed=1, total=1)


def ask(client: Client, console: Console) -> dict[str, Job]:
    """Submit every question with its comparison at once and follow them all; return jobs by file."""
    files = [name for one in QUESTIONS for name in (one.job, one.other) if name]
    jobs = {name: client.submit(EXAMPLES / name) for name in files}
    with bars(console) as progress:
        threads = [threading.Thread(target=follow, args=(job, progress)) for job in jobs.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return jobs


@dataclass
class Fault:
    """A kill -9 in the middle of a job, and its effect on the job's events.

    Attributes:
        tell: prints messages.
        killed: loop, process id, and time of the kill.
        gapless: whether that loop resumed right after the last recorded evaluation.
    """

    tell: Callable[[str], None]
    killed: tuple[int, int, float] | None = None
    gapless: bool = False
    _tasks: list[int] = field(default_factory=list)
    _workers: dict[int, str] = field(default_factory=dict)
    _recorded: dict[int, int] = field(default_factory=dict)
    _lost: bool = False

    def take(self, event: Event) -> None:
        """Process an event; kill once enough evaluations have been recorded."""
        if event.kind == "task" and event.data["operation"] == "optimize":
            self._task(event.data)
        elif event.kind == "evaluations":
            self._evaluations(event.data)

    def _task(self, data: dict[str, Any]) -> None:
        self._tasks = sorted({*self._tasks, *data["tasks"]})
        if data["to"] == "running":
            self._workers |= dict.fromkeys(data["tasks"], data["worker"])
        elif self.killed and data["to"] == "ready" and data["tasks"] == [self._tasks[self.killed[0]]]:
            self._lost = True
            after_s = datetime.fromisoformat(data["at"]).timestamp() - self.killed[2]
            self.tell(f"taken back after {after_s:.1f} s: {data['cause']}")
        elif self.killed and data["to"] == "completed" and self._tasks[self.killed[0]] in data["tasks"]:
            if not self._lost and not self.gapless:
                self.killed = None  # that start had ended before the signal came: another one is disturbed

    def _evaluations(self, data: dict[str, Any]) -> None:
        loop, first = data["loop"], data["evaluations"][0]["evaluation"]
        if self.killed and loop == self.killed[0] and self._lost:
            self._lost, self.gapless = False, first == self._recorded[loop] + 1
            self.tell(f"start {loop + 1} goes on at evaluation {first}; {self._recorded[loop]} were recorded")
        self._recorded[loop] = data["evaluations"][-1]["evaluation"]
        if self.killed is None and self._recorded[loop] >= KILL_AFTER:
            self._kill(loop)

    def _kill(self, loop: int) -> None:
        pid = int(self._workers[self._tasks[loop]].rsplit("/", 1)[1])
        os.kill(pid, signal.SIGKILL)
        self.killed = (loop, pid, time.time())
        self.tell(f"kill -9 {pid}: the worker process that runs start {loop + 1}")


def disturb(client: Client, console: Console) -> tuple[Job, Job]:
    """Run a longer VQE whose worker is killed in the middle, and an undisturbed one for comparison.

    Raises:
        SystemExit: the two differ, or the job did not resume from its journal.
    """
    ansatz = {"name": "hamiltonian_variational", "layers": 8}
    job = client.submit(VQE(name="tfim", hamiltonian=CHAIN, ansatz=ansatz, starts=4, seed=7))
    exact = client.submit(
        Classical(name="tfim-exact", function="exact_diagonalization", arguments={"hamiltonian": CHAIN})
    )
    with bars(console) as progress:
        fault = Fault(lambda text: progress.console.print(f"  {text}", highlight=False))
        follow(job, progress, fault.take)
        again = job.replay()
        follow(again, progress)
    one, other = job.result(), again.result()
    if not fault.gapless:
        raise SystemExit("the job did not go on where its journal ended")
    if (one.energy, one.parameters, one.history) != (other.energy, other.parameters, other.history):
        raise SystemExit("the disturbed and the undisturbed run differ")
    console.print("  an undisturbed run gives the same energies and parameters to the last bit")
    return job, exact


def row(table: Table, job: Job, question: Question, exact: float | None, what: str = "") -> None:
    """Add a job with its comparison."""
    result, value = job.result(), question.value(job.result())
    table.add_row(
        what or str(job.name),
        value if isinstance(value, str) else question.number.format(value),
        "" if exact is None else question.number.format(exact),
        "" if exact is None else error(float(value) - exact, question),
        str(result.n_evaluations or ""),
        f"{result.wall_time_s or 0.0:.2f}",
        job.document["queue"] or "",
        "hit" if result.from_cache else "miss",
    )


def error(difference: float, question: Question) -> str:
    """Format a difference in the question's unit."""
    unit, factor = question.unit
    return f"{difference * factor:+.2g}{unit}" if difference else "0"


def summary(jobs: dict[str, Job], repeated: Job, disturbed: Job, exact: Job) -> Table:
    """Return the summary table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in ("job", "value", "exact value", "error", "evals", "s", "queue", "cache"):
        table.add_column(name, no_wrap=True, justify="left" if name in ("job", "queue", "cache") else "right")
    for one in QUESTIONS:
        row(table, jobs[one.job], one, one.exact(jobs[one.other].result()) if one.other else one.closed)
    lih = QUESTIONS[0]
    row(table, repeated, lih, lih.exact(jobs[str(lih.other)].result()), "lih again")
    chain = Question("", lambda r: r.energy)
    row(table, disturbed, chain, exact.result().value["eigenvalues"][0])
    return table


def plots(jobs: Sequence[Job], disturbed: Job, exact: float) -> None:
    """Write a plot of each job to demo-output/."""
    OUTPUT.mkdir(exist_ok=True)
    for job in jobs:
        job.plot(OUTPUT / f"{job.name}.png")
    drawing.draw(disturbed.document, {"e_exact": exact}, OUTPUT / "tfim.png")


def heading(console: Console, text: str) -> None:
    """Print a heading."""
    console.print(f"\n{text}", style="bold", highlight=False)


def run(console: Console, data: Path) -> None:
    """Run everything between start and stop of the stack."""
    with Client() as client:
        heading(console, "eight questions, and classical answers to compare with")
        for one in QUESTIONS:
            console.print(f"  {one.job.split('.')[0]:<12} {ASKED[one.job]}", highlight=False)
        first = client.submit(EXAMPLES / "h2.yaml").wait().result()
        told = f"{first.energy:.6f} hartree in {first.wall_time_s or 0.0:.1f} s"
        console.print(f"  h2           warming up, the workers import SciPy: {told}", highlight=False)
        jobs = ask(client, console)
        repeated = client.submit(EXAMPLES / "lih.yaml").wait()
        heading(console, "a VQE of 12 spins from 4 starts; a worker process dies in its middle")
        disturbed, exact = disturb(client, console)
        heading(console, "a migration to post-quantum algorithms, and one taken back")
        migrate(client, data, console)
        heading(console, "results")
        console.print(summary(jobs, repeated, disturbed, exact), highlight=False)
        energy = exact.result().value["eigenvalues"][0]
        plots([jobs[one.job] for one in QUESTIONS[:4]], disturbed, energy)
        console.print(f"plots: {OUTPUT.relative_to(ROOT)}/*.png", highlight=False)


def main() -> int:
    """Run the demo; return the exit status."""
    console, began, stack, succeeded = Console(), time.monotonic(), Stack(), False
    try:
        stack.command("up", "--detach")
        run(console, stack.data)
        succeeded = True
    except (NovaCronError, subprocess.CalledProcessError, SystemExit) as error:
        print(f"demo: {error}", file=sys.stderr)
    finally:
        stack.stop(succeeded)
    if succeeded:
        console.print(f"demo: done in {time.monotonic() - began:.0f} s", highlight=False)
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
