"""`tenant`: tenants and their shares of the workers; for operators."""

from __future__ import annotations

from typing import Annotated

import typer

from novacron.cli import output

app = typer.Typer(help="Manage tenants and their shares of worker time; for operators.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="TENANT", help="Tenant name; a tenant of a new name is created.")
]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of entries.")] = 50,
    as_json: output.AsJson = False,
) -> None:
    """List the tenants by name: weight, active tokens, unfinished jobs."""
    from novacron.cli.tables import table_of

    found = output.client().tenants(limit=limit)
    if as_json:
        return output.emit({"tenants": found})
    table = table_of("tenant", "weight", "active tokens", "unfinished jobs")
    for one in found:
        table.add_row(
            one["tenant"], f"{one['weight']:g}", str(one["active_tokens"]), str(one["unfinished_jobs"])
        )
    output.console().print(table)


@app.command("set-weight")
def set_weight(
    name: Name,
    weight: Annotated[float, typer.Argument(help="Weight, above 0; new tenants have 1.")],
    as_json: output.AsJson = False,
) -> None:
    """Set a tenant's share of worker time relative to others, within one priority."""
    made = output.client().tenants.set(name, weight)
    if as_json:
        return output.emit(made)
    output.say(f"tenant {made['tenant']} has weight {made['weight']:g}")
