"""Shots of error-correction experiments, counted once by whatever way they come about."""

from collections.abc import Callable
from math import sqrt
from typing import Any

import pytest

from novacron import sinter_csv
from novacron.specs import parse_spec
from shared.db import jobs
from shared.db.jobs import NewJob, Plan
from shared.tasks import TaskSpec
from tests.integration.core.executing import executor_of, message
from tests.integration.core.world import World
from workers.operations.quantum import qec_blocks

ASKED = {
    "kind": "qec_memory", "code": "rotated_surface", "distance": [3, 5], "p": [0.01, 0.02],
    "max_errors": 2000,
}  # fmt: skip
STRATIFIED = {"sampling": "stratified", "p": [0.002, 0.004], "max_errors": 1000}
Collected = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def collected(world: World, redis_url: str) -> Collected:
    """Run a job to its end; its points without their times."""
    executor = executor_of(world, redis_url)

    def run(**asked: Any) -> list[dict[str, Any]]:
        spec = parse_spec(ASKED | asked).model_dump(mode="json")
        plan = Plan([TaskSpec("qec_collect", "cpu-sim")], {})
        job = jobs.insert(world.connection, NewJob(world.tenant("one"), spec), plan)
        while message(world, executor):
            pass
        points: list[dict[str, Any]] = world.value("SELECT result FROM jobs WHERE id = %s", job)["points"]
        return [{key: value for key, value in point.items() if key != "seconds"} for point in points]

    return run


def n_blocks(world: World) -> int:
    return int(world.value("SELECT count(*) FROM qec_blocks"))


@pytest.mark.parametrize("asked", [{}, STRATIFIED, STRATIFIED | {"sampling": "reweighted"}])
def test_counts_are_the_same_whatever_was_lost_repeated_or_cut_differently(
    world: World, collected: Collected, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    whole = collected(**asked)
    wanted = asked.get("max_errors", 2000)
    assert all((point["rate"] / point["std_error"]) ** 2 >= 0.999 * wanted for point in whole)
    lost = "DELETE FROM qec_blocks WHERE ctid IN (SELECT ctid FROM qec_blocks ORDER BY random() LIMIT %s)"
    world.rows(lost + " RETURNING 1", n_blocks(world) // 2)
    monkeypatch.setattr(qec_blocks, "PARTS", 3)
    monkeypatch.setattr(qec_blocks, "BLOCK_S", (0.01, 0.2))
    assert collected(**asked) == whole
    # A block that ran twice, cut in another way.
    world.rows(
        "INSERT INTO qec_blocks SELECT tenant_id, stream, first, first, errors[1:1], seconds FROM qec_blocks"
        " WHERE last > first RETURNING 1"
    )
    assert collected(**asked) == whole


@pytest.mark.parametrize("asked", [{}, STRATIFIED])
def test_what_was_sampled_is_never_sampled_again(
    world: World, collected: Collected, asked: dict[str, Any]
) -> None:
    precise = collected(**asked | {"max_errors": 1500})
    sampled = n_blocks(world)
    assert collected(**asked | {"max_errors": 1500}) == precise
    fewer = collected(**asked | {"max_errors": 500})
    assert n_blocks(world) == sampled
    assert all(one["shots"] < other["shots"] for one, other in zip(fewer, precise, strict=True))
    more = collected(**asked | {"max_errors": 3000})
    twice = (
        "SELECT count(*) FROM qec_blocks a JOIN qec_blocks b USING (stream)"
        " WHERE a.ctid <> b.ctid AND a.first <= b.last AND b.first <= a.last"
    )
    assert n_blocks(world) > sampled and world.value(twice) == 0
    assert all((point["rate"] / point["std_error"]) ** 2 >= 2999 for point in more)


def test_events_tell_how_far_a_study_is(world: World, collected: Collected) -> None:
    collected(max_errors=3000)
    told = [row[0] for row in world.rows("SELECT body FROM events WHERE type = 'rates' ORDER BY id")]
    assert told[0] == {"ended": 0, "total": 4, "points": [], "task": told[0]["task"]} and len(told) > 2
    shots = [[point["shots"] for point in one["points"]] for one in told[1:]]
    assert all(len(one) == 4 for one in shots) and shots == sorted(shots)


def test_counts_belong_to_their_seed_and_tenant(world: World, collected: Collected) -> None:
    first = collected(max_errors=300)
    assert collected(max_errors=300, seed=1) != first
    assert world.value("SELECT count(DISTINCT stream) FROM qec_blocks") == 8


def test_counts_from_elsewhere_are_continued(world: World, collected: Collected) -> None:
    elsewhere = collected(max_errors=500)
    world.rows("DELETE FROM qec_blocks RETURNING 1")
    counts = sinter_csv.read(sinter_csv.written({**one, "seconds": 1.0} for one in elsewhere), "")
    assert [point["shots"] for point in collected(seed=1, max_errors=400, counts=counts)] == [
        point["shots"] for point in elsewhere
    ]
    assert n_blocks(world) == 0
    alone = collected(seed=1, max_errors=300)
    for point, known, own in zip(
        collected(seed=1, max_errors=10**9, max_shots=50_000, counts=counts), elsewhere, alone, strict=True
    ):
        assert point["shots"] >= 50_000 and point["errors"] > known["errors"]
        assert point["seeds"] == [0, 1] and own["seeds"] == [1]


def test_a_point_ends_at_a_relative_error_and_a_job_at_its_seconds(collected: Collected) -> None:
    for point in collected(max_errors=None, relative_error=0.02):
        assert 0.015 < sqrt((1 - point["rate"]) / point["errors"]) <= 0.02
    for point in collected(seed=2, max_errors=10**9, max_seconds=0.01):
        assert 0 < point["shots"] < 10**6


def test_an_aimed_study_spends_its_seconds_and_no_point_has_another_limit(
    world: World, collected: Collected
) -> None:
    points = collected(aim="threshold", p=[0.008, 0.01, 0.012], max_errors=None, max_seconds=0.5)
    assert len(points) == 6 and all(point["shots"] for point in points)
    assert world.value("SELECT sum(seconds) FROM qec_blocks") >= 0.5
    assert world.value("SELECT result -> 'warnings' FROM jobs") == []
