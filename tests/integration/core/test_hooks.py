"""What attaches to a worker and to the leader, on a real database: what is told, and what a fault costs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from scheduler.dispatch.hooks import DispatchHook
from scheduler.dispatch.loop import Loop
from shared.broker.publisher import Message
from shared.db import jobs
from shared.db.claims import Claim
from shared.db.completion import Freed
from shared.db.dispatch import Ready
from shared.db.events import Fact
from shared.db.rescue import Lost
from shared.failures import Failure
from shared.hooks import points
from shared.settings import Settings
from shared.tasks import TaskSpec
from testing.patience import eventually
from tests.integration.core.executing import WORKER, message, probe
from tests.integration.core.world import World, node
from workers.runtime.execute import Executor, standard
from workers.runtime.hooks import Attempt, TaskHook
from workers.runtime.outcome import Outcome

pytestmark = pytest.mark.usefixtures("probes")


class Listening(TaskHook):
    """Keeps what it is told; how often, for tasks."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def before_claim(self, messages: Sequence[tuple[int, int]]) -> None:
        self.told.append(("before_claim", len(messages)))

    def after_claim(self, held: Sequence[Claim]) -> None:
        self.told.append(("after_claim", len(held)))

    def before_job(self, attempt: Attempt) -> None:
        self.told.append(("before_job", attempt.begun_ns))

    def after_attempts(self, attempts: Sequence[Attempt]) -> None:
        assert all(0 < one.begun_ns < one.ended_ns for one in attempts)
        self.told.append(("after_attempts", *(type(one.outcome).__name__ for one in attempts)))

    def before_perform(self, attempt: Attempt) -> None:
        self.told.append(("before_perform", attempt.claim.attempt, attempt.job.spec["kind"], attempt.queue))

    def after_perform(self, attempt: Attempt, outcome: Outcome | None) -> None:
        self.told.append(("after_perform", type(outcome).__name__))

    def before_record(self, attempt: Attempt) -> None:
        attempt.add_to_receipt({"seen_by": attempt.worker})
        self.told.append(("before_record", sorted(attempt.receipt)))

    def after_record(self, finished: Sequence[Claim], freed: Freed) -> None:
        self.told.append(("after_record", len(finished), len(freed.accepted), len(freed.inline)))

    def on_retry(self, attempt: Attempt, failure: Failure, error: Exception, delay_s: float) -> None:
        self.told.append(("on_retry", failure.kind.value, str(error), delay_s))

    def on_failure(self, attempt: Attempt, failure: Failure, error: Exception) -> None:
        self.told.append(("on_failure", failure.kind.value, str(error)))

    def on_cancel(self, attempt: Attempt) -> None:
        self.told.append(("on_cancel",))


def fail(self: TaskHook, *told: object) -> None:
    """Fail at any point; first add what no receipt can hold."""
    for one in told:
        if isinstance(one, Attempt):
            one.add_to_receipt({"cpu_s": float("nan")})
    raise RuntimeError("the hook's own fault")


Breaking: type[TaskHook] = type("Breaking", (TaskHook,), dict.fromkeys(points(TaskHook), fail))


def executor(world: World, redis_url: str, *attached: TaskHook, inline_s: float = 0.0) -> Executor:
    settings = Settings(database_url=world.url, redis_url=redis_url, lease_s=20.0, inline_s=inline_s)
    return Executor(settings, queue="cpu-sim", worker=WORKER, slots=1, attached=attached)


def test_every_point_of_a_task_that_completes_is_told_in_order(world: World, redis_url: str) -> None:
    hook = Listening()
    job = world.job([probe("echo"), probe("echo", 0)])
    message(world, executor(world, redis_url, hook, inline_s=10.0))
    performed = [
        ("before_job", 0),
        ("before_perform", 1, "pure_classical", "cpu-sim"),
        ("before_record", ["seen_by"]),
        ("after_perform", "Done"),
        ("after_attempts", "Done"),
    ]
    assert hook.told == [
        ("before_claim", 1), ("after_claim", 1), *performed, ("after_record", 1, 1, 1),
        ("after_claim", 1), *performed, ("after_record", 1, 1, 0),
    ]  # fmt: skip
    assert world.value("SELECT result FROM jobs WHERE id = %s", job)["receipt"] == {"seen_by": WORKER}


def test_retry_and_failure_are_told(world: World, redis_url: str) -> None:
    hook = Listening()
    running = executor(world, redis_url, hook)
    world.job([probe("fail", how="os")], spec={"max_retries": 1})
    message(world, running)
    world.connection.execute("UPDATE tasks SET not_before = NULL")
    message(world, running)
    told = [one for one in hook.told if "claim" not in str(one[0]) and "before" not in str(one[0])]
    ended = [("after_perform", "NoneType"), ("after_attempts", "NoneType")]
    assert told == [
        ("on_retry", "transient", "it broke", 0.5), *ended, ("on_failure", "transient", "it broke"), *ended,
    ]  # fmt: skip


def test_a_cancel_is_told_to_who_runs_the_task(world: World, redis_url: str) -> None:
    hook = Listening()
    running = executor(world, redis_url, hook)
    job = world.job([probe("poll")])
    connection = world.another()

    def cancel() -> None:
        eventually(lambda: ("before_perform", 1, "pure_classical", "cpu-sim") in hook.told)
        jobs.cancel(connection, job)

    with ThreadPoolExecutor(1) as pool:
        cancelled = pool.submit(cancel)
        message(world, running)
        cancelled.result()
    assert hook.told[-3:] == [
        ("on_cancel",), ("after_perform", "NoneType"), ("after_attempts", "NoneType"),
    ]  # fmt: skip
    assert world.states(job) == ["cancelled"]


def test_hooks_that_fail_harm_no_task_and_no_receipt(
    world: World, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    running = executor(world, redis_url, Breaking(), *standard("cpu-sim"), Breaking())
    done, failed = world.job([probe("echo")]), world.job([probe("fail", how="user")])
    message(world, running)
    assert (world.status(done), world.status(failed)) == ("completed", "failed")
    receipt = world.value("SELECT result FROM jobs WHERE id = %s", done)["receipt"]
    assert receipt["job_id"] == done and receipt["cpu_s"] >= 0
    assert "a hook failed and is passed over: fail" in caplog.messages


def test_the_receipt_says_how_much_of_the_processor_it_took(world: World, redis_url: str) -> None:
    job = world.job([probe("echo"), probe("echo", 0)])
    message(world, executor(world, redis_url, *standard("cpu-sim"), inline_s=10.0))
    receipt = world.value("SELECT result FROM jobs WHERE id = %s", job)["receipt"]
    assert 0 <= receipt["cpu_s"] < 1 and receipt["worker"] == WORKER


class Watching(DispatchHook):
    """Keeps what the leader tells."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def on_lead(self) -> None:
        self.told.append(("lead",))

    def on_lead_lost(self, cause: str) -> None:
        self.told.append(("lost", cause))

    def before_publish(self, messages: Sequence[Message]) -> None:
        self.told.append(("before", len(messages)))
        raise RuntimeError("the hook's own fault")

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        self.told.append(("after", [task.job_id for task in ready]))

    def on_rescue(self, lost: Sequence[Lost]) -> None:
        self.told.append(("rescue", len(lost)))

    def on_fact(self, fact: Fact) -> None:
        self.told.append(("fact", fact.job_id, fact.body.get("status")))


def test_the_leader_tells_what_it_does(world: World, redis_server, redis_url: str) -> None:
    redis_server.empty()
    world.serve()
    hook = Watching()
    loop = Loop(Settings(database_url=world.url, redis_url=redis_url, lease_s=1.0), [hook])
    loop.start()
    eventually(lambda: ("lead",) in hook.told)
    job = world.job([node()])
    eventually(lambda: ("after", [job]) in hook.told)
    assert hook.told.index(("before", 1)) < hook.told.index(("after", [job]))
    lapsed = world.held_in("running")
    world.connection.execute(
        "UPDATE tasks SET lease_until = clock_timestamp() WHERE id = %s", (lapsed.task_id,)
    )
    eventually(lambda: ("rescue", 1) in hook.told)
    eventually(lambda: any(told[0] == "fact" for told in hook.told))
    waiting = world.job([TaskSpec("noop", "qpu-ibm")])
    jobs.cancel(world.connection, waiting)
    eventually(lambda: ("fact", waiting, "cancelled") in hook.told)
    loop.stop()
    assert hook.told[-1] == ("lost", "stopped")
