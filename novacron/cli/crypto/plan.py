"""`crypto plan` and `crypto plans`: creating and showing migration plans."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.crypto import documents
from novacron.destination import Destination

_RISKS = {
    "low": "a failure of a step is contained and can be rolled back",
    "medium": "a step changes much at once, requires manual work, or has little time",
    "high": "a step can interrupt many services, or little time is left",
}
Gantt = Annotated[
    Path | None, typer.Option("--gantt", metavar="FILE", help="PNG file for a Gantt chart of the plan.")
]


def plan(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="Migration request (.yaml, .json) or inventory, written by `crypto inventory --json`.",
        ),
    ],
    deadline: Annotated[
        str | None, typer.Option("--deadline", help="Deadline: a date, or a duration such as '18 months'.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="Policy: name from `crypto policies`, or a file.")
    ] = None,
    risk: Annotated[
        str | None, typer.Option("--risk-tolerance", help="Accepted risk: low, medium or high.")
    ] = None,
    gantt: Gantt = None,
    force: output.Force = False,
    as_json: output.AsJson = False,
) -> None:
    """Create and store a migration plan; `crypto execute` applies it."""
    picture = _picture(gantt, force, as_json)
    document = documents.request(file)
    request = {"inventory": document} if documents.is_inventory(document) else document
    given = {
        "timeline": deadline,
        "risk_tolerance": risk,
        "policy": documents.policy(policy) if policy else None,
    }
    request |= {key: value for key, value in given.items() if value is not None}
    _tell(output.client().migrations.plan(request), picture, as_json)


def plans(
    plan_id: Annotated[
        str | None,
        typer.Argument(metavar="[PLAN]", help="Id of the plan to show; all plans are listed if omitted."),
    ] = None,
    gantt: Gantt = None,
    force: output.Force = False,
    limit: Annotated[int, typer.Option(help="Maximum number of entries.")] = 20,
    as_json: output.AsJson = False,
) -> None:
    """List the plans, or show one."""
    if plan_id is not None:
        picture = _picture(gantt, force, as_json)
        return _tell(output.client().migrations.get(plan_id), picture, as_json)
    found = output.client().migrations.list(limit=limit)
    if as_json:
        return output.emit({"plans": found})
    from novacron.cli.tables import table_of

    table = table_of("plan", "name", "status", "steps", "ends", "deadline", "policy")
    for one in found:
        days = one["timeline"]
        table.add_row(
            one["plan_id"], one["name"], one["status"], str(one["n_steps"]), days["ends"],
            days["deadline"], one["policy"],
        )  # fmt: skip
    output.console().print(table)


def _picture(path: Path | None, force: bool, as_json: bool) -> Destination | None:
    return output.picture(path, force, field="--gantt", as_json=as_json) if path else None


def _tell(found: Mapping[str, Any], picture: Destination | None, as_json: bool) -> None:
    if picture is not None:
        from novacron.plots import gantt

        picture.write(gantt.draw(found).png)
    if as_json:
        return output.emit(found)
    if picture is None or not picture.is_stdout:
        _show(found)


def _show(found: Mapping[str, Any]) -> None:
    from novacron.cli.tables import table_of

    table = table_of(
        "step", "what", "after", "starts", "ends", "must start by", "risk", "hours", title=found["name"]
    )
    critical = set(found["timeline"]["critical_path"])
    for step in found["steps"]:
        mark = "*" if step["id"] in critical else ""
        risk = step["risk_level"] + (", irreversible" if step["point_of_no_return"] else "")
        table.add_row(
            step["id"] + mark, step["name"], " ".join(step["dependencies"]), step["starts"],
            step["ends"], step["must_start_by"], risk, f"{step['effort_hours']:g}",
        )  # fmt: skip
    output.console().print(table)
    for line in _facts(found):
        output.say(line)


def _facts(found: Mapping[str, Any]) -> list[str]:
    days, cost, risk = found["timeline"], found["estimated_cost"], found["risk_assessment"]
    exposed = found["residual_risk"]["harvested_copies"]
    return [
        f"plan {found['plan_id']} ({found['status']}), policy {found['policy']}",
        f"ends {days['ends']}, {days['slack_days']} days before {days['deadline']}; * is the critical path",
        f"begin by {days['must_start_by']} at the latest",
        f"cost: {cost['effort_hours']:g} hours of people, {cost['machine_hours']:g} of machines,"
        f" {cost['written_bytes']:,} bytes written",
        f"risk: {risk['level']}: {_RISKS[risk['level']]}",
        *(f"  because {reason}" for reason in risk["reasons"]),
        *(f"stays exposed: {one['text']}" for one in exposed if one["verdict"] != "in_time"),
        *(f"warning: {text}" for text in found["warnings"]),
    ]
