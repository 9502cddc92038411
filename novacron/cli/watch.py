"""The live display of a job, and the same view of an ended one."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from novacron._text import on_one_line, printable
from novacron._view import ending, known
from novacron.cli import chart, output, rates, tables, values
from novacron.cli.progress import SETTLED, Progress

if TYPE_CHECKING:
    from novacron._transport.stream import Event
    from novacron.client import Job

CHART_ROWS = 10
FRAMES_PER_S = 8
ENOUGH_TO_SCALE = 3
INDISTINCT = 1 / (4 * CHART_ROWS)
SMALLEST_ERROR = 1e-12
CHEMICAL_ACCURACY_MHA = 1.6
REMARK_STYLES = {"notice": "dim", "warning": "yellow"}
STATUS_STYLES = {"completed": "green", "failed": "red", "cancelled": "yellow", "running": "cyan"}


def watch(job: Job) -> None:
    """Show a job live until it ends, then its summary; `job` is up to date afterwards."""
    console = output.console()
    progress = Progress(job.refresh().document)
    remarks = Remarks(console)
    if console.is_terminal:
        _draw(job, progress, remarks)
    else:
        _tell(job, progress, remarks)
    _close(job.wait(), progress, remarks)


class Remarks:
    """Prints notices and warnings, each once, as soon as it is known."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.told: set[str] = set()

    def take(self, event: Event) -> None:
        """Print an event that is a notice or a warning."""
        if event.kind in REMARK_STYLES:
            self.tell(event.kind, str(event.data.get("message")))

    def tell(self, kind: str, message: str) -> None:
        """Print a notice or a warning, unless it was printed before."""
        if message not in self.told:
            self.told.add(message)
            self.console.print(Text(printable(f"{kind}: {message}"), REMARK_STYLES[kind]))


def _draw(job: Job, progress: Progress, remarks: Remarks) -> None:
    console = remarks.console
    lock, began = threading.Lock(), time.monotonic()

    def frame() -> RenderableType:
        with lock:
            elapsed_s = progress.age_s
            if progress.status not in SETTLED:
                elapsed_s = max(elapsed_s, time.monotonic() - began)
            return view(progress, console, elapsed_s)

    with Live(get_renderable=frame, console=console, refresh_per_second=FRAMES_PER_S):
        for event in job.stream():
            with lock:
                progress.take(event)
            remarks.take(event)


def _tell(job: Job, progress: Progress, remarks: Remarks) -> None:
    """Without a terminal: print a line when the job is queued, one per remark, and one when it has ended."""
    printed = set()
    for event in job.stream():
        progress.take(event)
        remarks.take(event)
        if event.kind == "job" and progress.status != "running" and progress.status not in printed:
            printed.add(progress.status)
            remarks.console.print(f"job {job.id} {progress.status}")
    if job.wait().status not in printed:
        remarks.console.print(f"job {job.id} {job.status}")


def show(job: Job) -> None:
    """Print a job's progress or summary."""
    console = output.console()
    progress = Progress(job.document)
    for event in job.stream(follow=False):
        progress.take(event)
    progress.status = job.status
    console.print(view(progress, console))
    _close(job, progress, Remarks(console))
    if job.status in ("failed", "cancelled"):
        console.print(Text(printable(ending(job.document)), STATUS_STYLES[job.status]))


def _close(job: Job, progress: Progress, remarks: Remarks) -> None:
    progress.references.update(known(job.document))
    for notice in progress.notices:
        remarks.tell("notice", notice)
    in_result = (job.document.get("result") or {}).get("warnings") or ()
    for warning in warnings(progress):
        if warning not in in_result:
            remarks.tell("warning", warning)
    if job.status == "completed":
        shown = tables.summary(job.document, progress.references, progress.placement, remarks.told)
        remarks.console.print(shown)


def view(progress: Progress, console: Console, elapsed_s: float | None = None) -> Group:
    """Return the view of a job: state, placement with reason, curve."""
    parts: list[RenderableType] = [_heading(progress, console, elapsed_s)]
    if progress.placement:
        parts.append(_place(progress.placement))
    if progress.jobs:
        parts.append(_jobs(progress.jobs))
    done, total = progress.tasks_done
    if total > 1:
        parts.append(_tasks(done, total))
    if progress.rates and progress.status not in SETTLED:
        parts.append(rates.curves(progress.rates))
    best = progress.best
    if best is not None:
        parts += _loop(progress, best, console)
    return Group(*parts)


def warnings(progress: Progress) -> list[str]:
    """Return the server's warnings, and those derived from the values."""
    found = list(dict.fromkeys(progress.warnings))
    if any("never left its start" in warning for warning in found):
        return found
    for loop in progress.stuck:
        which = f"start {loop + 1} of the optimizer" if progress.n_starts > 1 else "the optimizer"
        found.append(
            f"{which} never left its start: no evaluation was better than the first. "
            "Try another optimizer, ansatz or seed, or more starts"
        )
    return found


def _heading(progress: Progress, console: Console, elapsed_s: float | None) -> Table:
    job: Any = progress.job
    grid = Table.grid(expand=console.is_terminal, padding=(0, 2))
    grid.add_column(overflow="ellipsis", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    left = Text(on_one_line(str(job.get("name") or job["kind"])), "bold").append(
        f"  {job['kind']}  {job['job_id']}", "dim"
    )
    right = Text(progress.status, STATUS_STYLES.get(progress.status, ""))
    if elapsed_s is not None:
        right.append(f"  {elapsed_s:.1f} s", "dim")
        left_s = None if progress.status in SETTLED else progress.left_s(elapsed_s)
        if left_s is not None:
            right.append(f", about {_rounded(left_s)} left", "dim")
    grid.add_row(left, right)
    return grid


def _rounded(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _place(placement: Mapping[str, Any]) -> Text:
    given = (placement.get("queue"), values.backend_of(placement), placement.get("granularity"))
    where = " · ".join(str(value) for value in given if value)
    why = f": {placement['why']}" if placement.get("why") else ""
    return Text(printable(where + why), "dim")


def _jobs(counts: Mapping[str, int]) -> Table:
    total, ended = counts["total"], sum(counts[state] for state in sorted(SETTLED))
    told = [f"{counts[state]:,} {state}" for state in ("running", "failed", "cancelled") if counts[state]]
    grid = Table.grid(padding=(0, 1))
    grid.add_row(
        "jobs", ProgressBar(total=total, completed=ended, width=30), f"{ended:,}/{total:,}", ", ".join(told)
    )
    return grid


def _tasks(done: int, total: int) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row("tasks", ProgressBar(total=total, completed=done, width=30), f"{done}/{total}")
    return grid


def _loop(progress: Progress, best: tuple[int, int, float], console: Console) -> list[RenderableType]:
    loop, evaluation, value = best
    parts: list[RenderableType] = []
    if not console.options.ascii_only:
        parts += _curve(progress, loop, min(console.width, 100))
    line = Text("best ").append(f"{value:.8f}", "bold").append(f" at evaluation {evaluation}")
    if progress.n_starts > 1:
        line.append(f" of start {loop + 1} of {progress.n_starts}")
    compared = tables.compared(value, progress.references, progress.quantity)
    if compared:
        line.append("   ").append(compared, "bold")
    rate = progress.evaluations_per_s
    count = Text(f"{progress.n_evaluations} evaluations" + (f", {rate:.0f}/s" if rate else ""), "dim")
    if progress.n_starts > 1:
        ended = f", {progress.starts_ended} ended" if progress.starts_ended else ""
        count.append(f"   starts: {len(progress.loops)} of {progress.n_starts} begun{ended}")
    return [*parts, line, count]


def _curve(progress: Progress, loop: int, width: int) -> list[RenderableType]:
    """Return the curve of one start; near the exact value, its distance from it on a log scale."""
    values, quantity, exact = progress.loops[loop], progress.quantity, progress.exact
    which = f", start {loop + 1}" if progress.n_starts > 1 else ""
    if exact is not None and _near(values, exact):
        scale, unit = (1e3, "mHa") if quantity.molecular else (1.0, quantity.unit)
        errors = [max(abs(value - exact) * scale, SMALLEST_ERROR) for value in values]
        lines = {"1.6 mHa": CHEMICAL_ACCURACY_MHA} if quantity.molecular else {}
        if progress.references.get("e_hf", exact) != exact:
            lines["HF"] = abs(progress.references["e_hf"] - exact) * scale
        caption = ", ".join(filter(None, (f"error of the {quantity.name}", unit, "log scale")))
        return [Text(caption + which, "dim"), chart.draw(errors, lines, width, CHART_ROWS, log=True)]
    return [Text(quantity.label + which, "dim"), chart.draw(values, _lines(progress), width, CHART_ROWS)]


def _near(values: Sequence[float], exact: float) -> bool:
    """Return whether the last values and the exact one would share one dot of a linear axis."""
    errors = [abs(value - exact) for value in values]
    return len(values) >= ENOUGH_TO_SCALE and min(errors) < INDISTINCT * errors[0]


def _lines(progress: Progress) -> dict[str, float]:
    labels = {"e_exact": "exact", "optimum": "optimum", "e_hf": "HF"}
    return {label: progress.references[key] for key, label in labels.items() if key in progress.references}
