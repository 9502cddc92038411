"""`crypto plan`: what its files may name, and what it says of risks."""

from __future__ import annotations

from pathlib import Path

import pytest

from novacron.cli.crypto import documents, plan
from novacron.errors import BadInput


@pytest.mark.parametrize(
    ("text", "field", "hint"),
    [
        ("inventory: inventory.json\npolicy: nothing\n", "inventory", "write inventory.json in place of"),
        ("policy: mine.yaml\ncomponents: []\n", "policy", "give --policy mine.yaml"),
    ],
)
def test_a_request_that_names_a_file_says_how_to_give_it(
    tmp_path: Path, text: str, field: str, hint: str
) -> None:
    (path := tmp_path / "plan.yaml").write_text(text)
    with pytest.raises(BadInput) as refused:
        documents.request(path)
    assert refused.value.field == field and hint in (refused.value.hint or "")
    path.write_text("policy: general\ncomponents: []\n")
    assert documents.request(path)["policy"] == "general"


@pytest.mark.parametrize("level", ["low", "medium", "high"])
def test_the_risk_is_one_plain_sentence_and_its_reasons_are_lines(level: str) -> None:
    found = {
        "plan_id": "p", "status": "planned", "policy": "general", "warnings": [],
        "timeline": {"ends": "a", "slack_days": 1, "deadline": "b", "must_start_by": "c"},
        "estimated_cost": {"effort_hours": 1, "machine_hours": 1, "written_bytes": 1},
        "risk_assessment": {"level": level, "reasons": ["one", "two"]},
        "residual_risk": {"harvested_copies": []},
    }  # fmt: skip
    lines = plan._facts(found)
    at = next(number for number, line in enumerate(lines) if line.startswith(f"risk: {level}: "))
    assert ";" not in lines[at]
    assert lines[at + 1 : at + 3] == ["  because one", "  because two"]
