"""Dashboards and rules on what a scheduler and a worker really report, as Prometheus evaluates them."""

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from scheduler.embedded import ports
from testing import prometheus
from testing.dashboards import pages
from testing.patience import PATIENCE_S, eventually
from testing.prometheus import Prometheus
from tests.integration.conftest import JOBS, ROOT, Api

TOKEN = "whoever reads metrics shows this"
ELSEWHERE = {"novacron_data_free_ratio"}
"""Of the embedded stack alone."""
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
CIRCUIT = {
    "kind": "pure_quantum", "backend": "density_matrix", "cache": False,
    "circuit": {"qasm": BELL},
    "noise": {
        "calibration": {
            "name": "two qubits", "qubits": [{"t1_s": 1e-4, "t2_s": 8e-5}] * 2,
            "gates": [{"gate": "cx", "qubits": [0, 1], "error": 0.01, "duration_s": 3e-7}],
        }
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def targets() -> dict[str, int]:
    """The ports on which a scheduler and a worker show their metrics."""
    return {"scheduler": ports.choose(), "worker": ports.choose()}


@pytest.fixture(scope="module")
def run_job(
    targets: dict[str, int], database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], None]]:
    """Runs a noisy circuit on a scheduler and a worker of their own."""
    api = Api(
        database_url, redis_url, tmp_path_factory.mktemp("api"),
        NOVACRON_METRICS_PORT=str(targets["scheduler"]), NOVACRON_METRICS_TOKEN=TOKEN,
    )  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOVACRON_")}
    variables = {
        "NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url,
        "NOVACRON_METRICS_PORT": str(targets["worker"]), "NOVACRON_METRICS_TOKEN": TOKEN,
    }  # fmt: skip
    command = [sys.executable, "-m", "testing.faults.lazy_worker", "--queue", "cpu-sim", "--concurrency", "1"]
    worker = subprocess.Popen(command, cwd=ROOT, env=kept | variables)

    def run() -> None:
        accepted = api.http.post(JOBS, json=CIRCUIT)
        assert accepted.is_success, accepted.text
        job = f"{JOBS}/{accepted.json()['job_id']}"
        eventually(lambda: api.http.get(job).json()["status"] == "completed", "the job is done")

    try:
        api.wait()
        eventually(lambda: api.http.get("/api/workers").json()["workers"], "the worker is there")
        yield run
    finally:
        worker.terminate()
        worker.wait(PATIENCE_S)
        api.stop()


@pytest.fixture(scope="module")
def server(run_job: Callable[[], None], targets: dict[str, int]) -> Iterator[Prometheus]:
    """Prometheus, which scrapes both."""
    with prometheus.running([f"{ports.LOOPBACK}:{port}" for port in targets.values()], TOKEN) as made:
        yield made


def test_both_processes_are_scraped_with_the_token(server, targets):
    up = {f"{ports.LOOPBACK}:{port}": 1.0 for port in targets.values()}
    eventually(
        lambda: {labels["instance"]: value for labels, value in server.query("up")} == up, "both are up"
    )


def draw(server: Prometheus, run_job: Callable[[], None], expression: str) -> None:
    """Run jobs until a panel has a number to draw: a rate needs a count that grew between two scrapes."""
    asked = expression.replace("$namespace", ".*").replace("$__rate_interval", "20s")

    def drawn() -> bool:
        if any(not math.isnan(value) for _, value in server.query(asked)):
            return True
        run_job()
        return False

    eventually(drawn, expression, every_s=0.2)


def test_every_panel_is_drawn(server, run_job):
    panels = [
        one
        for one in pages.expressions()
        if not pages.named([one]) <= pages.LATER.keys() | ELSEWHERE and 'queue="crypto"' not in one
    ]
    assert len(panels) > 30
    for panel in panels:
        draw(server, run_job, panel)


def test_every_rule_is_evaluated_and_no_alert_fires(server, run_job):
    levels = {rule["name"] for rule in server.rules() if rule["type"] == "recording"}
    for level in levels - {"novacron:rescue_delay_seconds:p99"}:
        draw(server, run_job, level)
    eventually(lambda: all(rule["health"] == "ok" for rule in server.rules()), "every rule is evaluated")
    eventually(lambda: not server.firing(), "no alert fires")
