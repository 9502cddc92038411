"""`backends` and `workers`: where jobs can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.errors import BadInput

if TYPE_CHECKING:
    from novacron.client import Client


Circuit = Annotated[
    Path | None,
    typer.Option("--for", metavar="FILE", help="Rank the devices for this circuit (.qasm, .qasm3)."),
]


def backends(as_json: output.AsJson = False, circuit: Circuit = None) -> None:
    """List the backends and devices with their availability and limits."""
    client = output.client()
    found = client.backends()
    if circuit is not None:
        return _ranked(client, circuit, found, as_json=as_json)
    if as_json:
        return output.emit({"backends": found})
    from novacron.cli import device_tables, tables

    devices = [one for one in found if one.get("calibration")]
    output.console().print(tables.backends(one for one in found if not one.get("calibration")))
    if devices:
        output.console().print(device_tables.devices(devices))


def _ranked(client: Client, path: Path, found: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print the devices that a circuit fits, best first: by success probability, queue and price."""
    from novacron.inputs.text import read_text
    from novacron.specs import Classical

    wanted = Classical(function="rank_devices", arguments={"circuit": read_text(path)})
    try:
        asked = client.submit(wanted).wait()
    except BadInput as error:
        if error.field == "arguments.circuit":
            error.field, error.file = None, str(path)
        raise
    output.end(asked.document)
    value = asked.document["result"]["value"]
    queues = {one["name"]: one["queue_length"] for one in found}
    rows = [row | {"queue_length": queues.get(row["name"]), "usd": 0.0} for row in value["devices"]]
    rows.sort(key=lambda row: (-row["success_probability"], row["queue_length"] or 0, row["usd"]))
    if as_json:
        return output.emit({"devices": rows, "too_small": value["too_small"]})
    from novacron.cli import device_tables

    output.console().print(device_tables.ranked(rows))
    if value["too_small"]:
        output.notice(f"{value['too_small']} devices are too small for it")


def workers(as_json: output.AsJson = False) -> None:
    """List the workers and the queues."""
    found = output.client().workers()
    if as_json:
        return output.emit(found)
    from novacron.cli import tables

    output.console().print(tables.workers(found), tables.queues(found))
