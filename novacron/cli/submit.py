"""`submit` and `explain`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from novacron.cli import output
from novacron.errors import BadInput

if TYPE_CHECKING:
    from novacron.client import Job
    from novacron.inputs.jobfile import JobFile
    from novacron.json_types import JsonObject

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Job files (.yaml, .json) or circuits (.qasm, .qasm3)."),
]
File = Annotated[
    Path, typer.Argument(metavar="FILE", help="Job file (.yaml, .json) or circuit (.qasm, .qasm3).")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a field of the job file, for example optimizer.name=adam; repeatable.",
    ),
]

Over = Annotated[
    list[str] | None,
    typer.Option(
        "--over",
        metavar="KEY=VALUES",
        help="Sweep over a field: seed=0..4, optimizer=lbfgs,spsa, hamiltonian.h=0.1:2:20; repeatable.",
    ),
]


def submit(
    files: Files,
    watch_: Annotated[bool, typer.Option("--watch", help="Follow the job until it ends.")] = False,
    as_json: output.AsJson = False,
    set_: Set = None,
    over: Over = None,
) -> None:
    """Submit a job, or several by one request, all or none; with --over, a sweep of each."""
    if len(files) > 1:
        return _several([_described(file, set_, over) for file in files], watch_, as_json)
    described = _described(files[0], set_, over)
    spec = described.spec()
    with described.blamed():
        job = output.client().submit(spec)
    if watch_:
        return follow(job, as_json)
    if as_json:
        output.emit(job.document)
    else:
        output.say(said(job))
    output.end(job.document)


def _several(described: Sequence[JobFile], watch_: bool, as_json: bool) -> None:
    """Submit jobs by one request; with `watch_`, wait for all of them."""
    from novacron.inputs.spec import each_blamed

    specs = [one.spec() for one in described]
    with each_blamed([one.blamed for one in described]):
        jobs = output.client().submit_many(specs)
    for job in jobs if not as_json else ():
        output.say(said(job))
    for job in jobs if watch_ else ():
        job.wait()
        if not as_json:
            output.say(f"job {job.id} {job.status}")
    if as_json:
        output.emit({"jobs": [job.document for job in jobs]})
    for job in jobs:
        output.end(job.document)


def said(job: Job) -> str:
    """Return what is told of a job that was accepted."""
    if job.kind != "sweep":
        seen, state = f"see it with: novacron result {job.id}", f"job {job.id} {job.status}"
    else:
        seen, cached = f"see it with: novacron table {job.id}", job.document["n_cached"]
        state = f"sweep {job.id} {job.status}: {job.document['n_jobs']:,} jobs, {cached:,} from the cache"
    return f"{state}; {seen if job.ended else f'follow it with: novacron job {job.id} --watch'}"


def explain(file: File, as_json: output.AsJson = False, set_: Set = None, over: Over = None) -> None:
    """Show the plan of a job without submitting it: tasks, placement with reasons, estimated cost."""
    described = _described(file, set_, over)
    spec = described.spec()
    with described.blamed():
        plan = output.client().explain(spec)
    if as_json:
        return output.emit(plan)
    from novacron.cli import tables

    output.console().print(*tables.plan(plan))


def follow(job: Job, as_json: bool, document: Callable[[Job], JsonObject] = attrgetter("document")) -> None:
    """Watch a job to its end, as JSON or on the terminal; Ctrl-C leaves it running.

    Args:
        job: the job.
        as_json: whether to print JSON.
        document: the ended job -> the document to print.

    Raises:
        Exit: status 1, the job failed or was cancelled; 130, the user stopped watching.
    """
    with output.left_running(job):
        try:
            if as_json:
                job.wait()
            else:
                from novacron.cli import watch

                watch.watch(job)
        except KeyboardInterrupt:
            if as_json:
                output.emit(job.document)
            raise
    if as_json:
        output.emit(document(job))
    output.end(job.document)


def _described(file: Path, changes: list[str] | None, over: list[str] | None) -> JobFile:
    from novacron.inputs import jobfile
    from novacron.inputs.over import axes

    return jobfile.JobFile(file, dict(map(_change, changes or [])), axes(over or []))


def _change(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise BadInput("must be KEY=VALUE", field="--set", value=text)
    return key.strip(), value
