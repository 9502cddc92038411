"""All metrics, one row each: the only place that defines names, labels and buckets.

The number of series is small and does not grow with use: no label holds a job, a tenant, a circuit, a worker
or a process. docs/metrics.md, dashboards and the tests of alert rules are generated from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["counter", "gauge", "histogram", "mean"]
Exporter: TypeAlias = Literal["leader", "scheduler", "worker"]

MOMENTS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SPANS_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0)
DEPTHS = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: the Prometheus name; a counter's ends in `_total`.
        kind: `mean` is a gauge of the mean of all observations.
        exporter: which processes export it: every scheduler, the leader, or workers.
        help: its meaning, with its unit.
        labels: names of its labels, in order.
        buckets: upper bounds of a histogram's buckets, ascending, without infinity.
    """

    name: str
    kind: Kind
    exporter: Exporter
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


ROWS = (
    Metric(
        "novacron_queue_tasks", "gauge", "leader",
        "Unfinished tasks by queue and state: ready (waiting for capacity), delayed (waiting for their start "
        "time), queued (waiting for a worker) or running.",
        ("queue", "state"),
    ),
    Metric(
        "novacron_queue_seconds", "gauge", "leader",
        "Seconds of work on a queue: expected run time of its ready, queued and running tasks, divided by "
        "the slots of its live workers, or by 1 if there are none.",
        ("queue",),
    ),
    Metric(
        "novacron_queue_oldest_seconds", "gauge", "leader",
        "Seconds since the oldest ready or queued task of a queue became ready; 0 if there is none.",
        ("queue",),
    ),
    Metric(
        "novacron_workers", "gauge", "leader",
        "Workers by queue and state: live, draining, or lost (no heartbeat for 15 s). Lost workers are "
        "removed after 10 minutes.",
        ("queue", "state"),
    ),
    Metric(
        "novacron_worker_slots", "gauge", "leader",
        "Task slots (processes) of the live workers of a queue.",
        ("queue",),
    ),
    Metric(
        "novacron_dispatch_seconds", "histogram", "leader",
        "Seconds from the query for ready tasks until their messages were published, for each dispatch round "
        "that found any.",
        (), MOMENTS_S,
    ),
    Metric(
        "novacron_submit_to_start_seconds", "histogram", "leader",
        "Seconds from the acceptance of a job to the start of its first task, by priority: low (below 0), "
        "normal (0) or high (above 0).",
        ("priority",), (0.01, 0.025, *SPANS_S[3:]),
    ),
    Metric(
        "novacron_jobs_total", "counter", "leader",
        "Jobs that ended since this scheduler became the leader, by kind and final status: completed, failed "
        "or cancelled.",
        ("kind", "status"),
    ),
    Metric(
        "novacron_cache_total", "counter", "leader",
        "Jobs accepted since this scheduler became the leader, by use of the result cache: hit (served from "
        "it), joined (coalesced with an identical job in flight), miss (computed) or off (not cacheable).",
        ("result",),
    ),
    Metric(
        "novacron_lease_rescues_total", "counter", "leader",
        "Tasks reclaimed because their leases expired.",
    ),
    Metric(
        "novacron_rescue_delay_seconds", "histogram", "leader",
        "Seconds from the expiry of a lease until its task was reclaimed; the last heartbeat was "
        "NOVACRON_LEASE_S before the expiry.",
        (), (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
    ),
    Metric(
        "novacron_messages_resent_total", "counter", "leader",
        "Tasks republished because their messages were lost: neither on the broker nor claimed.",
    ),
    Metric(
        "novacron_journal_rows", "gauge", "leader",
        "Evaluations in the journal: the row count estimated by PostgreSQL.",
    ),
    Metric(
        "novacron_migration_steps", "gauge", "leader",
        "Steps of running post-quantum migrations, by state.",
        ("state",),
    ),
    Metric(
        "novacron_certificate_expiry_seconds", "gauge", "leader",
        "Seconds until the next certificate expires, by use: issued (by this installation, valid and not "
        "revoked) or api (served by the API). Absent if there is none.",
        ("use",),
    ),
    Metric(
        "novacron_broker_up", "gauge", "leader",
        "1 if the leader's last request to the broker succeeded, else 0.",
    ),
    Metric(
        "quantum_backend_uptime_seconds", "gauge", "leader",
        "Seconds since the start of the oldest live worker that serves a backend; 0 if there is none.",
        ("backend",),
    ),
    Metric(
        "quantum_backend_queue_length", "gauge", "leader",
        "Tasks waiting on the queue of a backend, plus jobs in its provider's queue.",
        ("backend",),
    ),
    Metric(
        "quantum_backend_error_rate", "gauge", "leader",
        "Fraction of a backend's jobs completed or failed in the last 5 minutes that failed for reasons "
        "other than user errors, failed dependencies and timeouts. Absent if none ended.",
        ("backend",),
    ),
    Metric("novacron_leader", "gauge", "scheduler", "1 if this scheduler is the leader, else 0."),
    Metric(
        "novacron_database_up", "gauge", "scheduler",
        "1 if the last query to the database, at most 5 s ago, succeeded, else 0.",
    ),
    Metric(
        "novacron_db_pool_in_use", "gauge", "scheduler",
        "PostgreSQL connections in use by requests.",
    ),
    Metric(
        "novacron_events_stream_clients", "gauge", "scheduler",
        "Clients connected to event streams of jobs.",
    ),
    Metric(
        "novacron_submit_seconds", "histogram", "scheduler",
        "Seconds from the request to the response of accepted submissions, excluding wait_s.",
        (), MOMENTS_S,
    ),
    Metric(
        "novacron_tls_handshakes_total", "counter", "scheduler",
        "TLS handshakes with the API, by key exchange group.",
        ("group",),
    ),
    Metric(
        "novacron_data_free_ratio", "gauge", "scheduler",
        "Free fraction of the file system of the data folder; embedded stack only.",
    ),
    Metric(
        "novacron_claim_seconds", "histogram", "worker",
        "Seconds taken to claim the tasks of a message.",
        ("queue",), MOMENTS_S,
    ),
    Metric(
        "novacron_task_seconds", "histogram", "worker",
        "Run time of a task attempt in seconds, whatever its outcome.",
        ("queue", "operation"), SPANS_S,
    ),
    Metric(
        "novacron_retries_total", "counter", "worker",
        "Failed task attempts that are retried, by failure class.",
        ("queue", "class"),
    ),
    Metric(
        "quantum_circuits_executed_total", "counter", "worker",
        "Circuits executed, once per parameter point; a share of a split circuit counts as a fraction.",
        ("backend",),
    ),
    Metric(
        "quantum_circuit_execution_duration", "histogram", "worker",
        "Run time of a batch of circuits on a backend in seconds, all parameter points together.",
        ("backend",), (0.0001, *MOMENTS_S[1:], 30.0, 60.0, 300.0),
    ),
    Metric(
        "quantum_circuit_depth", "histogram", "worker",
        "Depth of executed circuits: the length of the longest chain of dependent instructions.",
        ("backend",), DEPTHS,
    ),
    Metric(
        "quantum_gates_executed_total", "counter", "worker",
        "Gates executed, summed over parameter points; for variational loops, the operations of the "
        "simulator's program.",
        ("gate_type", "backend"),
    ),
    Metric(
        "quantum_fidelity_average", "mean", "worker",
        "Mean fidelity of noisy circuit jobs: the state fidelity with the ideal state if requested, else the "
        "fidelity of noisy and ideal outcome distributions. Absent without such jobs.",
        ("backend",),
    ),
    Metric(
        "quantum_coherence_time", "gauge", "worker",
        "Mean T1 or T2 in seconds over the qubits in the calibration or noise model of the last circuit job. "
        "Absent if these have none.",
        ("backend", "time"),
    ),
)  # fmt: skip

METRICS: dict[str, Metric] = {row.name: row for row in ROWS}
