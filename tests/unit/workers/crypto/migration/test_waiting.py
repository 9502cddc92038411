"""Why a step may not begin yet."""

from datetime import UTC, datetime, timedelta

from novacron.migration.planned_step import PlannedStep
from novacron.specs.crypto.migration import ExecuteMigration
from shared.db.crypto.steps import StepRow
from workers.crypto.migration import waiting

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def row(number, type_, *, done=None, dependencies=(), gaps=None, starts="2026-11-30"):
    step: PlannedStep = {
        "id": f"s{number:02}", "type": type_, "dependencies": list(dependencies), "gaps": gaps or {},
        "starts": starts, "point_of_no_return": type_ == "retire",
    }  # fmt: skip
    state = "done" if done else "pending"
    return StepRow("plan", step["id"], number - 1, step, state, "job", None, {}, None, None, done, done)


def asked(*, approve_retire=True, **spec):
    return ExecuteMigration(plan_id="plan", approve_retire=approve_retire, **spec)


def why(one, *others, by_hand=(), confirmed=False, **spec):
    found = waiting.reason(one, [*others, one], asked(**spec), by_hand=by_hand, confirmed=confirmed, at=NOW)
    return found and found.why


def test_what_nobody_has_to_wait_for_begins():
    assert why(row(1, "prepare")) is None


def test_a_canary_is_watched_for_its_days():
    canary = row(3, "canary", done=NOW - timedelta(days=6))
    switch = row(4, "switch", dependencies=["s03"], gaps={"s03": 7})
    told = str(why(switch, canary))
    assert told.startswith("the canary is watched for 7 days after s03: execute again from 2026-12-01 12:00")
    assert told.endswith(" UTC on, or execute again with --now")
    assert why(switch, canary, now=True) is None
    assert why(switch, row(3, "canary", done=NOW - timedelta(days=7))) is None


def test_the_old_is_retired_on_the_plans_day_and_not_sooner_after_the_change():
    early = row(7, "retire", starts="2026-12-24", gaps={"s06": 30})
    changed = row(6, "validate", done=NOW)
    assert "both accepted for 30 days after s06: execute again from 2026-12-30" in str(why(early, changed))
    changed = row(6, "validate", done=NOW - timedelta(days=29))
    assert str(why(early, changed)).startswith("the plan retires this on 2026-12-24")
    told = why(early, changed, approve_retire=False)
    assert "with --approve-retire, from 2026-12-24 00:00 UTC on: the plan" in str(told)
    assert why(early, changed, now=True) is None
    assert why(row(7, "retire", starts="2026-11-30"), changed) is None


def test_an_execution_ends_with_the_step_it_was_asked_for():
    steps = [row(1, "prepare", done=NOW), row(2, "switch"), row(3, "retire", starts="2026-11-01")]
    assert why(steps[1], steps[0], steps[2], until="s02") is None
    assert why(steps[2], steps[0], steps[1], until="s02") == "this execution ends with s02"


def test_what_people_do_waits_for_their_word():
    assert why(row(1, "switch"), by_hand=["web"]) == (
        "change web by hand, then execute again with --confirm s01"
    )
    assert why(row(1, "switch"), by_hand=["web"], confirmed=True) is None


def test_a_step_is_due_when_all_before_it_is_done():
    rows = [
        row(1, "prepare", done=NOW), row(2, "switch", dependencies=["s01"]),
        row(3, "validate", dependencies=["s02"]), row(4, "prepare"),
    ]  # fmt: skip
    assert waiting.due(rows) == {"s02", "s04"}


def test_only_what_waits_for_its_day_alone_has_one():
    steps = [row(3, "canary", done=NOW - timedelta(days=6)), row(4, "switch", gaps={"s03": 7})]

    def until(**spec):
        found = waiting.reason(steps[1], steps, asked(**spec), by_hand=["web"], confirmed=False, at=NOW)
        return found and (found.until, found.why)

    day, told = until(unattended=True)
    assert day == NOW + timedelta(days=1)
    assert "s03: goes on by itself from 2026-12-01 12:00 UTC on, or execute again with --now" in told
    assert until(unattended=True, now=True)[0] is None
    steps[1] = row(4, "retire", gaps={"s03": 7}, starts="2026-12-24")
    assert until(unattended=True, approve_retire=False)[0] is None
    assert until(unattended=True)[0] == datetime(2026, 12, 24, tzinfo=UTC)
