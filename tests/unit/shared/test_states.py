"""The table of states against the database's own, and its shape."""

from shared.db.tables import JOB_STATE, TASK_STATE
from shared.states import ENDED, JOB_MOVES, TASK_MOVES, FailureClass, JobState, TaskState


def reached(moves, start):
    """All states there is a way to."""
    seen, todo = {start}, [start]
    while todo:
        for state in moves[todo.pop()] - seen:
            seen.add(state)
            todo.append(state)
    return seen


def test_every_state_has_its_row_and_can_be_reached():
    assert set(JOB_MOVES) == set(JobState) == reached(JOB_MOVES, JobState.QUEUED)
    assert set(TASK_MOVES) == set(TaskState) == reached(TASK_MOVES, TaskState.BLOCKED)


def test_no_state_moves_to_itself_and_none_before_blocked():
    for moves in (JOB_MOVES, TASK_MOVES):
        assert all(state not in targets for state, targets in moves.items())
    assert not any(TaskState.BLOCKED in targets for targets in TASK_MOVES.values())


def test_an_end_can_be_reached_from_everywhere():
    for moves, ends in ((JOB_MOVES, ENDED), (TASK_MOVES, {"completed", "failed", "cancelled"})):
        for state in moves:
            assert reached(moves, state) & ends


def test_what_has_ended_stays():
    assert {"completed", "failed", "cancelled"} == ENDED
    assert {state.value for state, targets in TASK_MOVES.items() if not targets} == ENDED


def test_only_what_has_not_started_is_never_failed():
    failing = {state for state, targets in TASK_MOVES.items() if TaskState.FAILED in targets}
    assert failing == {TaskState.RUNNING}


def test_the_database_knows_the_same_states():
    assert JOB_STATE.enums == [state.value for state in JobState]
    assert TASK_STATE.enums == [state.value for state in TaskState]


def test_only_what_another_try_can_cure_is_retried():
    assert {kind for kind in FailureClass if kind.retryable} == {"transient", "resource"}
