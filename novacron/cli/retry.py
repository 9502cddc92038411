"""`retry`: failed jobs once more."""

from __future__ import annotations

from typing import Annotated

import typer

from novacron.cli import output
from novacron.cli.submit import follow, said
from novacron.errors import BadInput


def retry(
    job_id: output.JobId,
    failed: Annotated[
        bool, typer.Option("--failed", help="Of a sweep: only the jobs that did not complete.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the new job until it ends.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Submit a failed or cancelled job again, or the failed jobs of a sweep (as a new sweep)."""
    from novacron.client import SweepJob

    found = output.client().job(job_id)
    if isinstance(found, SweepJob) != failed:
        rule = "is for sweeps" if failed else "is needed for a sweep"
        raise BadInput(rule, field="--failed", hint=f"{job_id} is a {found.kind} job")
    new = found.retry_failed() if isinstance(found, SweepJob) else found.retry()
    if watch:
        return follow(new, as_json)
    output.emit(new.document) if as_json else output.say(said(new))
