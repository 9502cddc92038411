"""A plan as a picture."""

import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.migration.requests import PlanRequest
from novacron.plots import gantt
from scheduler.pqc.migration import policies
from scheduler.pqc.migration.plan import plan

LONG = "a service with a name that is far too long for a label, and $dollars$"


def made(*names: str, timeline: str = "2 years") -> dict[str, Any]:
    wanted = PlanRequest(
        timeline=timeline, components=list(names), current_algorithms=["X25519", "Ed25519"],
        policy=policies.load()["general"],
    )  # fmt: skip
    return plan(wanted, "plan_1", datetime(2026, 11, 25, tzinfo=UTC)).model_dump(mode="json")


@pytest.mark.parametrize("names", [["api"], ["api", LONG], [f"c{number}" for number in range(40)]])
@pytest.mark.parametrize("timeline", ["2 years", "50 years"])
def test_a_plan_becomes_a_png(names: list[str], timeline: str, tmp_path: Path) -> None:
    picture = gantt.draw(made(*names, timeline=timeline), tmp_path / "plan.png")
    png = (tmp_path / "plan.png").read_bytes()
    assert png == picture.png and png.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", png[16:24])
    assert width > 500 and height > 100


def test_the_same_plan_becomes_the_same_picture() -> None:
    assert gantt.draw(made("api")).png == gantt.draw(made("api")).png


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        gantt.draw(made("api"), tmp_path / "nowhere" / "plan.png")
    assert "nowhere" in str(refused.value)
