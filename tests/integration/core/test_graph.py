"""Graphs as rows, and what the database itself refuses."""

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.db import graph
from shared.db.graph import Owner
from shared.db.session import Connection
from shared.tasks import TaskSpec
from tests.integration.core.world import ME, World, node


def insert(world: World, tasks: list[TaskSpec], **more) -> list[int]:
    job = world.job(None, spec={"priority": 3})
    with world.connection.transaction():
        return graph.insert(world.connection, Owner(job, 1, 3), tasks, **({"final": True} | more))


@pytest.mark.parametrize("few", [0, 1])
def test_a_task_is_written_as_it_was_planned(world: World, monkeypatch, few: int) -> None:
    monkeypatch.setattr(graph, "FEW", few)
    payload = {"block": [1, 2.5], "text": "tab\tand \\ and π\nline"}
    [task] = insert(world, [TaskSpec("kernel", "gpu-sim", payload, (), 0.125, 1 << 41, "block 1")])
    said = "SELECT name, operation, queue, payload, cost_s, memory_bytes, priority FROM tasks WHERE id = %s"
    assert world.rows(said, task) == [("block 1", "kernel", "gpu-sim", payload, 0.125, 1 << 41, 3)]
    begun = "SELECT state, attempt, failures, remaining, final FROM tasks WHERE id = %s"
    assert world.rows(begun, task) == [("ready", 1, 0, 0, True)]


def test_a_task_without_a_name_goes_by_its_operation(world: World) -> None:
    insert(world, [node()])
    assert world.value("SELECT name FROM tasks") == "noop"


def test_the_holder_goes_on_with_the_first_ready_ones(world: World) -> None:
    tasks = [node(), node(), node(0), node(), node(1, 2, 3)]
    ids = insert(world, tasks, running=2, worker=ME, lease_s=20.0)
    leased = "lease_until > clock_timestamp() + interval '15 s'"
    held = f"SELECT id, claimed_by, started_at IS NOT NULL, {leased} FROM tasks"
    assert world.rows(f"{held} WHERE state = 'running' ORDER BY id") == [
        (task, ME, True, True) for task in ids[:2]
    ]
    assert [row[0] for row in world.rows("SELECT state FROM tasks ORDER BY id")] == [
        "running", "running", "blocked", "ready", "blocked",
    ]  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> list[TaskSpec]:
    """Every graph a planner may make."""
    tasks = []
    for number in range(draw(st.integers(1, 12))):
        after = draw(st.lists(st.integers(0, number - 1), unique=True, max_size=4)) if number else []
        tasks.append(node(*after))
    return tasks


def copied(connection: Connection, owner: Owner, tasks: list[TaskSpec], *, final: bool) -> list[int]:
    return graph.copy(connection, [(owner, tasks)], final=final)


@pytest.mark.parametrize("write", [graph.insert, copied])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tasks=graphs())
def test_edges_and_counts_of_any_graph(world: World, write, tasks: list[TaskSpec]) -> None:
    job = world.job(None, spec={"priority": 3})
    with world.connection.transaction():
        ids = write(world.connection, Owner(job, 1, 3), tasks, final=True)
    assert ids == sorted(ids)
    edges = {(child, position): parent for parent, child, position in world.rows(
        "SELECT parent_id, child_id, position FROM dependencies WHERE child_id = ANY(%s)", ids)}  # fmt: skip
    assert edges == {
        (ids[child], position): ids[parent]
        for child, task in enumerate(tasks) for position, parent in enumerate(task.after)
    }  # fmt: skip
    query = "SELECT state, remaining, has_inputs, final FROM tasks WHERE id = ANY(%s) ORDER BY id"
    assert world.rows(query, ids) == [
        ("blocked" if task.after else "ready", len(task.after), bool(task.after), number == len(tasks) - 1)
        for number, task in enumerate(tasks)
    ]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("remaining = -1", "task_remaining_not_negative"),
        ("state = 'blocked'", "task_blocked_waits"),
        ("state = 'running'", "task_running_is_claimed"),
    ],
)
def test_the_database_refuses_impossible_tasks(world: World, change: str, rule: str) -> None:
    insert(world, [node()])
    with pytest.raises(psycopg.errors.CheckViolation, match=rule):
        world.connection.execute(f"UPDATE tasks SET {change}".encode())


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("state = 'completed', finished_at = now()", "job_completed_has_result"),
        ("state = 'failed', finished_at = now()", "job_failed_has_cause"),
        ("state = 'cancelled'", "job_end_is_dated"),
        ("finished_at = now()", "job_end_is_dated"),
    ],
)
def test_the_database_refuses_impossible_jobs(world: World, change: str, rule: str) -> None:
    insert(world, [node()])
    with pytest.raises(psycopg.errors.CheckViolation, match=rule):
        world.connection.execute(f"UPDATE jobs SET {change}".encode())
