"""`compile`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    as_json: output.AsJson = False,
) -> None:
    """Compile a circuit for a device, and show it before and after."""
    from novacron.inputs.jobfile import JobFile

    if backend is None and file.suffix.lower() not in (".yaml", ".yml", ".json"):
        raise BadInput("is required for a circuit", field="--backend", hint="for example fake:manila")
    given = {"backend": backend, "optimization_level": level, "routing": routing, "kind": "compile"}
    described = JobFile(file, {key: str(value) for key, value in given.items() if value is not None})
    spec = described.spec()
    with described.blamed():
        job = output.client().submit(spec)
    with output.left_running(job):
        job.wait()
    if as_json:
        output.emit(_document(job.document))
    output.end(job.document)
    if not as_json:
        _show(job.document)


def _document(job: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job, with the metadata of its result at the top as well."""
    return {**job, "metadata": (job.get("result") or {}).get("metadata")}


def _show(job: Mapping[str, Any]) -> None:
    from novacron.cli import compilation

    console = output.console()
    for part in compilation.report(job):
        console.print(part)
