"""A task handed to a provider, attempt by attempt: what is asked there, and what the rows keep."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared.db import claims, jobs, provider_jobs
from shared.db.claims import Claim
from shared.quantum.backends import BUILT_IN, Declaration
from tests.integration.core.world import ME, World, node
from workers.operations.quantum import qpu
from workers.quantum.backends.base import Backend, Control, Plan, Queued, Quote, Share
from workers.quantum.providers.base import Price, UnknownJobError
from workers.runtime.context import Context, Origin
from workers.runtime.outcome import PassingError, Snooze, Stopped

DONE: Share = [(0, "counts")]
PLAN = cast("Plan", None)


class Far:
    """A backend whose provider is this object: jobs by id, each with its tag and what it came to."""

    name = "far"

    def __init__(self) -> None:
        self.jobs: dict[str, tuple[str, Share | None]] = {}
        self.cancelled: list[str] = []
        self.away = 0

    def submit(self, tag: str) -> str:
        self.jobs[name := f"r{len(self.jobs) + 1}"] = (tag, None)
        return name

    def run(self, plan: Plan, units: range | None, control: Control) -> Share | Queued:
        for known in self.find(control.tag):
            return self.poll(plan, Queued(known, 0.0), control)
        return Queued(self.submit(control.tag), 1.5)

    def poll(self, plan: Plan, queued: Queued, control: Control) -> Share | Queued:
        if self.away:
            self.away -= 1
            raise PassingError("is being maintained")
        if queued.provider_job not in self.jobs:
            raise UnknownJobError(queued.provider_job)
        share = self.jobs[queued.provider_job][1]
        return Queued(queued.provider_job, 1.5) if share is None else share

    def quote(self, plan: Plan) -> Quote | None:
        return None

    def charge(self, provider_job: str) -> Price | None:
        return None

    def find(self, tag: str) -> Sequence[str]:
        return [one for one, (mine, _) in self.jobs.items() if mine == tag and one not in self.cancelled]

    def cancel(self, provider_job: str) -> None:
        self.cancelled.append(provider_job)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Far:
    """The provider, and its backend's row."""
    row = Declaration(
        name="far", queue="cpu-sim", implementation="", max_qubits=1, bytes_per_amplitude=0, devices=True,
        provider="far away",
    )  # fmt: skip
    monkeypatch.setitem(BUILT_IN, "far", row)
    return Far()


class Attempt:
    """One attempt of a task on the provider."""

    def __init__(self, world: World, far: Far, held: Claim) -> None:
        self.world, self.far, self.held = world, far, held
        self.warned: list[str] = []
        self.noted: list[str] = []

    @property
    def tag(self) -> str:
        return f"{self.held.job_id}/{self.held.task_id}"

    def run(self) -> Share | Snooze:
        held, told = self.held, SimpleNamespace(backend="far:kyoto", budget=None)
        context: Context[Any] = Context(
            spec=told, payload=held.payload, inputs=(), seed=0, queue="cpu-sim",
            journal=lambda loop: pytest.fail("no loop here"), checkpoint=lambda: None,
            warn=self.warned.append, note=self.noted.append, device="kyoto",
            origin=Origin(held.job_id, held.task_id, 1, "", lambda: self.world.connection, held.attempt),
        )  # fmt: skip
        return qpu.run(cast("Backend", self.far), PLAN, context)

    def next(self, payload: Mapping[str, Any] | None = None) -> "Attempt":
        """The attempt after this one, which was snoozed with a payload, or lost."""
        kept = None if payload is None else dict(payload)
        claims.release(self.world.connection, self.held, worker=ME, cause="again", payload=kept)
        [held] = self.world.claim()
        return Attempt(self.world, self.far, held)

    def row(self) -> tuple[Any, ...]:
        return self.world.rows("SELECT provider_job, attempt, device, closed_at FROM provider_jobs")[0]


@pytest.fixture
def attempt(world: World, far: Far) -> Attempt:
    """The first attempt of a task."""
    world.job([node()])
    [held] = world.claim()
    return Attempt(world, far, held)


def test_work_is_submitted_once_and_asked_for_until_it_is_there(attempt: Attempt) -> None:
    snooze = attempt.run()
    assert snooze == Snooze(1.5, {"provider_job": "r1"}) and attempt.row() == ("r1", 1, "kyoto", None)
    assert attempt.noted == ["far:kyoto has it as its job r1"]
    second = attempt.next(snooze.payload)
    assert second.run() == snooze
    attempt.far.jobs["r1"] = (attempt.tag, DONE)
    assert second.next(snooze.payload).run() == DONE
    assert list(attempt.far.jobs) == ["r1"] and not attempt.far.cancelled


def test_an_attempt_without_payload_asks_for_the_id_in_the_row(attempt: Attempt) -> None:
    attempt.run()
    attempt.far.jobs["r1"] = ("a tag that nobody finds", DONE)
    assert attempt.next().run() == DONE


def test_an_attempt_without_an_id_finds_the_job_by_its_tag(attempt: Attempt) -> None:
    attempt.far.submit(attempt.tag)
    assert attempt.next().run() == Snooze(1.5, {"provider_job": "r1"})
    assert attempt.row()[0] == "r1" and list(attempt.far.jobs) == ["r1"]


def test_what_is_forgotten_is_submitted_again_and_the_row_follows(attempt: Attempt) -> None:
    payload = attempt.run()
    assert isinstance(payload, Snooze)
    attempt.far.jobs = {"r0": ("another", None)}
    second = attempt.next(payload.payload)
    assert second.run() == Snooze(1.5, {"provider_job": "r2"}) and second.row()[:2] == ("r2", 2)
    assert second.warned == ["far:kyoto no longer knows its job r1, which is submitted again"]


def test_a_provider_that_does_not_answer_is_asked_ever_more_seldom_and_told_of_once(attempt: Attempt) -> None:
    snoozed = attempt.run()
    assert isinstance(snoozed, Snooze)
    delays, noted = [], []
    attempt.far.away = 9
    for _ in range(9):
        attempt = attempt.next(snoozed.payload)
        snoozed = attempt.run()
        assert isinstance(snoozed, Snooze)
        delays.append(snoozed.delay_s)
        noted += attempt.noted
    nominal = [min(qpu.SELDOM_S, qpu.SOON_S * qpu.GROWTH**n) for n in range(1, 10)]
    assert all(abs(delay / one - 1) <= qpu.JITTER for delay, one in zip(delays, nominal, strict=True))
    assert len(noted) == 1 and "is being maintained" in noted[0]
    assert attempt.next(snoozed.payload).run() == Snooze(1.5, {"provider_job": "r1"})


def test_nothing_is_submitted_for_a_task_that_is_not_this_attempts(attempt: Attempt) -> None:
    jobs.cancel(attempt.world.connection, attempt.held.job_id)
    with pytest.raises(Stopped):
        attempt.run()
    assert not attempt.far.jobs


class Late(Far):
    """A provider to which the first worker's submission comes when `meanwhile` has happened."""

    def __init__(self, meanwhile: Any) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def run(self, plan: Plan, units: range | None, control: Control) -> Share | Queued:
        self.meanwhile()
        return Queued(self.submit(control.tag), 1.5)


def test_a_stopped_worker_that_submits_beside_its_successor_takes_its_job_back(attempt: Attempt) -> None:
    far = attempt.far
    stopped = Attempt(attempt.world, Late(lambda: attempt.next().run()), attempt.held)
    stopped.far.jobs, stopped.far.cancelled = far.jobs, far.cancelled
    with pytest.raises(Stopped):
        stopped.run()
    assert list(far.jobs) == ["r1", "r2"] and far.cancelled == ["r2"] and attempt.row()[0] == "r1"


def test_a_successor_takes_back_what_a_stopped_worker_submitted_beside_it(attempt: Attempt) -> None:
    second = attempt.next()
    late = Late(lambda: attempt.far.submit(attempt.tag))
    late.jobs, late.cancelled = attempt.far.jobs, attempt.far.cancelled
    second.far = late
    assert second.run() == Snooze(1.5, {"provider_job": "r2"})
    assert late.cancelled == ["r1"] and second.row()[0] == "r2"


def test_a_worker_that_comes_back_after_all_is_closed_takes_its_job_back(attempt: Attempt) -> None:
    def end() -> None:
        jobs.cancel(attempt.world.connection, attempt.held.job_id)
        for owed in provider_jobs.owed(attempt.world.connection, "cpu-sim", lease_s=-1.0):
            provider_jobs.close(attempt.world.connection, owed)

    attempt.far = Late(end)
    with pytest.raises(Stopped):
        attempt.run()
    assert attempt.far.cancelled == ["r1"]
