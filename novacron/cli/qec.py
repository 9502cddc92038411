"""`qec`: studies of quantum error correction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.submit import follow
from novacron.errors import BadInput

if TYPE_CHECKING:
    from novacron.client import Job

app = typer.Typer(help="Quantum error correction: codes and logical error rates.", no_args_is_help=True)
MOST_VALUES = 1000
Aim = Annotated[str | None, typer.Option("--aim", help="What max-seconds are spent on: threshold or lambda.")]
Stratified = Annotated[
    bool, typer.Option("--stratified", help="Draw shots by number of faults: for rates below 0.001.")
]
Reweighted = Annotated[
    bool, typer.Option("--reweighted", help="The same, with the shots of the lowest p for all p.")
]


@app.command()
def memory(
    code: Annotated[str | None, typer.Option("--code", help="Family of codes, rotated_surface say.")] = None,
    circuit: Annotated[
        Path | None, typer.Option("--circuit", metavar="FILE.stim", help="An annotated circuit, not a code.")
    ] = None,
    distance: Annotated[str | None, typer.Option("--distance", help="Code distances, 3,5,7 say.")] = None,
    p: Annotated[
        str | None,
        typer.Option("--p", help="Physical error probabilities: 0.001,0.002 or FIRST:LAST:COUNT."),
    ] = None,
    noise: Annotated[
        str | None,
        typer.Option("--noise", help="uniform, si1000 or fake:DEVICE; that of the code by default."),
    ] = None,
    rounds: Annotated[int | None, typer.Option("--rounds", help="Rounds; the distance by default.")] = None,
    basis: Annotated[str | None, typer.Option("--basis", help="Basis of the stored state: z or x.")] = None,
    decoder: Annotated[
        str | None, typer.Option("--decoder", help="Decoders; that of the code by default.")
    ] = None,
    max_errors: Annotated[int | None, typer.Option("--max-errors", help="Errors that end a point.")] = None,
    max_shots: Annotated[int | None, typer.Option("--max-shots", help="Shots that end a point.")] = None,
    relative_error: Annotated[
        float | None, typer.Option("--relative-error", help="Relative standard error that ends a point.")
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option("--max-seconds", help="Processor seconds that end the job.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of all shots.")] = None,
    counts: Annotated[
        Path | None,
        typer.Option("--counts", metavar="FILE.csv", help="Counts of sinter to begin with."),
    ] = None,
    aim: Aim = None,
    stratified: Stratified = False,
    reweighted: Reweighted = False,
    as_json: output.AsJson = False,
) -> None:
    """Measure logical error rates of a code or circuit; counts of earlier jobs are continued."""
    from novacron.specs import QECMemory

    asked: dict[str, Any] = {
        "code": code,
        "circuit": circuit,
        "distance": distance and [_number(part, int, "--distance") for part in distance.split(",")],
        "p": p and probabilities(p),
        "circuit_noise": noise,
        "rounds": rounds,
        "basis": basis,
        "decoder": decoder.split(",") if decoder else None,
        "max_errors": max_errors,
        "max_shots": max_shots,
        "relative_error": relative_error,
        "max_seconds": max_seconds,
        "seed": seed,
        "counts": counts,
        "aim": aim,
        "sampling": _sampling(stratified, reweighted),
    }
    spec = QECMemory(**{name: value for name, value in asked.items() if value is not None})
    follow(output.client().submit(spec), as_json, _document)


@app.command()
def code(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Family of codes, rotated_surface say.")],
    distance: Annotated[
        int | None, typer.Option("--distance", help="Code distance; the smallest by default.")
    ] = None,
    path: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE.png", help="PNG file with a picture.")
    ] = None,
    force: output.Force = False,
    as_json: output.AsJson = False,
) -> None:
    """Show a code: [[n, k, d]], its picture, stabilizers and logical operators. Needs no scheduler."""
    from novacron import codes
    from novacron.codes.text import drawn

    destination = None if path is None else output.picture(path, force, as_json=as_json)
    found = codes.code(name, distance)
    if destination is not None:
        from novacron.plots import code as picture

        destination.write(picture.draw(found).png)
    if as_json:
        return output.emit(found.document)
    if destination is None or not destination.is_stdout:
        output.say("\n".join(drawn(found)))
    if destination is not None:
        output.told(destination)


@app.command()
def export(
    job_id: output.JobId,
    path: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.csv", help="Output file; - is standard output.")
    ] = Path("-"),
    force: output.Force = False,
) -> None:
    """Write the counts of a study as a CSV file of sinter."""
    from novacron import sinter_csv

    destination = output.destination(path, force)
    job = output.client().job(job_id).wait()
    output.end(job.document)
    points = (job.document["result"] or {}).get("points")
    if points is None:
        raise BadInput("is no study of error correction", field="job", value=job_id)
    if any(point.get("sampling", "direct") != "direct" for point in points):
        rule = "was not sampled directly: its shots are no counts of sinter"
        raise BadInput(rule, field="job", value=job_id)
    destination.write(sinter_csv.written(points).encode())
    output.told(destination)


def _sampling(stratified: bool, reweighted: bool) -> str | None:
    if stratified and reweighted:
        raise BadInput("cannot stand beside --stratified", field="--reweighted", hint="leave one of them out")
    return "stratified" if stratified else "reweighted" if reweighted else None


def probabilities(text: str) -> list[float]:
    """Return the probabilities in `0.001,0.002` or in `first:last:count`, which is evenly spaced.

    Raises:
        BadInput: it is neither.
    """
    if ":" not in text:
        return [_number(part, float, "--p") for part in text.split(",")]
    parts = text.split(":")
    if len(parts) != 3:
        raise BadInput("must be FIRST:LAST:COUNT", field="--p", value=text, hint="0.001:0.01:10 say")
    first, last = (_number(part, float, "--p") for part in parts[:2])
    count = _number(parts[2], int, "--p")
    if not 2 <= count <= MOST_VALUES:
        raise BadInput(f"the count must be 2 to {MOST_VALUES}", field="--p", value=text)
    step = (last - first) / (count - 1)
    return [float(f"{first + step * k:.12g}") for k in range(count)]


def _number(text: str, kind: type[Any], field: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise BadInput(f"must be {what}", field=field, value=text) from None


def _document(job: Job) -> dict[str, Any]:
    """Return the result with the job's id and status."""
    document = job.document
    told = {name: document.get(name) for name in ("job_id", "status", "error_message")}
    return told | (document.get("result") or {})
