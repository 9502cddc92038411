"""Alerts on real faults: each fires in a Prometheus that scrapes a scheduler, and is resolved once mended.

Prometheus applies the rules of the repository with their durations divided by `prometheus.HASTE`.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scheduler.embedded import ports
from testing import prometheus
from testing.faults import embedded
from testing.faults.client import Client
from testing.faults.database import kill_postgres
from testing.faults.rig import Rig, Scheduler
from testing.faults.workers import Figures
from testing.migration.certificates import self_signed
from testing.patience import eventually
from testing.prometheus import Prometheus

LOOK_S = 0.1
LONGEST_S = 900.0
"""Ten minutes pass until a lost worker is forgotten."""
RENEWED = 'novacron_certificate_expiry_seconds{use="api"} > 80 * 86400'
HEADER = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[20]; creg c[2];'
LAYER = "".join(f"ry(0.{k + 1}) q[{k}]; cx q[{k}],q[{(k + 1) % 20}];" for k in range(20))
MEASURED = "measure q[0] -> c[0]; measure q[1] -> c[1];"


@contextmanager
def _watched(rig: Rig, **variables: str) -> Iterator[tuple[Scheduler, Prometheus]]:
    """A scheduler, and a Prometheus that scrapes it and has seen it lead."""
    port = ports.choose()
    scheduler = rig.scheduler(NOVACRON_METRICS_PORT=str(port), **variables)
    with prometheus.running([f"{ports.LOOPBACK}:{port}"]) as server:
        eventually(lambda: server.query("novacron_workers"), "the leader is scraped")
        yield scheduler, server


def _alert(server: Prometheus, name: str, fault: Callable[[], object], mend: Callable[[], object]) -> Figures:
    """Seconds from a fault until its alert fires, and from the mending until it is resolved."""
    # What fires in the first moments is for what has not started yet.
    eventually(lambda: name not in server.firing(), f"{name} does not fire yet")
    fault()
    begin = time.monotonic()
    eventually(lambda: name in server.firing(), f"{name} fires", LONGEST_S, every_s=LOOK_S)
    fires_s = time.monotonic() - begin
    mend()
    begin = time.monotonic()
    eventually(lambda: name not in server.firing(), f"{name} is resolved", LONGEST_S, every_s=LOOK_S)
    return {"fires_s": fires_s, "resolved_s": time.monotonic() - begin}


def scheduler_killed(rig: Rig) -> Figures:
    """The only scheduler killed, and started again."""
    with _watched(rig) as (scheduler, server):
        return _alert(server, "NovaCronNoLeader", scheduler.child.kill, scheduler.child.start)


def database_killed(rig: Rig) -> Figures:
    """PostgreSQL killed, and started again."""
    with _watched(rig) as (_, server):
        return _alert(server, "NovaCronDatabaseDown", partial(kill_postgres, rig), rig.ensure)


def broker_killed(rig: Rig) -> Figures:
    """Redis killed while nothing has to be sent, and started again."""
    with _watched(rig) as (_, server):
        return _alert(server, "NovaCronBrokerDown", rig.redis.kill, rig.ensure)


def worker_killed(rig: Rig, *, waiting: bool) -> Figures:
    """A worker killed, and forgotten in the end.

    Args:
        rig: the servers.
        waiting: whether 15 s pass until it is lost and ten minutes until it is forgotten; else its last word
            is set back by as much.
    """
    with _watched(rig) as (_, server):
        worker = rig.worker()

        def silent_for(duration: str) -> None:
            if not waiting:
                rig.execute(f"UPDATE workers SET seen_at = seen_at - interval '{duration}'")

        def kill() -> None:
            worker.kill()
            silent_for("15 seconds")

        return _alert(server, "NovaCronWorkerLost", kill, partial(silent_for, "10 minutes"))


def no_worker(rig: Rig) -> Figures:
    """A job for a queue without workers, until one is started."""
    with _watched(rig) as (_, server):
        submit = partial(rig.calls, "fault_trace", 1, path=str(rig.traces()))
        return _alert(server, "NovaCronQueueWithoutWorkers", submit, rig.worker)


def task_waits(rig: Rig) -> Figures:
    """A task that is ready for half an hour, as its row is made to say, until a worker is started."""
    with _watched(rig) as (_, server):

        def submit() -> None:
            rig.calls("fault_trace", 1, path=str(rig.traces()))
            rig.execute("UPDATE tasks SET ready_at = ready_at - interval '31 minutes'")

        return _alert(server, "NovaCronQueueStuck", submit, rig.worker)


def memory_short(rig: Rig) -> Figures:
    """A worker with too little memory for a circuit, replaced by one that does the next five."""
    with _watched(rig) as (scheduler, server):
        client = Client(scheduler.url, rig.token)
        worker = rig.worker(NOVACRON_MEMORY_LIMIT_BYTES="1")

        def fail() -> None:
            job = client.submit(_circuit(layers=40), wait_s=60)
            assert job and job["status"] == "failed", job

        def succeed() -> None:
            worker.kill()
            rig.worker()
            for seed in range(5):
                job = client.submit(_circuit(layers=1) | {"seed": seed}, wait_s=60)
                assert job and job["status"] == "completed", job

        return _alert(server, "NovaCronBackendFailing", fail, succeed)


def _circuit(layers: int) -> dict[str, Any]:
    """A circuit of 20 qubits for the state vector."""
    return {
        "kind": "pure_quantum", "backend": "statevector", "cache": False, "max_retries": 0,
        "circuit": {"qasm": HEADER + layers * LAYER + MEASURED},
    }  # fmt: skip


def certificate_expires(rig: Rig) -> Figures:
    """A served certificate with 13 days left, renewed as docs/alerts.md says."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        self_signed(folder, days=90)
        with _watched(rig, NOVACRON_TLS_MODE="hybrid", NOVACRON_TLS_FOLDER=name) as (scheduler, server):

            def renew() -> None:
                self_signed(folder, days=90)
                scheduler.child.stop()
                scheduler.child.start()
                eventually(lambda: server.query(RENEWED), "the new certificate is scraped")

            return _alert(server, "NovaCronCertificateExpiring", partial(self_signed, folder, days=13), renew)


def disk_full() -> Figures:
    """The disk of an embedded stack full, until there is room again."""
    with embedded.stack(small_disk=True) as made, ExitStack() as filled:
        assert os.path.ismount(made.data.parent), "a full disk takes one that only this fills: run it as root"
        with prometheus.running([urlsplit(made.state["metrics_url"]).netloc]) as server:
            eventually(lambda: server.query("novacron_data_free_ratio"), "the scheduler is scraped")
            fill = partial(filled.enter_context, embedded.no_room(made))
            return _alert(server, "NovaCronDiskFull", fill, filled.close)
