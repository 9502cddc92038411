"""`cost`: use of providers' devices by a job, or by a tenant."""

from __future__ import annotations

from typing import Annotated

import typer

from novacron import _units
from novacron.cli import output


def cost(
    job_id: Annotated[str | None, typer.Argument(metavar="ID", help="Job id; default: all jobs.")] = None,
    tenant: Annotated[
        str | None, typer.Option(help="Another tenant than that of the token; for operators.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Date or time as in ISO 8601, UTC by default.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """Show the use of devices and its price: of a job, or of a tenant since some day."""
    from novacron.cli.tables import table_of
    from novacron.errors import BadInput

    if job_id is not None and (tenant or since):
        raise BadInput("is of all jobs, and one is named", field="--tenant" if tenant else "--since")
    costs = output.client().costs
    found = costs.total(tenant=tenant, since=since) if job_id is None else costs.of(job_id)
    if as_json:
        return output.emit(found)
    heads = ("backend", "device", "submissions", "circuits", "shots", "reserved", "charged", "USD", "open")
    table = table_of(*heads)
    for one in found["devices"]:
        charged, usd = one["charged_s"], one["charged_usd"]
        table.add_row(
            one["backend"], one["device"], f"{one['n_tasks']:,}", f"{one['n_circuits']:,}",
            f"{one['n_shots']:,}", _units.duration(one["reserved_s"]),
            "" if charged is None else _units.duration(charged), "" if usd is None else f"{usd:.2f}",
            str(one["n_open"]),
        )  # fmt: skip
    output.console().print(table)
    price = "unknown price" if found["usd"] is None else f"{found['usd']:.2f} USD"
    output.say(f"{found['tenant']}: {_units.duration(found['qpu_s'])} of devices, {price}")
