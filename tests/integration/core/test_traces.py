"""Traces of jobs, from the leader and a worker child on a real database to a collector that decodes them."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from novacron.traceparent import Parent
from scheduler.dispatch.loop import Loop
from scheduler.dispatch.traces import Traces as DispatchTraces
from shared import telemetry
from shared.db import jobs, session
from shared.settings import Settings
from shared.traces.environment import LIMITS, Address, address
from shared.traces.tracing import Tracing
from testing.collector import Collector, Seen, collector
from testing.patience import eventually
from tests.integration.core.executing import WORKER, message, probe
from tests.integration.core.world import World
from tests.servers import ROOT
from workers.runtime.execute import Executor
from workers.runtime.traces import Traces

pytestmark = pytest.mark.usefixtures("probes")

PARENT = Parent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 1)
SOON = LIMITS | {"OTEL_BSP_SCHEDULE_DELAY": 20}


@pytest.fixture
def collected() -> Iterator[Collector]:
    with collector() as found:
        yield found


def at(found: Collector) -> Address:
    named = address({"OTEL_EXPORTER_OTLP_ENDPOINT": found.url})
    assert named is not None
    return named


@pytest.fixture
def tracing(collected: Collector) -> Iterator[Tracing]:
    made = Tracing("novacron-tests", at(collected), SOON)
    made.start("instance-1")
    yield made
    made.stop()


@pytest.fixture
def worker(world: World, redis_url: str, tracing: Tracing) -> Executor:
    return child(world, redis_url, tracing, inline_s=10.0)


def child(world: World, redis_url: str, tracing: Tracing, *, inline_s: float = 0.0) -> Executor:
    settings = Settings(database_url=world.url, redis_url=redis_url, lease_s=20.0, inline_s=inline_s)
    attached = [Traces(tracing, "cpu-sim")]
    return Executor(settings, queue="cpu-sim", worker=WORKER, slots=1, attached=attached)


def leader(world: World, redis_url: str, tracing: Tracing) -> Loop:
    def connect() -> session.Connection:
        return session.connect(world.url, name="traces")

    loop = Loop(Settings(database_url=world.url, redis_url=redis_url), [DispatchTraces(tracing, connect)])
    loop.start()
    return loop


def exported(found: Collector, n: int) -> list[Seen]:
    """The spans, once there are so many, and no more."""
    eventually(lambda: len(found.spans) >= n)
    assert len(found.spans) == n, [one.name for one in found.spans]
    return found.spans


def test_tasks_are_children_of_their_jobs_span(
    world: World, worker: Executor, tracing: Tracing, collected: Collector
) -> None:
    job = world.job([probe("echo"), probe("echo", 0)], traceparent=str(PARENT))
    first, second = world.ids(job)
    message(world, worker)
    spans = exported(collected, 5)
    assert {one.trace_id for one in spans} == {PARENT.trace_id}
    assert {one.parent_id for one in spans} == {PARENT.span_id}
    assert len({one.span_id for one in spans}) == 5
    assert [one.name for one in spans] == [
        "claim cpu-sim", "perform probe_echo", "record", "perform probe_echo", "record",
    ]  # fmt: skip
    assert all(one.begun_ns <= one.ended_ns and one.error is None and not one.links for one in spans)
    claim, perform, record, then, _ = spans
    assert (claim.kind, perform.kind, record.kind) == ("CLIENT", "CONSUMER", "CLIENT")
    assert claim.ended_ns <= perform.begun_ns and perform.ended_ns <= record.begun_ns <= then.begun_ns
    assert perform.attributes == {
        "messaging.system": "redis", "messaging.destination.name": "cpu-sim",
        "messaging.operation.name": "perform", "messaging.operation.type": "process",
        "novacron.job.id": job, "novacron.tenant.id": 1, "novacron.operation": "probe_echo",
        "novacron.task.id": first, "novacron.task.attempt": 1, "novacron.outcome": "completed",
    }  # fmt: skip
    assert then.attributes["novacron.task.id"] == second
    assert record.attributes["db.system.name"] == "postgresql"
    assert record.attributes["novacron.tasks.recorded"] == 1
    assert claim.attributes["messaging.batch.message_count"] == 1
    assert claim.of["service.name"] == "novacron-tests" and claim.of["service.instance.id"] == "instance-1"
    assert claim.of["telemetry.sdk.name"] == "opentelemetry"


def test_a_retry_is_linked_to_the_attempt_before(
    world: World, worker: Executor, collected: Collector
) -> None:
    job = world.job([probe("fail", how="os")], spec={"max_retries": 1}, traceparent=str(PARENT))
    message(world, worker)
    world.connection.execute("UPDATE tasks SET not_before = NULL")
    message(world, worker)
    assert world.status(job) == "failed"
    eventually(lambda: len(collected.named("perform")) == 2)
    first, second = collected.named("perform")
    assert (first.links, second.links) == ([], [first.span_id])
    assert first.parent_id == second.parent_id == PARENT.span_id
    assert first.error == second.error == "it broke"
    assert (first.attributes["novacron.outcome"], first.attributes["error.type"]) == ("retried", "transient")
    assert second.attributes["novacron.outcome"] == "failed"
    assert [one.attributes["novacron.task.attempt"] for one in (first, second)] == [1, 2]


def test_the_attempt_after_a_killed_worker_is_linked_to_a_span_that_never_came(
    world: World, redis_server, redis_url: str, worker: Executor, tracing: Tracing, collected: Collector
) -> None:
    redis_server.empty()
    job = world.job([probe("die", spared=os.getpid())], traceparent=str(PARENT))
    world.serve()
    [ready] = world.take()
    environment = os.environ | {
        "NOVACRON_DATABASE_URL": world.url, "NOVACRON_REDIS_URL": redis_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collected.url,
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.integration.core.killed_child", str(ready.task_id), "1"]
    killed = subprocess.run(command, cwd=ROOT, env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    world.connection.execute("UPDATE tasks SET lease_until = clock_timestamp()")
    world.connection.execute("DELETE FROM workers")  # nothing is dispatched meanwhile
    loop = leader(world, redis_url, tracing)
    eventually(lambda: collected.named("rescue"))
    loop.stop()
    message(world, worker)
    assert world.status(job) == "completed"
    eventually(lambda: collected.named("perform", task__attempt=2))
    [then], [rescued] = collected.named("perform"), collected.named("rescue")
    assert then.links == rescued.links != []
    assert then.links[0] not in {other.span_id for other in collected.spans}
    assert (then.parent_id, then.error) == (PARENT.span_id, None)
    assert (rescued.parent_id, rescued.error) == (PARENT.span_id, "the worker was lost: its lease expired")
    assert rescued.attributes == {
        "novacron.job.id": job, "novacron.task.id": ready.task_id, "novacron.task.attempt": 1,
        "novacron.worker": "host:2/9",
    }  # fmt: skip
    assert rescued.begun_ns <= rescued.ended_ns


def test_what_is_not_sampled_and_what_has_no_trace_makes_no_spans(
    world: World, worker: Executor, collected: Collector
) -> None:
    others = [
        world.job([probe("echo")], traceparent=traceparent)
        for traceparent in (str(Parent(PARENT.trace_id, PARENT.span_id, 0)), None, "00-broken")
    ]
    last = world.job([probe("echo")], traceparent=str(PARENT))
    while message(world, worker):
        pass
    assert {world.status(job) for job in (*others, last)} == {"completed"}
    assert {one.attributes["novacron.job.id"] for one in exported(collected, 3)} == {last}


def test_log_lines_of_a_task_tell_its_trace(
    world: World, worker: Executor, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[dict[str, object]] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(dict(telemetry.members(record)))

    keeping = Keeping()
    logging.getLogger("another.library").addHandler(keeping)
    world.job([probe("say", texts=["traced"])], traceparent=str(PARENT))
    message(world, worker)
    world.job([probe("say", texts=["untraced"])])
    message(world, worker)
    logging.getLogger("another.library").removeHandler(keeping)
    assert [(one["event"], one.get("trace_id")) for one in told] == [
        ("traced", PARENT.trace_id), ("untraced", None),
    ]  # fmt: skip


def test_dispatch_has_a_span_for_each_job(
    world: World, redis_server, redis_url: str, tracing: Tracing, collected: Collector
) -> None:
    redis_server.empty()
    world.serve()
    job = world.job([probe("echo"), probe("echo")], traceparent=str(PARENT))
    world.job([probe("echo")])
    loop = leader(world, redis_url, tracing)
    [span] = exported(collected, 1)
    loop.stop()
    assert (span.name, span.kind, span.parent_id) == ("dispatch cpu-sim", "PRODUCER", PARENT.span_id)
    assert span.attributes == {
        "messaging.system": "redis", "messaging.operation.name": "dispatch",
        "messaging.operation.type": "send", "messaging.destination.name": "cpu-sim",
        "messaging.batch.message_count": 2, "novacron.job.id": job,
    }  # fmt: skip


def test_a_job_that_waited_for_another_is_planned_in_its_own_trace(
    world: World, redis_server, redis_url: str, tracing: Tracing, collected: Collector
) -> None:
    redis_server.empty()
    world.serve()
    first = world.job([probe("echo")])
    then = world.job(None, spec={"depends_on": [first]}, traceparent=str(PARENT))
    loop = leader(world, redis_url, tracing)
    eventually(lambda: world.states(first) == ["queued"])
    jobs.cancel(world.connection, first)
    eventually(lambda: world.status(then) == "failed")
    assert not collected.named("plan")
    again = world.job([])
    world.connection.execute(
        "UPDATE jobs SET state = 'completed', result = '{}', finished_at = clock_timestamp() WHERE id = %s",
        (again,),
    )
    last = world.job(None, spec={"depends_on": [again]}, traceparent=str(PARENT))
    eventually(lambda: collected.named("plan"))
    loop.stop()
    [span] = collected.named("plan")
    assert (span.parent_id, span.attributes) == (PARENT.span_id, {"novacron.job.id": last})


@pytest.mark.parametrize("fault", ["refused", "busy", "silent", "gone"])
def test_a_collector_that_fails_costs_spans_and_nothing_else(
    world: World, redis_url: str, collected: Collector, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    where = address({
        "OTEL_EXPORTER_OTLP_ENDPOINT": collected.url if fault != "gone" else "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "300",
    })  # fmt: skip
    assert where is not None
    collected.status = {"refused": 400, "busy": 503}.get(fault, 200)
    if fault == "silent":
        collected.open.clear()
    made = Tracing("novacron-tests", where, SOON | {"OTEL_BSP_MAX_QUEUE_SIZE": 2})
    made.start("instance-1")
    running = child(world, redis_url, made, inline_s=10.0)
    job = world.job([probe("echo"), probe("echo", 0)], traceparent=str(PARENT))
    message(world, running)
    assert world.status(job) == "completed"
    made.stop()
    collected.open.set()
    assert "spans_dropped" in caplog.text
