"""`backends`, `workers` and `token`: what there is to run on, and who may."""

from __future__ import annotations

from typing import Annotated

import typer

from novacron.cli import output

token = typer.Typer(help="Tokens for the API.", no_args_is_help=True)


def backends(as_json: output.AsJson = False) -> None:
    """List the backends, whether each can be used, and its limits."""
    found = output.client().backends()
    if as_json:
        return output.emit({"backends": found})
    from novacron.cli import tables

    output.console().print(tables.backends(found))


def workers(as_json: output.AsJson = False) -> None:
    """List the workers and the queues."""
    found = output.client().workers()
    if as_json:
        return output.emit(found)
    from novacron.cli import tables

    output.console().print(tables.workers(found), tables.queues(found))


@token.callback()
def _token() -> None:
    """Tokens for the API."""


@token.command()
def create(
    name: Annotated[str, typer.Option(help="What or whom it is for.")],
    role: Annotated[str, typer.Option(help="submit, read or admin.")],
    tenant: Annotated[str | None, typer.Option(help="Whose jobs it sees; else the caller's own.")] = None,
    expires_s: Annotated[float | None, typer.Option(help="Seconds until it expires.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Create a token; it is shown this once."""
    made = output.client().create_token(name, role, tenant=tenant, expires_s=expires_s)
    if as_json:
        return output.emit(made)
    output.notice(f"token {made['name']}, role {made['role']}, tenant {made.get('tenant')}: shown this once")
    output.say(made["token"])
