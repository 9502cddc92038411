"""`compile`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from novacron.destination import Destination

File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A circuit (.qasm, .qasm3) or a compile job file.")
]


def compile(
    file: File,
    backend: Annotated[str | None, typer.Option("--backend", help="The device, such as fake:manila.")] = None,
    level: Annotated[int | None, typer.Option("--level", help="Optimization level, 0 to 3.")] = None,
    routing: Annotated[
        str | None, typer.Option("--routing", help="sabre, qiskit_sabre, lookahead or basic.")
    ] = None,
    free_order: Annotated[
        bool, typer.Option("--free-order", help="Execute Pauli rotations in any order.")
    ] = False,
    draw: Annotated[
        bool, typer.Option("--draw", help="Draw the circuit before and after, in text or on FILE.png.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Argument(metavar="FILE.png", help="With --draw: the PNG file to write.")
    ] = None,
    force: output.Force = False,
    as_json: output.AsJson = False,
) -> None:
    """Compile a circuit for a device, and show it before and after."""
    from novacron.inputs.jobfile import JobFile

    canvas = _canvas(draw, picture, force, as_json)

    if backend is None and file.suffix.lower() not in (".yaml", ".yml", ".json"):
        raise BadInput("is required for a circuit", field="--backend", hint="for example fake:manila")
    given: dict[str, object] = {
        "backend": backend,
        "optimization_level": level,
        "routing": routing,
        "kind": "compile",
    }
    if free_order:
        given["free_order"] = True
    described = JobFile(file, {key: str(value) for key, value in given.items() if value is not None})
    spec = described.spec()
    with described.blamed():
        job = output.client().submit(spec)
    with output.left_running(job):
        job.wait()
    if as_json:
        output.emit(job.document)
    output.end(job.document)
    if not as_json:
        _show(job.document, in_text=draw and canvas is None)
    if canvas is not None:
        canvas.write(job.plot().png)
        if not as_json:
            output.told(canvas)


def _canvas(draw: bool, picture: Path | None, force: bool, as_json: bool) -> Destination | None:
    """Return where the picture is to be written, None for none.

    Raises:
        BadInput: a file without --draw, or a drawing in text beside JSON.
    """
    if picture is None:
        if draw and as_json:
            rule = "prints a drawing in text, and --json prints JSON"
            raise BadInput(rule, field="--draw", hint="name a PNG file: --draw FILE.png")
        return None
    if not draw:
        hint = f"--draw {picture}, for a picture"
        raise BadInput("is one argument too many", value=str(picture), hint=hint)
    return output.picture(picture, force, field="--draw", as_json=as_json)


def _show(job: Mapping[str, Any], *, in_text: bool) -> None:
    from novacron.cli import circuit_text, compilation

    console = output.console()
    for line in circuit_text.drawings(job, console.width) if in_text else ():
        output.say(line)
    for part in compilation.report(job):
        console.print(part)
