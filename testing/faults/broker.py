"""Faults of Redis and its network path, and of PostgreSQL's notifications."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from shared.broker.publisher import Publisher
from shared.queues import QUEUES
from shared.tasks import TaskSpec
from testing.faults.client import Client
from testing.faults.functions import notes
from testing.faults.proxy import Proxy
from testing.faults.rig import Rig, address, signal_all
from testing.faults.workers import Figures, paused

HEALTHY = (
    "SELECT count(*) FROM workers WHERE NOT draining AND seen_at > clock_timestamp() - interval '15 seconds'"
)
QUEUED = "SELECT count(*) FROM tasks WHERE state = 'queued'"


def _published(rig: Rig, count: int) -> None:
    """Wait until all tasks are marked queued and their messages are on the broker."""
    rig.until(lambda: rig.value(QUEUED) == count, "all are queued")
    publisher = Publisher(rig.redis_url, "")
    # A worker that was stopped while waiting has already been handed one message.
    rig.until(lambda: len(publisher.waiting("cpu-sim")) >= count - QUEUES["cpu-sim"].chunk, "all are sent")
    publisher.close()


def flushed(rig: Rig, count: int) -> Figures:
    """Flush Redis while tasks are on the broker."""
    rig.scheduler()
    worker = rig.worker()
    paused(rig, worker)
    path = rig.traces()
    rig.calls("fault_trace", count, path=str(path), cost_s=0.0001)
    _published(rig, count)
    rig.flush()
    signal_all(worker, signal.SIGCONT)
    took = rig.until(lambda: len(notes(path, "ended")) >= count, "all ran", 60 + 5 * rig.lease_s)
    rig.finish()
    return {"queued": count, "finished_s": took, "lease_s": rig.lease_s, "ran": len(notes(path, "began"))}


def tripled(rig: Rig, count: int) -> Figures:
    """Publish every message three times."""
    rig.scheduler()
    worker = rig.worker(slots=4)
    paused(rig, worker)
    path = rig.traces()
    rig.calls("fault_trace", count, path=str(path), cost_s=0.0001)
    _published(rig, count)
    with rig.broker() as client:
        messages: list[str] = client.lrange("cpu-sim", 0, -1)  # type: ignore[assignment]
        client.rpush("cpu-sim", *messages, *messages)
    signal_all(worker, signal.SIGCONT)
    rig.finish()
    with rig.broker() as client:
        rig.until(lambda: not client.llen("cpu-sim"), "all copies were fetched")
    began = [seed for seed, _, _ in notes(path, "began")]
    twice = len(began) - len(set(began))
    return {"tasks": count, "messages": 3 * len(messages), "effects": len(began), "twice": twice}


def redis_down(rig: Rig, seconds: float) -> Figures:
    """Kill Redis and keep it down for a while; jobs are submitted meanwhile."""
    client = Client(rig.scheduler().url, rig.token)
    rig.worker()
    client.submit()
    rig.finish()
    rig.redis.kill()
    begin, slowest, accepted = time.monotonic(), 0.0, 0
    while time.monotonic() - begin < seconds:
        asked = time.monotonic()
        accepted += client.submit() is not None
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.2)
    waiting = rig.unfinished()
    rig.ensure()
    back = time.monotonic()
    done = "SELECT count(*) FROM jobs WHERE state = 'completed'"
    before = rig.value(done)
    rig.until(lambda: rig.value(done) > before, "dispatch goes on")
    resumed = time.monotonic() - back
    rig.finish()
    return {
        "away_s": seconds, "accepted": accepted, "refused": client.refused, "slowest_submit_s": slowest,
        "waiting": waiting, "resumed_s": resumed,
    }  # fmt: skip


def half_open(rig: Rig, away_s: float) -> Figures:
    """Silence the worker's connections to Redis without closing them, and new ones for a while."""
    rig.scheduler()
    host, port = address(rig.redis_url)
    with Proxy((host, port)) as proxy:
        rig.worker(redis_url=rig.redis_url.replace(f"{host}:{port}", f"{host}:{proxy.port}"))
        return silent_worker(rig, lambda: proxy.silence(new_too=away_s > 0), proxy.heal, away_s)


def silent_worker(rig: Rig, silence: Callable[[], None], heal: Callable[[], None], away_s: float) -> Figures:
    """Cut the only worker off from Redis; measure when it is reported unhealthy, and when it resumes."""
    rig.calls("fault_trace", 8, path=str(rig.traces()))
    rig.finish()
    silence()
    begin = time.monotonic()
    path = rig.traces()
    rig.calls("fault_trace", 4, path=str(path))
    rig.until(lambda: not rig.value(HEALTHY), "the worker is unhealthy")
    unhealthy = time.monotonic() - begin
    time.sleep(max(0.0, away_s - unhealthy))
    heal()
    healed = time.monotonic() if away_s else begin
    rig.until(lambda: len(notes(path, "ended")) == 4, "the worker takes tasks again")
    consuming = time.monotonic() - healed
    rig.until(lambda: rig.value(HEALTHY), "the worker is healthy")
    rig.finish()
    consumed = len(notes(path, "ended"))
    return {"unhealthy_s": unhealthy, "consumed": consumed, "consuming_s": consuming, "away_s": away_s}


@contextmanager
def _without_notifications(rig: Rig) -> Iterator[None]:
    """Replace pg_notify by a no-op for new connections."""
    rig.execute(
        "CREATE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''",
        "ALTER DATABASE novacron SET search_path = public, pg_catalog",
    )
    rig.forget_connection()
    try:
        yield
    finally:
        rig.execute("ALTER DATABASE novacron RESET search_path", "DROP FUNCTION public.pg_notify(text, text)")
        rig.forget_connection()


def unnotified(rig: Rig, count: int) -> Figures:
    """Drop all notifications; measure how much later a job starts and its waiters learn of its end."""
    with _without_notifications(rig):
        client = Client(rig.scheduler().url, rig.token)
        rig.worker(NOVACRON_INLINE_S="0")
        late = []
        for _ in range(count):
            begin = time.monotonic()
            job = client.submit(wait_s=30)
            late.append(time.monotonic() - begin)
            assert job and job["status"] == "completed"
            time.sleep(0.6)  # let the loop reach its longest wait
        chain = rig.submit([TaskSpec("noop", "cpu-sim", after=(k - 1,) if k else ()) for k in range(5)])
        begin = time.monotonic()
        ended = "SELECT finished_at IS NOT NULL FROM jobs WHERE id = %s"
        rig.until(lambda: rig.value(ended, chain), "the chain ended")
        took = time.monotonic() - begin
        chained = rig.value("SELECT count(*) FROM tasks WHERE job_id = %s AND state = 'completed'", chain)
        rig.end_processes()
    return {"told": len(late), "slowest_s": max(late), "chained": chained, "chain_of_5_s": took}
