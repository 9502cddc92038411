"""`logs`: log lines of the scheduler and workers about a job."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron._text import on_one_line
from novacron.cli import output

if TYPE_CHECKING:
    from novacron.answers.log_line import LogLine
    from novacron.client import Job

LOOK_S = 0.5
WHOSE = ("task", "attempt", "worker", "trace_id")


def logs(
    job_id: output.JobId,
    follow: Annotated[
        bool, typer.Option("--follow", help="Print new lines until the job has ended.")
    ] = False,
    as_json: output.AsJson = False,
) -> None:
    """Print the latest log lines of a job, oldest first; with --json, as one array."""
    found = _lines(output.client().job(job_id), follow)
    if not as_json:
        for line in found:
            output.say(_shown(line))
        return
    opening = "["
    for line in found:
        output.say(opening + json.dumps(line), end="")
        opening = ",\n"
    output.say("[]" if opening == "[" else "]")


def _lines(job: Job, follow: bool) -> Iterator[LogLine]:
    """Yield each line once; lines dropped from the ring buffer between two polls are missed."""
    reached = 0
    while True:
        found = job.logs(after=reached)
        yield from found
        if not follow or found.ended:
            return
        reached = found[-1]["number"] if found else reached
        time.sleep(LOOK_S)


def _shown(line: LogLine) -> str:
    """Return a line as text, followed by the lines of its traceback."""
    named = {name: line[name] for name in WHOSE if line[name] is not None}
    pairs = [f"{on_one_line(name)}={_quoted(value)}" for name, value in (line["facts"] | named).items()]
    head = [line["time"], line["level"].upper(), line["logger"], on_one_line(line["event"]), *pairs]
    traceback = [f"    {on_one_line(one)}" for one in (line["exception"] or "").splitlines()]
    return "\n".join([" ".join(head), *traceback])


def _quoted(value: Any) -> str:
    """Return a value quoted so that it cannot be read as another pair or line."""
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return json.dumps(text, ensure_ascii=False) if not text or {*text} & {*' "=\n\r'} else text
