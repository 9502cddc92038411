"""The live display of a job, and the same picture of one that is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from novacron._view import known
from novacron.cli import chart, output, tables
from novacron.cli.progress import Progress

if TYPE_CHECKING:
    from novacron.client import Job

CHART_ROWS = 10
FRAMES_PER_S = 8
STATUS_STYLES = {"completed": "green", "failed": "red", "cancelled": "yellow", "running": "cyan"}


def watch(job: Job) -> None:
    """Show a job live until it ends, then what came of it; `job` is up to date afterwards."""
    console = output.console()
    progress, lock = Progress(job.refresh().document), threading.Lock()
    began = time.monotonic()

    def frame() -> RenderableType:
        with lock:
            return view(progress, console, time.monotonic() - began)

    if not console.is_terminal:
        console.print(f"job {job.id} {job.status}")
        _follow(job, progress, lock)
    else:
        with Live(get_renderable=frame, console=console, refresh_per_second=FRAMES_PER_S):
            _follow(job, progress, lock)
    job.wait()
    if not console.is_terminal:
        console.print(f"job {job.id} {job.status}")
    _close(job, progress, console)


def show(job: Job) -> None:
    """Print how far a job is, or what came of it."""
    console = output.console()
    progress = Progress(job.document)
    for event in job.stream(follow=False):
        progress.take(event)
    progress.status = job.status
    console.print(view(progress, console))
    _close(job, progress, console)


def _follow(job: Job, progress: Progress, lock: threading.Lock) -> None:
    for event in job.stream():
        with lock:
            progress.take(event)


def _close(job: Job, progress: Progress, console: Console) -> None:
    progress.references.update(known(job.document))
    for notice in dict.fromkeys(progress.notices):
        console.print(Text(f"notice: {notice}", "dim"))
    in_result = (job.document.get("result") or {}).get("warnings") or ()
    for warning in warnings(progress):
        if warning not in in_result:
            console.print(Text(f"warning: {warning}", "yellow"))
    if job.status == "completed":
        console.print(tables.summary(job.document, progress.references, progress.placement))


def view(progress: Progress, console: Console, elapsed_s: float | None = None) -> Group:
    """Return the picture of a job: where it stands, where it runs and why, its curve."""
    parts: list[RenderableType] = [_heading(progress, elapsed_s)]
    if progress.placement:
        parts.append(_place(progress.placement))
    done, total = progress.tasks_done
    if total > 1:
        parts.append(_tasks(done, total))
    best = progress.best
    if best is not None:
        parts += _loop(progress, best, console)
    return Group(*parts)


def warnings(progress: Progress) -> list[str]:
    """Return the server's warnings, and those that the values themselves give."""
    found = list(dict.fromkeys(progress.warnings))
    if any("never left its start" in warning for warning in found):
        return found
    for loop in progress.stuck:
        which = f"start {loop + 1} of the optimizer" if len(progress.loops) > 1 else "the optimizer"
        found.append(
            f"{which} never left its start: no evaluation was better than the first. "
            "Try another optimizer, ansatz or seed, or more starts"
        )
    return found


def _heading(progress: Progress, elapsed_s: float | None) -> Table:
    job: Any = progress.job
    grid = Table.grid(expand=True)
    grid.add_column(overflow="ellipsis", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    left = Text(str(job.get("name") or job["kind"]), "bold").append(
        f"  {job['kind']}  {job['job_id']}", "dim"
    )
    right = Text(progress.status, STATUS_STYLES.get(progress.status, ""))
    if elapsed_s is not None:
        right.append(f"  {elapsed_s:.1f} s", "dim")
    grid.add_row(left, right)
    return grid


def _place(placement: Mapping[str, Any]) -> Text:
    given = [placement.get(key) for key in ("queue", "backend", "granularity")]
    where = " · ".join(str(value) for value in given if value)
    return Text(where + (f": {placement['why']}" if placement.get("why") else ""), "dim")


def _tasks(done: int, total: int) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row("tasks", ProgressBar(total=total, completed=done, width=30), f"{done}/{total}")
    return grid


def _loop(progress: Progress, best: tuple[int, int, float], console: Console) -> list[RenderableType]:
    loop, evaluation, value = best
    parts: list[RenderableType] = []
    if not console.options.ascii_only:
        width = min(console.width, 100)
        parts.append(chart.draw(progress.loops[loop], _lines(progress), width, CHART_ROWS))
    line = Text("best ").append(f"{value:.8f}", "bold").append(f" at evaluation {evaluation}")
    if len(progress.loops) > 1:
        line.append(f" of start {loop + 1} of {len(progress.loops)}")
    compared = tables.compared(value, progress.references)
    if compared:
        line.append("   ").append(compared, "bold")
    rate = progress.evaluations_per_s
    line.append(f"   {progress.n_evaluations} evaluations" + (f", {rate:.0f}/s" if rate else ""), "dim")
    return [*parts, line]


def _lines(progress: Progress) -> dict[str, float]:
    labels = {"e_exact": "exact", "optimum": "optimum", "e_hf": "HF"}
    return {label: progress.references[key] for key, label in labels.items() if key in progress.references}
