"""Plans held by one job at a time, steps that fail, wait, and are told of in the audit log."""

import pytest

from shared.db import session
from shared.db.crypto import audit, steps
from shared.db.crypto.steps import HeldError, Holder
from shared.states import FailureClass
from testing.migration.plans import planned
from testing.patience import eventually
from workers.crypto.migration import step
from workers.crypto.migration.action import Pace, ProofError, StepBrokenError, StepTimeoutError
from workers.crypto.migration.executors.still import Still
from workers.runtime import failure
from workers.runtime.outcome import Stopped, UserError

STEPS = planned("prepare", "switch", component="thing", old="A", new="B")


class Switch(Still):
    """Sets a value, and counts what is asked of it."""

    def __init__(self, **fails):
        self.value, self.asked, self.fails = "old", [], fails

    def _do(self, what):
        self.asked.append(what)
        if error := self.fails.get(what):
            raise error

    def capture(self):
        self._do("capture")
        return {"value": self.value}

    def apply(self, before, pace):
        self._do("apply")
        self.value = "new"
        pace.check()

    def prove(self, before, pace):
        self._do("prove")
        return {"value": self.value}

    def restore(self, before):
        self._do("restore")
        self.value = before["value"]
        return [f"the value is {self.value} again"]

    def conclude(self, before):
        self._do("conclude")

    def tidy(self, before):
        self._do("tidy")


@pytest.fixture
def holder(connection):
    made = Holder(connection, "plan_1", 1, "job_1", "tester")
    made.hold(STEPS, state="running")
    return made


def perform(holder, action, stop=lambda: None, step_id="s01"):
    return step.perform(holder, holder.read(step_id), {"thing": action}, stop)


def test_a_step_is_checkpointed_done_and_proved(holder):
    action = Switch()
    assert perform(holder, action) == {"thing": {"value": "new"}}
    row = holder.read("s01")
    assert (row.state, row.checkpoint) == ("done", {"thing": {"value": "old"}})
    assert action.asked == ["capture", "apply", "prove", "conclude", "tidy"]


def test_a_done_step_is_not_done_again(holder):
    perform(holder, Switch())
    again = Switch()
    assert perform(holder, again) == {"thing": {"value": "new"}}
    assert again.asked == ["tidy"]


@pytest.mark.parametrize("where", ["apply", "prove", "conclude"])
def test_a_step_that_fails_is_put_back(holder, where):
    action = Switch(**{where: ProofError("no good")})
    with pytest.raises(UserError, match=r"^step s01 failed: no good; put back: the value is old again$"):
        perform(holder, action)
    row = holder.read("s01")
    assert action.value == "old" and (row.state, row.error) == ("failed", "no good")
    assert row.evidence == {"restored": ["the value is old again"]}
    action.fails.clear()
    perform(holder, action)
    assert holder.read("s01").state == "done"


@pytest.mark.parametrize("error", [KeyError("x"), OSError(13, "denied"), ValueError("of NumPy")])
def test_only_failures_on_purpose_are_the_users(holder, error):
    action = Switch(apply=error)
    with pytest.raises(StepBrokenError, match=r"failed: .*; put back: the value is old again$") as raised:
        perform(holder, action)
    assert failure.of(raised.value).kind is FailureClass.INTERNAL
    assert type(error).__name__ in str(failure.of(raised.value).cause)
    assert holder.read("s01").state == "failed" and action.value == "old"


def test_a_checkpoint_that_cannot_be_made_changes_nothing(holder):
    with pytest.raises(UserError, match="step s01 cannot begin, and nothing was changed: gone"):
        perform(holder, Switch(capture=OSError("gone")))
    row = holder.read("s01")
    assert (row.state, row.error) == ("failed", "cannot begin, and nothing was changed: gone")


def test_what_cannot_be_put_back_is_said_and_may_be_tried_again(holder):
    action = Switch(prove=ProofError("no good"), restore=OSError("disk full"))
    with pytest.raises(StepBrokenError, match="could not be put back: disk full"):
        perform(holder, action)
    row = holder.read("s01")
    assert row.state == "started" and "disk full" in row.error
    action.fails.clear()
    assert step.undo(holder, row, {"thing": action}).lines == ["the value is old again"]
    assert holder.read("s01").state == "rolled_back"


def test_a_stopped_step_goes_on_from_its_first_checkpoint(holder):
    action = Switch(prove=Stopped())
    with pytest.raises(Stopped):
        perform(holder, action)
    assert holder.read("s01").state == "started"
    action.fails.clear()
    perform(holder, action)
    assert holder.read("s01").checkpoint == {"thing": {"value": "old"}}
    assert action.asked.count("capture") == 1


def test_a_step_has_twice_its_estimate_and_no_less_than_half_a_minute():
    assert step.limit_s({"estimated_time_s": 100}) == 200
    assert step.limit_s({"estimated_time_s": 1}) == 30


def test_a_late_step_is_stopped():
    pace = Pace(10.0, lambda: None)
    pace.check()
    with pytest.raises(StepTimeoutError, match="longer than 10 s, twice its estimate"):
        Pace(10.0, lambda: None, pace.began - 11).check()


def test_one_job_at_a_time_holds_a_plan(holder, connection):
    second = Holder(connection, "plan_1", 1, "job_2", "tester")
    connection.execute(
        "INSERT INTO jobs (id, tenant_id, kind, name, spec) VALUES ('job_1', 1, 'cryptographic', 'x', '{}')"
    )
    with pytest.raises(
        HeldError, match=r"job \w+ has not ended and holds the plan plan_1: .*novacron cancel"
    ):
        second.hold(STEPS, state="rolling_back")
    connection.execute("UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp()")
    told = steps.status(connection, 1, "plan_1")
    assert told is not None and told["status"] == "failed"
    second.hold(STEPS, state="rolling_back")
    with pytest.raises(HeldError):
        holder.start("s01", {})
    with pytest.raises(HeldError):
        holder.settle("completed")


def test_a_tenant_sees_its_own_migrations_only(holder, connection):
    assert steps.status(connection, 2, "plan_1") is None
    with pytest.raises(HeldError):
        Holder(connection, "plan_1", 2, "job_3", "other").hold(STEPS, state="running")


def test_a_target_is_one_session_s_at_a_time(new_database_url, connection):
    with session.connect(new_database_url, name="another") as other:
        assert steps.lock(connection, "web") and not steps.lock(other, "web") and steps.lock(other, "edge")
        steps.unlock(connection, "web")
        assert steps.lock(other, "web")
    eventually(lambda: steps.lock(connection, "web"), "whoever is gone holds nothing")


def test_every_act_is_in_the_audit_log(holder, connection):
    with pytest.raises(UserError):
        perform(holder, Switch(prove=ProofError("no good")))
    perform(holder, Switch())
    holder.wait("s02", "approval")
    holder.settle("waiting")
    told = [(one["action"], one["subject"]) for one in audit.entries(connection, 1)]
    assert told == [
        ("migration.step.started", "plan_1/s01"), ("migration.step.failed", "plan_1/s01"),
        ("migration.step.started", "plan_1/s01"), ("migration.step.done", "plan_1/s01"),
        ("migration.step.waiting", "plan_1/s02"), ("migration.waiting", "plan_1"),
    ]  # fmt: skip
