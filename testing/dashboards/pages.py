"""Contents of the dashboards, and their files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.metrics.table import METRICS
from testing.dashboards.panels import Dashboard, Panel, Row

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "grafana" / "dashboards"

OVERVIEW = Dashboard(
    "overview",
    "NovaCron: queues, jobs, processes",
    (
        Row(
            "Queues",
            (
                Panel("novacron_queue_seconds", "Work on the queue"),
                Panel("novacron_queue_tasks", "Tasks"),
                Panel("novacron_queue_oldest_seconds", "Age of the oldest waiting task"),
                Panel("novacron_workers", "Workers"),
                Panel("novacron_worker_slots", "Slots of live workers"),
            ),
        ),
        Row(
            "Dispatch and claims",
            (
                Panel("novacron_submit_seconds", "Submission response time"),
                Panel("novacron_submit_to_start_seconds", "Submission to start"),
                Panel("novacron_dispatch_seconds", "Dispatch"),
                Panel("novacron_claim_seconds", "Claim"),
                Panel("novacron_lease_rescues_total", "Tasks reclaimed from lost workers"),
                Panel("novacron_rescue_delay_seconds", "Lease expiry to reclaim"),
                Panel("novacron_messages_resent_total", "Tasks republished"),
            ),
        ),
        Row(
            "Jobs and retries",
            (
                Panel("novacron_jobs_total", "Jobs that ended"),
                Panel("novacron_cache_total", "Jobs accepted, by cache result"),
                Panel("novacron_retries_total", "Retried attempts"),
                Panel("novacron_task_seconds", "Attempts", rate=True),
                Panel("novacron_task_seconds", "Run time of attempts"),
                Panel("novacron_journal_rows", "Evaluations in the journal"),
            ),
        ),
        Row(
            "Database and broker",
            (
                Panel("novacron_database_up", "Database reachable by all schedulers", aggregation="min"),
                Panel("novacron_broker_up", "Broker reachable by the leader", aggregation="min"),
                Panel("novacron_db_pool_in_use", "Database connections in use"),
                Panel(
                    "novacron_data_free_ratio",
                    "Free space of the data folder's file system",
                    aggregation="min",
                ),
            ),
        ),
        Row(
            "Leaders",
            (
                Panel("novacron_leader", "Leaders (must be 1)"),
                Panel("novacron_events_stream_clients", "Event stream clients"),
            ),
        ),
    ),
)

WORK = Dashboard(
    "backends",
    "NovaCron: backends and cryptography",
    (
        Row(
            "Backends",
            (
                Panel("quantum_circuits_executed_total", "Circuits"),
                Panel("quantum_circuit_execution_duration", "Run time of circuits"),
                Panel("quantum_backend_error_rate", "Error rate"),
                Panel("quantum_backend_queue_length", "Queue length"),
                Panel("quantum_backend_uptime_seconds", "Uptime"),
                Panel("quantum_circuit_depth", "Circuit depth"),
                Panel("quantum_gates_executed_total", "Gates"),
                Panel("quantum_fidelity_average", "Mean fidelity"),
                Panel("quantum_coherence_time", "Coherence times T1 and T2"),
            ),
        ),
        Row(
            "Cryptography",
            (
                Panel("novacron_task_seconds", "Operations", rate=True, where={"queue": "crypto"}),
                Panel("novacron_task_seconds", "Run time of operations", where={"queue": "crypto"}),
                Panel("novacron_tls_handshakes_total", "TLS handshakes by key exchange"),
                Panel("novacron_migration_steps", "Steps of running migrations"),
                Panel(
                    "novacron_certificate_expiry_seconds",
                    "Time to the next certificate expiry",
                    aggregation="min",
                ),
            ),
        ),
    ),
)

DASHBOARDS = (OVERVIEW, WORK)
LATER = {
    "novacron_tls_handshakes_total": "TLS is served",
    "novacron_rescue_delay_seconds": "a worker was lost",
    "novacron_retries_total": "an attempt failed and is retried",
    "novacron_certificate_expiry_seconds": "there is a certificate",
    "novacron_migration_steps": "a migration is running",
    "novacron_events_stream_clients": "a client has followed a job",
}
"""Metrics that a stack with a few jobs may not export -> when it does."""


def wanted() -> dict[Path, str]:
    """Return the required content of each file."""
    return {FOLDER / f"{one.name}.json": json.dumps(one.json(), indent=1) + "\n" for one in DASHBOARDS}


def expressions() -> Iterator[str]:
    """Yield all Prometheus expressions in the files, verbatim."""
    for file in sorted(FOLDER.glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            yield from (target["expr"] for target in panel.get("targets", ()))


def named(asked: Iterable[str]) -> set[str]:
    """Return the table's metrics used in expressions.

    Raises:
        LookupError: one is not in the table, or is not of the kind that has such series.
    """
    found = set()
    for expression in asked:
        for name in re.findall(r"\b(?:novacron|quantum)_\w+", expression):
            base = re.sub(r"_(bucket|count|sum)$", "", name)
            if base not in METRICS or (METRICS[base].kind == "histogram") == (base == name):
                raise LookupError(f"{name} is no series of a metric of the table: {expression}")
            found.add(base)
    return found


def write() -> None:
    """Write the required files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in set(FOLDER.glob("*.json")) - wanted().keys():
        file.unlink()
    for file, text in wanted().items():
        file.write_text(text)
