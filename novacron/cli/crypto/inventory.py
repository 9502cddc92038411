"""`crypto inventory` and `crypto cbom`: where cryptography is used, and bills of materials."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto import documents
from novacron.cli.crypto.execution import finish

SHOWN_ASSETS = 200
NOTHING_LOOKED_AT = 3
"""Exit status if no target could be examined."""
_ENDPOINT = re.compile(r"([^/:@]+@)?(\[[^\]/]+\]|[^/:]+):\d{1,5}")

Cbom = Annotated[
    Path | None,
    typer.Option(
        "--cbom", metavar="FILE", help="Also write a bill of materials (CBOM, CycloneDX 1.7) to this file."
    ),
]


def inventory(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="Files and folders on the workers' machine, or servers as [NAME@]HOST:PORT.",
        ),
    ] = None,
    store: Annotated[
        bool, typer.Option("--store", help="Include the tenant's keys in the key store.")
    ] = False,
    stack: Annotated[
        bool, typer.Option("--stack", help="Include the stack's connections to PostgreSQL and Redis.")
    ] = False,
    cbom_file: Cbom = None,
    force: output.Force = False,
    as_json: output.AsJson = False,
) -> None:
    """Find cryptography in files, servers and the key store, and report quantum-vulnerable assets.

    The exit status is 3 if no target could be examined.
    """
    bill = output.chosen(cbom_file, force, field="--cbom", as_json=as_json)
    client = output.client()
    job = client.migrations.inventory(*map(_target, targets or []), store=store, stack=stack)
    finish(job, as_json=False)
    found = job.document["result"]["inventory"]
    if bill is not None:
        bill.write(_text(client.migrations.convert(found)))
    if as_json:
        output.emit(found)
    elif bill is None or not bill.is_stdout:
        _show(found)
    if found["looked_at"] == 0:
        output.notice("no target could be examined")
        raise typer.Exit(NOTHING_LOOKED_AT)


def cbom(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Inventory, or CycloneDX 1.6 or 1.7 in JSON.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Output file; standard output if omitted."),
    ] = None,
    force: output.Force = False,
) -> None:
    """Convert an inventory to a bill of materials (CBOM), or back."""
    destination = output.chosen(out, force)
    made = output.client().migrations.convert(documents.read(file))
    if destination is None:
        return output.emit(made)
    destination.write(_text(made))


def _target(text: str) -> str:
    """Return a server unchanged, a path made absolute."""
    return text if _ENDPOINT.fullmatch(text) else str(Path(text).expanduser().absolute())


def _text(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode() + b"\n"


def _show(found: Mapping[str, Any]) -> None:
    from novacron.cli.tables import table_of

    table = table_of("asset", "kind", "algorithm", "where", "quantum", "worst finding")
    vulnerable = [one for one in found["assets"] if one["quantum_vulnerable"]]
    safe = [one for one in found["assets"] if not one["quantum_vulnerable"]]
    for one in [*vulnerable, *safe][:SHOWN_ASSETS]:
        table.add_row(
            one["name"], one["kind"], one["algorithm"], one["location"],
            _quantum(one), _worst(one["findings"]),
        )  # fmt: skip
    output.console().print(table)
    if len(found["assets"]) > SHOWN_ASSETS:
        output.say(f"and {len(found['assets']) - SHOWN_ASSETS} more: --json shows all")
    plain = sum(_quantum(one) == "unprotected" for one in vulnerable)
    broken = (
        f"{len(vulnerable) - plain} of {len(found['assets'])} assets are vulnerable to a quantum computer"
    )
    output.say(broken + (f", {plain} unprotected" if plain else ""))
    output.say(f"examined {found['looked_at']:,} files, servers and stores; errors: {len(found['errors']):,}")
    for one in found["errors"]:
        output.notice(f"{one['target']}: {one['error']}")


def _quantum(asset: Mapping[str, Any]) -> str:
    """Return the quantum threat to an asset, as text."""
    from novacron.migration.classification import classify

    if asset["algorithm"] == "none":
        return "unprotected"
    if not asset["quantum_vulnerable"]:
        return "safe"
    return "broken" if classify(asset["algorithm"]) else "unknown"


def _worst(findings: list[Mapping[str, Any]]) -> str:
    order = ("high", "medium", "low", "info")
    first = min(findings, key=lambda one: order.index(one["severity"]), default=None)
    return f"{first['severity']}: {first['text']}" if first else ""
