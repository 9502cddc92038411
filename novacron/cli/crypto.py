"""`crypto`: post-quantum keys as jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from novacron.cli import output

app = typer.Typer(help="Post-quantum cryptography as jobs.", no_args_is_help=True)


@app.command()
def algorithms(as_json: output.AsJson = False) -> None:
    """List the algorithms on offer."""
    found = output.client().algorithms()
    if as_json:
        return output.emit(found)
    from novacron.cli import tables

    output.console().print(tables.algorithms(found))


@app.command()
def keygen(
    algorithm: Annotated[str, typer.Argument(help="ML-KEM-768 for instance; see `crypto algorithms`.")],
    as_json: output.AsJson = False,
) -> None:
    """Generate a key pair and print what the operation returns."""
    spec = {"kind": "cryptographic", "operation": "generate_keypair", "algorithm": algorithm}
    job = output.client().submit(spec).wait().document
    if as_json:
        output.emit(job)
    output.end(job)
    if not as_json:
        from novacron.cli import tables

        output.console().print(tables.summary(job, {}))
