"""`jobs`, `job`, `result`, `events`, `export` and `plot`: inspecting submitted jobs."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.submit import follow
from novacron.errors import BadInput, NotFound

if TYPE_CHECKING:
    from novacron.client import Client
    from novacron.plots.drawing import Picture


class Circuit(StrEnum):
    """Export format of a circuit."""

    QASM3 = "qasm3"
    QPY = "qpy"


Status = Annotated[
    list[str] | None,
    typer.Option(
        help="List only jobs of this status: queued, running, completed, failed or cancelled; repeatable."
    ),
]
Kind = Annotated[
    list[str] | None, typer.Option(help="List only jobs of this kind, for example hybrid_vqe; repeatable.")
]
Tag = Annotated[list[str] | None, typer.Option(help="Only jobs with this tag; repeatable.")]
Name = Annotated[str | None, typer.Option(help="Only jobs of this name; * stands for any text.")]


def jobs(
    status: Status = None,
    kind: Kind = None,
    tag: Tag = None,
    name: Name = None,
    find: Annotated[
        str | None, typer.Option("--find", metavar="TEXT", help="Text in the name, id, a tag or the error.")
    ] = None,
    sweep: Annotated[str | None, typer.Option(metavar="ID", help="List the jobs of this sweep.")] = None,
    session: Annotated[str | None, typer.Option(metavar="ID", help="List the calls of this session.")] = None,
    sessions: Annotated[
        bool, typer.Option("--sessions", help="List sessions, one a line, instead of jobs.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries.")] = 50,
    as_json: output.AsJson = False,
) -> None:
    """List the tenant's jobs, newest first."""
    if sessions:
        if status or kind or tag or find or sweep or session:
            raise BadInput("goes with --name and --limit alone", field="--sessions")
        return _sessions(name, limit, as_json)
    listed = output.client().jobs(
        status=status, kind=kind, tag=tag, name=name, q=find, sweep=sweep, session=session, limit=limit
    )
    found = [job.document for job in listed]
    if as_json:
        return output.emit({"jobs": found})
    from novacron.cli import tables

    output.console().print(tables.jobs(found))


def _sessions(name: str | None, limit: int, as_json: bool) -> None:
    found = output.client().sessions.list(name=name, limit=limit)
    if as_json:
        return output.emit({"sessions": found})
    from novacron.cli import session_tables

    output.console().print(session_tables.sessions(found))


def job(
    job_id: output.JobId,
    watch: Annotated[bool, typer.Option("--watch", help="Follow the job until it ends.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Show a job."""
    found = output.client().job(job_id)
    if watch:
        return follow(found, as_json)
    if as_json:
        return output.emit(found.document)
    from novacron.cli import watch as view

    view.show(found)


def result(
    job_id: output.JobId,
    as_json: output.AsJson = False,
    sign: Annotated[
        bool, typer.Option("--sign", help="Print the signed result as JSON, for `novacron verify`.")
    ] = False,
) -> None:
    """Wait for a job and print its result; with --json, print the job document if it failed."""
    found = output.client().job(job_id).wait()
    if sign:
        output.end(found.document)
        return output.emit(_signed(found.id))
    completed = found.status == "completed"
    if as_json:
        output.emit(found.document["result"] if completed else found.document)
    output.end(found.document)
    if not as_json:
        from novacron.cli import tables

        output.console().print(tables.summary(found.document, found.references()))


def _signed(job_id: str) -> dict[str, Any]:
    """Return the signed result; if the stack is this machine's own, trust its key from now on."""
    from novacron._transport.endpoint import data_folder, embedded_url
    from novacron.crypto import verify_result
    from novacron.crypto.trust import trust

    client = output.client()
    document = client.envelopes.sign_result(job_id)
    if client.url == embedded_url():
        trust(data_folder(), verify_result(document).key)
    return document


def events(
    job_id: output.JobId,
    from_: Annotated[int, typer.Option("--from", min=1, help="Number of the first event to print.")] = 1,
    follow: Annotated[bool, typer.Option("--follow", help="Print new events until the job ends.")] = False,
    as_json: output.AsJson = False,
) -> None:
    """Print a job's events, one per line; with --json, as one array."""
    found = output.client().job(job_id).stream(from_, follow=follow)
    if not as_json:
        for event in found:
            output.say(f"{event.ordinal:>6}  {event.kind:<11}  {json.dumps(event.data)}")
        return
    opening = "["
    for event in found:
        output.say(opening + json.dumps(asdict(event)), end="")
        opening = ",\n"
    output.say("[]" if opening == "[" else "]")


def export(
    job_id: output.JobId,
    circuit: Annotated[
        Circuit, typer.Option(help="Output format: OpenQASM 3 or QPY, the binary format of Qiskit.")
    ] = Circuit.QASM3,
    path: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Output file; standard output if omitted."),
    ] = None,
    force: output.Force = False,
) -> None:
    """Export a job's circuit with its optimized parameters; qubit i of the job is q[i]."""
    if path is None and circuit is Circuit.QPY:
        raise BadInput("a binary format needs a file", field="--output", hint=f"-o {job_id}.qpy")
    destination = output.chosen(path, force)
    found = output.client().job(job_id).wait()
    output.end(found.document)
    written = found.export(circuit=circuit.value)
    if destination is None:
        return output.say(written.decode(), end="")
    destination.write(written)
    output.told(destination)


def plot(
    job_id: output.JobId,
    path: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.png", help="PNG file to write.")],
    force: output.Force = False,
) -> None:
    """Wait for a job and draw its result; of a session, the first value of each call."""
    destination = output.picture(path, force)
    client = output.client()
    try:
        found = client.job(job_id).wait()
    except NotFound as missing:
        destination.write(_curve(client, job_id, missing).png)
        return output.told(destination)
    output.end(found.document)
    destination.write(found.plot().png)
    output.told(destination)


def _curve(client: Client, session_id: str, missing: NotFound) -> Picture:
    """Draw the curve of a session; `missing` is raised where there is none."""
    from novacron.plots import calls

    try:
        found = client.sessions.get(session_id)
    except NotFound:
        raise missing from None
    return calls.draw(found.name, client.sessions.calls(session_id))
