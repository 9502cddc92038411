"""The script that `helm test` runs in a cluster, run against a stack."""

import runpy
import subprocess
import sys

import pytest

from novacron.specs import SPECS
from testing.chart.tools import CHART
from testing.patience import PATIENCE_S

SCRIPT = CHART / "files" / "helm_test.py"


def run(stack, queues):
    environment = stack.environment | {"NOVACRON_URL": stack.url, "NOVACRON_TOKEN": stack.token}
    return subprocess.run(
        [sys.executable, str(SCRIPT), queues], env=environment, capture_output=True, text=True,
        timeout=5 * PATIENCE_S,
    )  # fmt: skip


def test_a_bell_circuit_and_a_job_on_each_queue(stack):
    done = run(stack, "cpu-sim,crypto")
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["cpu-sim", "crypto"]


@pytest.mark.parametrize("queue", ["gpu-sim", "qpu-ibm"])
def test_a_queue_that_nobody_serves_fails_the_test(stack, queue):
    done = run(stack, queue)
    assert done.returncode != 0
    assert queue in done.stderr


def test_jobs_that_need_a_device_or_a_cluster_are_jobs():
    script = runpy.run_path(str(SCRIPT))
    for spec in (script["LOOP"], *script["JOBS"].values()):
        assert SPECS[spec["kind"]].model_validate(spec)
