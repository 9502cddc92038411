"""`tenant`: tenants and their shares of the workers; for operators."""

from __future__ import annotations

from typing import Annotated

import typer

from novacron.cli import output

app = typer.Typer(help="Tenants and their part of the workers' time, for operators.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="TENANT", help="Its name; a new one is made.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
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
    weight: Annotated[float, typer.Argument(help="Above 0; others have 1 unless they were given another.")],
    as_json: output.AsJson = False,
) -> None:
    """Set a tenant's share of worker time relative to others, within one priority."""
    made = output.client().tenants.set(name, weight)
    if as_json:
        return output.emit(made)
    output.say(f"tenant {made['tenant']} has weight {made['weight']:g}")
