"""`crypto assess` and `crypto policies`: quantum-vulnerable assets, and the deadlines of policies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto import documents

SHOWN_ASSETS = 200
VERDICTS = ("exposed", "at_risk", "in_time", "unprotected", "safe")


def assess(
    file: Annotated[
        Path, typer.Argument(metavar="INVENTORY", help="Inventory, written by `crypto inventory --json`.")
    ],
    policy: Annotated[
        list[str] | None,
        typer.Option("--policy", help="Policy: name from `crypto policies`, or a file; repeatable."),
    ] = None,
    lifetime: Annotated[
        float | None, typer.Option("--lifetime-years", help="Years for which data must stay secret.")
    ] = None,
    migration: Annotated[
        float | None, typer.Option("--migration-years", help="Years that a migration takes.")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Assess the quantum risk of an inventory: exposed assets, first binding rules, priorities."""
    found = output.client().migrations.assess(
        documents.read(file),
        policies=[documents.policy(one) for one in policy] if policy else None,
        data_lifetime_years=lifetime,
        migration_years=migration,
    )
    if as_json:
        return output.emit(found)
    _show(found)


def _show(found: Mapping[str, Any]) -> None:
    from novacron.cli.tables import table_of

    table = table_of("rank", "asset", "algorithm", "verdict", "begin by", "first rule", "agility")
    today = found["day"]
    for one in found["assets"][:SHOWN_ASSETS]:
        begin = min((weight["begin_by"]["early"] for weight in one["mosca"].values()), default="")
        table.add_row(
            str(one["rank"]), one["name"], one["algorithm"], one["verdict"].replace("_", " "),
            _day(begin, today), _rule(one["binding"] or one["advised"], today), str(one["agility"]["score"]),
        )  # fmt: skip
    console, summary, threat = output.console(), found["summary"], found["threat"]
    console.print(table)
    if len(found["assets"]) > SHOWN_ASSETS:
        output.say(f"and {len(found['assets']) - SHOWN_ASSETS} more: --json shows all")
    counts = ", ".join(f"{summary[name]} {name.replace('_', ' ')}" for name in VERDICTS)
    output.say(f"{summary['vulnerable']} of {summary['assets']} assets are vulnerable: {counts}")
    output.say(f"threat from {threat['early']} to {threat['late']} ({threat['status']})")
    for assumption in found["assumptions"]:
        output.say(f"assumed: {assumption}")


def _day(day: str, today: str) -> str:
    """Return a due date as text; a date in the past is reported as overdue."""
    return f"overdue since {day}" if day and day < today else day


def _rule(limit: Mapping[str, Any] | None, today: str) -> str:
    return (
        f"{_day(limit['after'], today)} {limit['policy']} ({limit['status'].replace('_', ' ')})"
        if limit
        else ""
    )


def policies(as_json: output.AsJson = False) -> None:
    """List the policies with their dates, sources and status."""
    found = output.client().migrations.policies()
    if as_json:
        return output.emit(found)
    from novacron.cli.tables import table_of

    table = table_of("policy", "status", "for whom", "source", "disallowed after")
    for one in found["policies"]:
        dates = sorted({rule["disallowed_after"] for rule in one["rules"] if rule["disallowed_after"]})
        table.add_row(
            one["name"], one["status"].replace("_", " "), one["scope"], one["source"], ", ".join(dates)
        )
    output.console().print(table)
