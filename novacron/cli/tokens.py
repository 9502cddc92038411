"""`token`: access to the scheduler and roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from novacron.cli import output

app = typer.Typer(help="Manage API tokens.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Token id; see `token list`.")]
Expires = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Lifetime: seconds, or a duration such as 90d; unlimited if omitted."),
]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="Name of the token: its user or purpose.")],
    role: Annotated[str, typer.Option(help="Role: read, submit, admin or operator.")],
    tenant: Annotated[str | None, typer.Option(help="Tenant of the token; the caller's if omitted.")] = None,
    expires_s: Expires = None,
    as_json: output.AsJson = False,
) -> None:
    """Create a token; it is shown only once."""
    _show(output.client().tokens.create(name, role, tenant=tenant, expires_s=expires_s), as_json)


@app.command("list")
def list_(
    tenant: Annotated[
        str | None,
        typer.Option(help="Tenant whose tokens are listed, for operators; the caller's if omitted."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries.")] = 50,
    as_json: output.AsJson = False,
) -> None:
    """List the tenant's tokens, newest first: role, last use, expiry."""
    found = output.client().tokens(tenant=tenant, limit=limit)
    if as_json:
        return output.emit({"tokens": found})
    _table(found)


@app.command()
def revoke(token_id: Id, as_json: output.AsJson = False) -> None:
    """Revoke a token and cancel its recurring jobs: watches, renewals and unattended plans."""
    ended = output.client().tokens.revoke(token_id)
    if as_json:
        return output.emit(ended)
    output.say(f"token {ended['token_id']} ({ended['name']}) is {ended['status']}")
    for job_id in ended["cancelled_jobs"]:
        output.notice(f"its recurring job {job_id} is cancelled; submit it again if it is still needed")


@app.command()
def rotate(
    token_id: Id,
    grace_s: Annotated[
        float, typer.Option(min=0, help="Seconds for which the old token remains valid.")
    ] = 0.0,
    expires_s: Expires = None,
    as_json: output.AsJson = False,
) -> None:
    """Replace a token with a new one of the same name and role; it is shown only once."""
    _show(output.client().tokens.rotate(token_id, grace_s=grace_s, expires_s=expires_s), as_json)


def _show(made: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        return output.emit(made)
    end = f", until {_minute(made['expires_at'])}" if made.get("expires_at") else ""
    output.notice(
        f"token {made['token_id']} ({made['name']}), role {made['role']}, tenant {made['tenant']}{end}:"
        " shown only once"
    )
    output.say(made["token"])


def _table(found: Iterable[Mapping[str, Any]]) -> None:
    from novacron.cli.tables import table_of

    table = table_of("token", "name", "role", "status", "created (UTC)", "last used (UTC)", "expires (UTC)")
    for one in found:
        moments = (_minute(one[name]) for name in ("created_at", "last_used_at", "expires_at"))
        table.add_row(one["token_id"], one["name"], one["role"], one["status"], *moments)
    output.console().print(table)


def _minute(moment: str | None) -> str:
    return (moment or "never")[:16].replace("T", " ")
