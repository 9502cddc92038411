"""All metrics, one row each: the only place that defines names, labels and buckets.

The number of series is small and does not grow with use: no label holds a job, a tenant, a circuit, a worker
or a process. docs/metrics.md, dashboards and the checks of alert rules are generated from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["counter", "gauge", "histogram", "mean"]
Teller: TypeAlias = Literal["leader", "scheduler", "worker"]

MOMENTS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SPANS_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0)
DEPTHS = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: the Prometheus name; of a counter with `_total`.
        kind: `mean` is a gauge of the mean of all observations.
        teller: which processes export it: every scheduler, the leader, or workers.
        help: its meaning, with its unit.
        labels: names of its labels, in order.
        buckets: upper bounds of a histogram's buckets, ascending, without infinity.
    """

    name: str
    kind: Kind
    teller: Teller
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


ROWS = (
    Metric(
        "novacron_queue_tasks", "gauge", "leader",
        "Tasks by queue and state: ready waits for room, delayed for its time, queued for a worker.",
        ("queue", "state"),
    ),
    Metric(
        "novacron_queue_seconds", "gauge", "leader",
        "Seconds of work that wait or run on a queue: expected run time of its ready, queued and "
        "running tasks "
        "over the slots of its live workers, or over 1 where there is none.",
        ("queue",),
    ),
    Metric(
        "novacron_queue_oldest_seconds", "gauge", "leader",
        "How long the task that has waited longest on a queue has been ready or queued; 0 where none waits.",
        ("queue",),
    ),
    Metric(
        "novacron_workers", "gauge", "leader",
        "Workers by queue and state: live, draining, or lost: not heard of for 15 s. "
        "A lost one is forgotten after ten minutes.",
        ("queue", "state"),
    ),
    Metric(
        "novacron_worker_slots", "gauge", "leader",
        "Processes of the live workers of a queue.",
        ("queue",),
    ),
    Metric(
        "novacron_dispatch_seconds", "histogram", "leader",
        "Time from the look for ready tasks until their messages were on the broker, "
        "for each look that found some.",
        (), MOMENTS_S,
    ),
    Metric(
        "novacron_submit_to_start_seconds", "histogram", "leader",
        "Time from the acceptance of a job to the start of its first task, "
        "by its priority: low is below 0, normal is 0, high is above.",
        ("priority",), (0.01, 0.025, *SPANS_S[3:]),
    ),
    Metric(
        "novacron_jobs_total", "counter", "leader",
        "Jobs that ended since this scheduler leads, by kind and how: completed, failed or cancelled.",
        ("kind", "status"),
    ),
    Metric(
        "novacron_cache_total", "counter", "leader",
        "Jobs accepted since this scheduler leads: hit was served from the result cache, joined waits for an "
        "equal one in flight, miss is computed, off shares no result.",
        ("result",),
    ),
    Metric(
        "novacron_lease_rescues_total", "counter", "leader",
        "Tasks taken back because their workers stopped beating.",
    ),
    Metric(
        "novacron_rescue_delay_seconds", "histogram", "leader",
        "Time from the expiry of a lease until its task was reclaimed; the worker's last heartbeat was "
        "NOVACRON_LEASE_S earlier.",
        (), (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
    ),
    Metric(
        "novacron_messages_resent_total", "counter", "leader",
        "Tasks whose message was neither on the broker nor claimed, and was sent again.",
    ),
    Metric(
        "novacron_journal_rows", "gauge", "leader",
        "Evaluations in the journal, as PostgreSQL counts rows.",
    ),
    Metric(
        "novacron_migration_steps", "gauge", "leader",
        "Steps of post-quantum migrations under way, by state.",
        ("state",),
    ),
    Metric(
        "novacron_certificate_expiry_seconds", "gauge", "leader",
        "Time until the first certificate expires: issued is one that was issued here, valid and not "
        "revoked; "
        "api is one that the API serves. Absent where there is none.",
        ("use",),
    ),
    Metric(
        "novacron_broker_up", "gauge", "leader",
        "1 where the broker took the leader's last word, else 0.",
    ),
    Metric(
        "quantum_backend_uptime_seconds", "gauge", "leader",
        "Time since the oldest live worker that runs a backend started; 0 where there is none.",
        ("backend",),
    ),
    Metric(
        "quantum_backend_queue_length", "gauge", "leader",
        "Tasks that wait on the queue which serves a backend, and work in its provider's queue.",
        ("backend",),
    ),
    Metric(
        "quantum_backend_error_rate", "gauge", "leader",
        "Share of a backend's jobs that failed, by no fault of their own, among those that completed or "
        "failed "
        "in the last five minutes. Absent where none ended.",
        ("backend",),
    ),
    Metric("novacron_leader", "gauge", "scheduler", "1 in the scheduler that dispatches, 0 in the others."),
    Metric(
        "novacron_database_up", "gauge", "scheduler",
        "1 where the database answered when it was asked last, at most 5 s ago, else 0.",
    ),
    Metric(
        "novacron_db_pool_in_use", "gauge", "scheduler",
        "Connections to PostgreSQL that requests hold now.",
    ),
    Metric(
        "novacron_events_stream_clients", "gauge", "scheduler",
        "Clients that follow the events of a job.",
    ),
    Metric(
        "novacron_submit_seconds", "histogram", "scheduler",
        "Time from the request to the answer of submissions that were accepted, without what they then "
        "wait for.",
        (), MOMENTS_S,
    ),
    Metric(
        "novacron_tls_handshakes_total", "counter", "scheduler",
        "TLS handshakes with the API, by the group of the key exchange.",
        ("group",),
    ),
    Metric(
        "novacron_data_free_ratio", "gauge", "scheduler",
        "Share of the file system with the data folder that is free; of the embedded stack alone.",
    ),
    Metric(
        "novacron_claim_seconds", "histogram", "worker",
        "Time a worker takes to claim the tasks of a message.",
        ("queue",), MOMENTS_S,
    ),
    Metric(
        "novacron_task_seconds", "histogram", "worker",
        "Run time of an attempt of a task, whatever came of it.",
        ("queue", "operation"), SPANS_S,
    ),
    Metric(
        "novacron_retries_total", "counter", "worker",
        "Attempts that failed and are tried again, by the class of the failure.",
        ("queue", "class"),
    ),
    Metric(
        "quantum_circuits_executed_total", "counter", "worker",
        "Circuits run, each at each point of its parameters; a part of one counts as that part.",
        ("backend",),
    ),
    Metric(
        "quantum_circuit_execution_duration", "histogram", "worker",
        "Seconds of a run of circuits on a backend, all points of a batch together.",
        ("backend",), (0.0001, *MOMENTS_S[1:], 30.0, 60.0, 300.0),
    ),
    Metric(
        "quantum_circuit_depth", "histogram", "worker",
        "Depth of circuits run: the longest chain of instructions that wait for each other.",
        ("backend",), DEPTHS,
    ),
    Metric(
        "quantum_gates_executed_total", "counter", "worker",
        "Gates of circuits run, at each point; in variational loops the operations that the simulator runs.",
        ("gate_type", "backend"),
    ),
    Metric(
        "quantum_fidelity_average", "mean", "worker",
        "Mean fidelity of circuit jobs with noise: with the ideal state where a job asks for it, else of the "
        "outcomes with those without noise. Absent where no job could tell.",
        ("backend",),
    ),
    Metric(
        "quantum_coherence_time", "gauge", "worker",
        "Seconds, mean T1 or T2 of the qubits in the calibration or noise model of the last circuit job. "
        "Absent where that has none.",
        ("backend", "time"),
    ),
)  # fmt: skip

METRICS: dict[str, Metric] = {row.name: row for row in ROWS}
