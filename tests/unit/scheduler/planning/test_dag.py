"""Graphs of plans: what is refused and why, and how they are summed up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.planning import dag
from shared.tasks import TaskSpec


def task(*after, operation="noop", queue="cpu-sim", **more):
    return TaskSpec(operation, queue, after=after, **more)


@pytest.mark.parametrize(
    "tasks",
    [
        [task()],
        [task(), task(0)],
        [task(), task(0), task(0), task(1, 2)],
        [*(task() for _ in range(9)), task(*range(9))],
    ],
)
def test_graphs_that_run_to_their_end_pass(tasks):
    dag.check(tasks)
    assert sum(row["count"] for row in dag.summary(tasks)) == len(tasks)


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([], "at least one task"),
        ([task(0)], r"task 0 \(noop\): must come after distinct earlier tasks, not \(0,\)"),
        ([task(1), task(0)], "task 0"),
        ([task(), task(-1)], "task 1"),
        ([task(), task(0, 0)], "distinct"),
        ([task(), task()], "task 0 .*: nothing comes after it"),
        ([task(), task(0), task(0)], "task 1 .*: nothing comes after it"),
        ([task(queue="cpu")], "unknown queue 'cpu'"),
    ],
)
def test_graphs_that_cannot_are_refused_by_the_place(tasks, message):
    with pytest.raises(ValueError, match=message):
        dag.check(tasks)


@given(st.lists(st.lists(st.integers(-1, 8), max_size=4), min_size=1, max_size=8))
def test_what_passes_is_acyclic_and_ends_in_one_task(edges):
    tasks = [task(*after) for after in edges]
    try:
        dag.check(tasks)
    except ValueError:
        return
    before_last, todo = set(), [len(tasks) - 1]
    while todo:
        for parent in tasks[todo.pop()].after:
            if parent not in before_last:
                before_last.add(parent)
                todo.append(parent)
    assert before_last == set(range(len(tasks) - 1))


def test_the_summary_groups_equal_tasks():
    tasks = [
        *(task(operation="evaluate", cost_s=0.5, memory_bytes=64) for _ in range(3)),
        task(0, 1, operation="advance"),
        task(2, 3, operation="conclude", queue="crypto"),
    ]
    keys = ("name", "operation", "queue", "count", "after", "cost_s", "memory_bytes")
    assert dag.summary(tasks) == [
        dict(zip(keys, row, strict=True))
        for row in (
            ("evaluate", "evaluate", "cpu-sim", 3, [], 0.5, 64),
            ("advance", "advance", "cpu-sim", 1, ["evaluate"], 0.01, 0),
            ("conclude", "conclude", "crypto", 1, ["advance", "evaluate"], 0.01, 0),
        )
    ]
