"""What tasks have at providers: who may submit, what is owed when a job ends, and when a row is closed."""

from collections.abc import Callable

import pytest

from shared.db import claims, invariants, jobs, provider_jobs
from shared.db.claims import Claim
from shared.db.provider_jobs import Intended, Owed, Submission
from shared.failures import Failure
from shared.states import FailureClass
from tests.integration.core.world import ME, World, node
from workers import operations
from workers.runtime.cancellation import Cancellation

LEASE_S = 1000.0


def submission(held: Claim) -> Submission:
    return Submission(held.task_id, held.attempt, "remote", "kyoto", f"{held.job_id}/{held.task_id}")


def open_row(world: World, provider_job: str | None = None) -> Claim:
    """A running task whose work was sent to a provider."""
    world.job([node()])
    [held] = world.claim()
    assert provider_jobs.intend(world.connection, submission(held)) == Intended(None)
    if provider_job:
        assert provider_jobs.submitted(world.connection, submission(held), provider_job)
    return held


def owed(world: World, queue: str = "cpu-sim", lease_s: float = LEASE_S) -> list[Owed]:
    """What is owed now, as if the last try were long ago."""
    world.connection.execute("UPDATE provider_jobs SET cancelling_at = NULL")
    return provider_jobs.owed(world.connection, queue, lease_s=lease_s)


def is_open(world: World) -> bool:
    return bool(world.value("SELECT closed_at IS NULL FROM provider_jobs"))


def fail(world: World, held: Claim) -> None:
    claims.fail(world.connection, held, worker=ME, failure=Failure(FailureClass.USER, "refused"))


@pytest.mark.parametrize("state", ["ready", "queued", "completed", "failed", "cancelled"])
def test_only_who_has_the_task_may_submit(world: World, state: str) -> None:
    held = world.held_in(state)
    assert provider_jobs.intend(world.connection, submission(held)) is None
    assert not world.rows("SELECT FROM provider_jobs")


def test_a_later_attempt_takes_the_row_over_with_what_is_known(world: World) -> None:
    first = open_row(world, "r1")
    claims.release(world.connection, first, worker=ME, cause="lost")
    [second] = world.claim()
    assert provider_jobs.intend(world.connection, submission(second)) == Intended("r1")
    assert provider_jobs.intend(world.connection, submission(first)) is None
    assert not provider_jobs.submitted(world.connection, submission(first), "r2")
    assert provider_jobs.intend(world.connection, submission(second), forgotten="r1") == Intended(None)
    assert provider_jobs.submitted(world.connection, submission(second), "r3")
    assert world.value("SELECT count(*) FROM provider_jobs") == 1


def test_nothing_is_owed_while_the_task_may_go_on(world: World) -> None:
    held = open_row(world, "r1")
    assert owed(world) == []
    claims.release(world.connection, held, worker=ME, cause="snoozed", delay_s=100)
    assert owed(world) == [] and is_open(world)


def test_what_completed_is_closed_and_not_cancelled(world: World) -> None:
    held = open_row(world, "r1")
    world.finish([held])
    assert owed(world, "qpu-ibm") == [] and is_open(world)
    assert owed(world) == [] and not is_open(world)


@pytest.mark.parametrize("end", [lambda w, held: jobs.cancel(w.connection, held.job_id), fail])
@pytest.mark.parametrize("known", ["r1", None])
def test_what_ended_otherwise_is_owed_to_one_worker_at_a_time(
    world: World, end: Callable[[World, Claim], object], known: str | None
) -> None:
    held = open_row(world, known)
    end(world, held)
    tag = f"{held.job_id}/{held.task_id}"
    assert owed(world, "qpu-ibm") == []
    expected = Owed(held.task_id, held.job_id, "remote", "kyoto", tag, known, False, held.tenant_id)
    assert owed(world) == [expected]
    assert provider_jobs.owed(world.connection, "cpu-sim", lease_s=LEASE_S) == []
    assert [one.settled for one in owed(world, lease_s=-1.0)] == [True]


def test_a_row_is_not_closed_for_an_id_that_has_become_known(world: World) -> None:
    held = open_row(world)
    jobs.cancel(world.connection, held.job_id)
    [one] = owed(world)
    assert provider_jobs.submitted(world.connection, submission(held), "late")
    provider_jobs.close(world.connection, one)
    assert is_open(world) and [each.provider_job for each in owed(world)] == ["late"]


def test_an_open_row_of_an_ended_task_is_a_broken_invariant(world: World) -> None:
    held = open_row(world, "r1")
    jobs.cancel(world.connection, held.job_id)
    name = "what a task has at a provider ends with it"
    assert name not in invariants.violations(world.connection, lease_s=LEASE_S)
    broken = invariants.violations(world.connection, lease_s=0.0)
    assert [row[:2] for row in broken[name]] == [(held.task_id, held.job_id)]


class Provider:
    """What stands in the way of `operations.cancel_at_provider`: it knows some tags, or is away."""

    def __init__(self, *, known: bool = True, away: bool = False) -> None:
        self.known, self.away = known, away
        self.asked: list[tuple[str, str, str, str | None]] = []

    def __call__(self, backend: str, device: str, tag: str, provider_job: str | None) -> list[None]:
        self.asked.append((backend, device, tag, provider_job))
        if self.away:
            raise ConnectionError("away")
        return [None] if self.known or provider_job is not None else []


@pytest.mark.parametrize(
    ("known", "away", "provider_job", "lease_s", "closes"),
    [
        (True, False, None, LEASE_S, True),
        (True, True, "r1", -1.0, False),
        (False, False, "r1", LEASE_S, True),
        (False, False, None, LEASE_S, False),
        (False, False, None, -1.0, True),
    ],
)
def test_a_row_is_closed_when_nothing_can_be_left(
    world: World, monkeypatch: pytest.MonkeyPatch, known: bool, away: bool, provider_job: str | None,
    lease_s: float, closes: bool,
) -> None:  # fmt: skip
    held = open_row(world, provider_job)
    jobs.cancel(world.connection, held.job_id)
    provider = Provider(known=known, away=away)
    monkeypatch.setattr(operations, "cancel_at_provider", provider)
    thread = Cancellation(world.another, queue="cpu-sim", lease_s=lease_s)
    thread.look(world.connection)
    assert provider.asked == [("remote", "kyoto", f"{held.job_id}/{held.task_id}", provider_job)]
    assert is_open(world) is not closes
