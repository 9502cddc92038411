"""The faults of the campaign: the action, the repetitions, and the required result."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from testing.faults import (
    alerts,
    broker,
    chaos,
    database,
    embedded,
    hardware,
    loops,
    netns,
    schedulers,
    sweeps,
    workers,
)
from testing.faults.workers import Figures


@dataclass(frozen=True, slots=True)
class Row:
    """One fault.

    Attributes:
        name: its name for `--only`.
        target: the invariant, in words.
        run: injects the fault and returns the observations.
        small: repetitions of a quick run.
        full: repetitions of the campaign; each entry is a separate run.
        kept: whether the target was met, beside the invariants of the rows.
    """

    name: str
    target: str
    run: Callable[..., Figures]
    small: dict[str, Any]
    full: list[dict[str, Any]]
    kept: Callable[[Figures], bool] = field(default=lambda seen: True)


def _chaos_kept(seen: Figures) -> bool:
    return not (seen["lost"] or seen["effects_twice"] or seen["order_violations"] or seen["results_missing"])


def _same(seen: Figures) -> bool:
    return not (seen["different"] or seen["computed_again"])


EMBEDDED: dict[str, Callable[..., Figures]] = {
    **{f"{victim}-killed": partial(embedded.killed, victim) for victim in embedded.VICTIMS},
    "all-killed": embedded.all_killed,
    "down-after-kill": embedded.down_after_kill,
    "sigint": partial(embedded.interrupted, signal.SIGINT),
    "sigterm": partial(embedded.interrupted, signal.SIGTERM),
    "full-disk": embedded.full_disk,
    "full-disk-and-kill": partial(embedded.full_disk, kill=True),
    "full-disk-and-down": partial(embedded.full_disk, down=True),
}


def _device(point: str) -> Row:
    """Return a row about workers killed at a point of a job's way to a provider and back."""
    return Row(
        f"device-{point}", "one job at the provider for each task, no secret written",
        partial(hardware.killed, point), {"times": 2}, [{"times": 20}],
        lambda seen: not any(value for name, value in seen.items() if name != "jobs"),
    )  # fmt: skip


def _embedded(name: str, run: Callable[..., Figures]) -> Row:
    """Return a row for an embedded stack, which does not use the rig."""
    return Row(
        f"embedded-{name}", "no job lost, no process left, `down` says what is",
        lambda _rig, times: run(times=times), {"times": 1}, [{"times": 20}], embedded.kept,
    )  # fmt: skip


def _alert(name: str, run: Callable[..., Figures], *, small: Any = None, full: Any = None) -> Row:
    """A row about an alert; one that does not fire, or is not resolved, breaks the row."""
    target = "the alert fires, and is resolved when mended"
    return Row(f"alert-{name}", target, run, small or {}, [full or {}])


ALERTS = (
    _alert("scheduler-killed", alerts.scheduler_killed),
    _alert("postgres-killed", alerts.database_killed),
    _alert("redis-killed", alerts.broker_killed),
    _alert("worker-killed", alerts.worker_killed, small={"waiting": False}, full={"waiting": True}),
    _alert("no-worker", alerts.no_worker),
    _alert("task-waits", alerts.task_waits),
    _alert("memory-short", alerts.memory_short),
    _alert("certificate-expires", alerts.certificate_expires),
    _alert("disk-full", lambda _rig: alerts.disk_full()),
)

ROWS: tuple[Row, ...] = (
    Row(
        "chaos", "0 lost, 0 duplicate effects, 0 order violations", chaos.chaos,
        {"seed": 1, "tasks": 600, "faults": 6},
        [{"seed": seed, "tasks": 10_000, "faults": 25} for seed in range(1, 21)], _chaos_kept,
    ),
    Row(
        "worker-killed", "rerun within lease + 2 s", workers.killed, {"trials": 1}, [{"trials": 10}],
        lambda seen: seen["late_s"] <= seen["lease_s"] + 2 and not seen["unfinished"],
    ),
    Row(
        "worker-stopped", "late result rejected, 100 of 100", workers.stopped, {"wanted": 4, "slots": 4},
        [{"wanted": 100, "slots": 8}], lambda seen: not seen["accepted_late"] and not seen["twice"],
    ),
    Row(
        "slow-task", "exactly 1 start, nothing Redis could redeliver", workers.slow, {"leases": 5},
        [{"leases": 5}], lambda seen: seen["starts"] == 1 and not seen["redeliverable"],
    ),
    Row(
        "flushall", "all finish within lease + 5 s", broker.flushed, {"count": 200}, [{"count": 1000}] * 3,
        lambda seen: seen["finished_s"] <= seen["lease_s"] + 5,
    ),
    Row(
        "redis-down", "submits accepted; dispatch resumes within 5 s", broker.redis_down, {"seconds": 4},
        [{"seconds": 30}] * 3, lambda seen: not seen["refused"] and seen["resumed_s"] <= 5,
    ),
    Row(
        "half-open", "consuming within 60 s, unhealthy before that", broker.half_open, {"away_s": 0},
        [{"away_s": 0}, {"away_s": 30}], lambda seen: seen["unhealthy_s"] < 60 and seen["consuming_s"] <= 60,
    ),
    Row(
        "packets-dropped", "consuming within 60 s, unhealthy before that", netns.dropped, {"away_s": 10},
        [{"away_s": 30}, {"away_s": 120}],
        lambda seen: seen["unhealthy_s"] < 60 and seen["consuming_s"] <= 60,
    ),
    Row(
        "postgres-killed", "resumed within 5 s; no acknowledged submit lost", database.killed,
        {"trials": 3, "seed": 1}, [{"trials": 100, "seed": 1}],
        lambda seen: seen["resumed_s"] <= 5 and not seen["lost"] and not seen["not_completed"],
    ),
    Row(
        "scheduler-killed", "all complete", schedulers.killed, {"trials": 1}, [{"trials": 50}],
        lambda seen: not seen["not_completed"] and seen["starts"] == seen["tasks"],
    ),
    Row(
        "two-schedulers", "0 double claims", schedulers.two, {"jobs": 3, "handovers": 2},
        [{"jobs": 10, "handovers": 20}], lambda seen: seen["starts"] == seen["calls"],
    ),
    Row(
        "scheduler-stopped", "the other leads within 12 s, 0 double starts", schedulers.stopped,
        {"trials": 1}, [{"trials": 12}],
        lambda seen: seen["takeover_s"] <= 12 and seen["starts"] == seen["calls"],
    ),
    Row(
        "tripled", "1 effect each", broker.tripled, {"count": 100}, [{"count": 1000}] * 3,
        lambda seen: seen["effects"] == seen["tasks"] and not seen["twice"],
    ),
    Row(
        "poison", "quarantined after 3 attempts, neighbours at most 10 % slower", workers.poisoned,
        {"neighbours": 10}, [{"neighbours": 800}],
        lambda seen: seen["attempts"] == 3 and not seen["neighbours_failed"] and seen["slower"] <= 0.1,
    ),
    Row(
        "cancel", "never runs later; stops within 5 s", workers.cancelled, {"count": 20}, [{"count": 500}],
        lambda seen: not seen["ran_after_cancel"]
        and max(seen["stopped_checking_s"], seen["stopped_deaf_s"]) <= 5,
    ),
    Row(
        "delayed", "worker RSS grows < 20 MB", workers.delayed, {"count": 5000}, [{"count": 100_000}],
        lambda seen: seen["grown_mb"] < 20,
    ),
    Row(
        "long-work", "cpu-sim start p99 < 1 s", workers.isolated, {"short": 40}, [{"short": 500}],
        lambda seen: seen["start_p99_s"] < 1,
    ),
    Row(
        "unnotified", "at most 0.5 s later per wake (2 wakes a job)", broker.unnotified, {"count": 2},
        [{"count": 20}], lambda seen: seen["slowest_s"] <= 2 * 0.5 + 0.5,
    ),
    Row(
        "sigterm", "drained or released within 30 s", workers.terminated, {}, [{}],
        lambda seen: bool(seen["exited"]) and seen["exit_s"] <= 30,
    ),
    Row(
        "fused-loop", "the same bits, nothing recorded computed again", loops.same_bits,
        {"granularity": "fused", "iterations": 150, "kills": 2, "seed": 1},
        [{"granularity": "fused", "iterations": 300, "kills": 5, "seed": seed} for seed in range(5)], _same,
    ),
    Row(
        "fanned-out-loop", "the same bits, nothing recorded computed again", loops.same_bits,
        {"granularity": "fanned_out", "iterations": 12, "kills": 2, "seed": 1},
        [{"granularity": "fanned_out", "iterations": 60, "kills": 5, "seed": seed} for seed in range(5)],
        _same,
    ),
    Row(
        "qec-sweep", "the counts of an undisturbed run, nothing sampled again", sweeps.same_counts,
        {"seed": 1, "errors": 100, "kills": 3},
        [{"seed": seed, "errors": 500, "kills": 9} for seed in range(1, 21)], sweeps.kept,
    ),
    *(_device(point) for point in hardware.POINTS),
    Row(
        "device-cancelled", "cancelled at the provider within 2 s and an interval between polls",
        hardware.cancelled, {"times": 2}, [{"times": 20}], lambda seen: seen["worst_s"] <= 2 + 1.2,
    ),
    *(_embedded(name, run) for name, run in EMBEDDED.items()),
    *ALERTS,
)  # fmt: skip
