"""What the page of migrations says is what the data and the formats hold."""

import re
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_args

import yaml

from novacron.migration.component import Component, ComponentKind, Role
from novacron.migration.plan import Plan, Step, StepType
from novacron.migration.policy import Policy
from novacron.migration.requests import PlanRequest
from scheduler.pqc.migration import mosca, policies
from scheduler.pqc.migration.tables import table
from workers.crypto.migration import targets

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "migration.md").read_text()


def section(heading: str) -> str:
    return PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def rows(text: str) -> dict[str, list[str]]:
    """First cell's names -> the other cells."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return {
        name: [cell.strip() for cell in line[1:]]
        for line in lines
        for name in re.findall(r"`(.*?)`", line[0])
    }


def test_every_policy_is_listed_with_its_years() -> None:
    listed, known = rows(section("Policies")), policies.load()
    assert set(listed) == set(known)
    for name, (status, dates) in listed.items():
        assert status.startswith(known[name].status.replace("_", " "))
        days = [
            day for rule in known[name].rules for day in (rule.deprecated_after, rule.disallowed_after) if day
        ]
        said = {int(year) for year in re.findall(r"20\d\d", dates.replace("from 2027 on", "after 2026"))}
        assert said <= {day.year for day in days} and {max(days).year if days else 0} <= said | {0}


def test_the_policy_of_the_page_can_be_read() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", section("Policies"), re.DOTALL)
    made = Policy(**tomllib.loads(block))
    assert (made.name, made.status, len(made.rules)) == ("house", "own", 1)


def test_the_targets_of_the_page_can_be_declared(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", section("Targets"), re.DOTALL)
    (path := tmp_path / "targets.toml").write_text(block)
    assert {type(target) for target in targets.load(str(path)).values()} == {*targets.KINDS.values()}
    listed = rows(section("Targets").split("**Programs.**")[0])
    for name, kind in targets.KINDS.items():
        required, optional = listed[name]
        needed, others = set(re.findall(r"`(\w+)`", required)), set(re.findall(r"`(\w+)`(?!\))", optional))
        if optional.startswith("those of `certificate`"):
            others |= set(re.findall(r"`(\w+)`", listed["certificate"][1]))
            others -= set() if "come together" in optional else {"certificate"}
        keys = {field.name: field.default is MISSING for field in fields(kind) if field.name != "name"}
        assert needed == {key for key, wanted in keys.items() if wanted}, name
        # What is asked otherwise than by a probe for TLS has no use for these.
        unsaid = {"probe", "server_name"} if name in ("sshd", "files") else set()
        assert others <= keys.keys() - needed <= others | unsaid, name


def test_the_keys_of_requests_components_and_steps_are_listed() -> None:
    asked = rows(section("Requesting a plan"))
    assert set(asked) == set(PlanRequest.model_fields)
    for name in [*Component.model_fields, *get_args(ComponentKind), *get_args(Role)]:
        assert f"`{name}`" in section("Requesting a plan"), name
    held = section("Contents of a plan")
    told = {"plan_id", "name", "created_at", "status", "policy", "risk_tolerance"}
    for name in [*Step.model_fields, *(set(Plan.model_fields) - told - {"steps"})]:
        assert f"`{name}`" in held, name
    assert set(get_args(StepType)) <= set(rows(held))


def test_the_tolerances_are_those_of_the_data() -> None:
    listed = rows(section("Contents of a plan"))
    for level, values in table("rates")["tolerance"].items():
        numbers = [float(re.findall(r"\d+", cell)[0]) for cell in listed[level]]
        assert numbers == [
            100 * values["canary"],
            values["watch_days"],
            values["dual_days"],
            values["at_once"],
        ]


def test_the_threat_is_that_of_the_data() -> None:
    known = mosca.threat()
    assert f"{known.early} to {known.late}" in section("Assessment")
    assert f"X is {known.data_lifetime_years:g} years and Y is {known.migration_years:g}" in section(
        "Assessment"
    )


def test_the_example_is_a_request() -> None:
    request = yaml.safe_load((ROOT / "examples" / "plans" / "web_and_archive.yaml").read_text())
    known = policies.load()
    assert PlanRequest(**{**request, "policy": known[request["policy"]]}).components
