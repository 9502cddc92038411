import sys
import time

import pytest

from scheduler.embedded.child import Child
from scheduler.embedded.errors import StackError, StartError
from scheduler.embedded.service import Service
from scheduler.embedded.watch import DELAYS_S, Watch
from testing.patience import PATIENCE_S


def watch(folder, code, **fields):
    return Watch(Child(Service("x", (sys.executable, "-c", code), folder, **fields), folder, "name"))


def run_to_its_end(watched):
    while not watched.start_if_due():
        time.sleep(0.01)
    assert watched.child.wait(PATIENCE_S)


def test_restarts_come_later_and_later(tmp_path):
    watched = watch(tmp_path, "raise SystemExit(4)")
    for failures in range(3):
        run_to_its_end(watched)
        before = time.monotonic()
        assert watched.note_end(starting=False) == 4
        after = time.monotonic()
        assert watched.note_end(starting=False) is None
        assert watched.n_restarts == failures + 1
        assert before <= watched.due - DELAYS_S[failures] <= after


def test_a_service_that_keeps_failing_ends_the_start(tmp_path):
    watched = watch(tmp_path, "raise SystemExit(4)")
    for _ in range(2):
        run_to_its_end(watched)
        watched.note_end(starting=True)
    run_to_its_end(watched)
    with pytest.raises(StartError, match="x ended with status 4"):
        watched.note_end(starting=True)


def test_a_failed_migration_ends_the_start_at_once(tmp_path):
    watched = watch(tmp_path, "raise SystemExit(1)", finite=True)
    run_to_its_end(watched)
    with pytest.raises(StartError):
        watched.note_end(starting=True)


def test_work_that_is_done_is_not_started_again(tmp_path):
    watched = watch(tmp_path, "pass", finite=True)
    run_to_its_end(watched)
    assert watched.note_end(starting=True) is None
    assert watched.settled() and not watched.start_if_due()


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), StackError("what is left does not end")]
)
def test_a_preparation_that_fails_is_tried_again_and_says_why(tmp_path, error):
    failing = [error]

    def prepare():
        if failing:
            raise failing.pop()

    watched = watch(tmp_path, "pass", finite=True, prepare=prepare)
    assert not watched.start_if_due()
    assert watched.why == str(error) and watched.n_restarts == 1
    run_to_its_end(watched)
    assert watched.why == ""


def test_a_program_that_is_missing_is_tried_again(tmp_path):
    watched = Watch(Child(Service("x", (str(tmp_path / "none"),), tmp_path), tmp_path, "name"))
    assert not watched.start_if_due()
    assert watched.due is not None and watched.n_restarts == 1
