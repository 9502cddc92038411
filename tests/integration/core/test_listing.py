"""Listings by filter: every condition alone, all of them together, and the numbers by state."""

from datetime import timedelta
from typing import Any

import pytest

from shared.db import jobs, reading
from shared.db.reading import Filter
from tests.integration.core.world import World, node


@pytest.fixture
def four(world: World) -> list[str]:
    """Jobs named lih_1, lih%2, h2 and `other`, of two kinds; the third is cancelled."""
    specs: list[dict[str, Any]] = [
        {"name": "lih_1", "tags": ["paper", "a"]}, {"name": "lih%2", "tags": ["paper"]},
        {"name": "h2", "kind": "hybrid_vqe"}, {"name": "other"},
    ]  # fmt: skip
    ids = [world.job([node()], spec=spec) for spec in specs]
    jobs.cancel(world.connection, ids[2], "ada", "Wrong Molecule")
    return ids


def found(world: World, ids: list[str], wanted: Filter) -> list[int]:
    rows = reading.listing(world.connection, 1, wanted, limit=9)
    return sorted(ids.index(row["job_id"]) for row in rows)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), [0, 1, 2, 3]),
        (Filter(states=["queued", "running"]), [0, 1, 3]),
        (Filter(kinds=["hybrid_vqe", "quantum_ml"]), [2]),
        (Filter(tags=["paper"]), [0, 1]),
        (Filter(tags=["paper", "a"]), [0]),
        (Filter(name="lih*"), [0, 1]),
        (Filter(name="lih_?"), [0]),
        (Filter(name="lih%2"), [1]),
        (Filter(name="l%"), []),
        (Filter(q="PAPER"), [0, 1]),
        (Filter(q="molecule"), [2]),
        (Filter(q="lih", tags=["a"], states=["queued"]), [0]),
        (Filter(sweep="nowhere"), []),
    ],
)
def test_a_filter_finds_what_meets_all_its_conditions(
    world: World, four: list[str], wanted: Filter, expected: list[int]
) -> None:
    assert found(world, four, wanted) == expected
    assert sum(reading.counts(world.connection, 1, wanted).values()) >= len(expected)


def test_counts_are_of_all_states_whichever_is_asked_for(world: World, four: list[str]) -> None:
    expected = {"queued": 3, "running": 0, "completed": 0, "failed": 0, "cancelled": 1}
    assert reading.counts(world.connection, 1, Filter(states=["failed"])) == expected
    assert reading.counts(world.connection, world.tenant("two"), Filter()) == dict.fromkeys(expected, 0)


def test_an_id_is_text_to_be_found_and_a_time_divides(world: World, four: list[str]) -> None:
    assert found(world, four, Filter(q=four[1][:12])) == [1]
    at = world.value("SELECT created_at FROM jobs WHERE id = %s", four[1])
    assert found(world, four, Filter(since=at)) == [1, 2, 3]
    assert found(world, four, Filter(until=at)) == [0]
    assert found(world, four, Filter(since=at, until=at + timedelta(microseconds=1))) == [1]


def test_tags_are_replaced_in_ones_own_jobs(world: World, four: list[str]) -> None:
    assert reading.tag(world.connection, 1, four[3], ["paper", "new"])
    assert not reading.tag(world.connection, world.tenant("two"), four[3], [])
    assert found(world, four, Filter(tags=["new"])) == [3]
