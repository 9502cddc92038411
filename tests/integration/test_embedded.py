"""The whole stack, by its command line."""

import base64
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
import yaml

from scheduler.embedded import orphans
from shared.metrics.table import METRICS
from testing.dashboards import pages
from testing.patience import PATIENCE_S, eventually

ROOT = Path(__file__).resolve().parents[2]


class Commands:
    def __init__(self, data):
        self.data = data
        self.said = ""

    def run(self, *arguments):
        command = [sys.executable, "-m", "scheduler.embedded", *arguments, "--data", str(self.data)]
        variables = os.environ | {"NOVACRON_QUEUES": "cpu-sim,crypto"}
        return subprocess.run(
            command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=PATIENCE_S
        )

    def post(self, path, document):
        state = self.published()
        headers = {"Authorization": f"Bearer {state['token']}", "Content-Type": "application/json"}
        request = urllib.request.Request(state["url"] + path, json.dumps(document).encode(), headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read())

    def published(self):
        return json.loads((self.data / "runtime.json").read_text())

    def metrics(self):
        with urllib.request.urlopen(self.published()["metrics_url"], timeout=PATIENCE_S) as answer:
            return answer.read().decode()

    def get(self, path):
        state = self.published()
        request = urllib.request.Request(state["url"] + path)
        request.add_header("Authorization", f"Bearer {state['token']}")
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, json.loads(answer.read() or b"null")


@pytest.fixture(scope="module")
def stack():
    with tempfile.TemporaryDirectory() as folder:
        commands = Commands(Path(folder).resolve() / "data")
        started = commands.run("up", "--detach", "--flower")
        try:
            assert started.returncode == 0, started.stderr
            commands.said = started.stdout
            assert "stop it with: novacron down --data" in started.stdout
            yield commands
        finally:
            stopped = commands.run("down")
        assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
        assert not (commands.data / "runtime.json").exists()


LATE = {
    "kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": 4, "J": 1, "h": 1}, "timeout_s": 1,
    "ansatz": {"name": "hardware_efficient", "layers": 2}, "shots": 1000, "max_retries": 0,
    "optimizer": {"name": "spsa", "max_iterations": 100_000},
}  # fmt: skip
"""A job that never ends by itself."""


def test_the_api_answers_and_every_queue_has_a_worker(stack):
    assert stack.get("/readyz")[0] == 200
    status, answer = stack.get("/api/workers")
    assert status == 200
    assert {worker["queue"] for worker in answer["workers"] if worker["healthy"]} == {"cpu-sim", "crypto"}


def flower(stack, path, password):
    """What Flower answers to its user: status, and the JSON document if it is one."""
    login = base64.b64encode(f"novacron:{password}".encode()).decode()
    request = urllib.request.Request(stack.published()["flower_url"] + path)
    request.add_header("Authorization", f"Basic {login}")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            body = answer.read()
            return answer.status, json.loads(body) if path.startswith("/api") else None
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, None


def test_flower_is_told_of_asks_for_a_password_and_names_what_runs(stack):
    url = stack.published()["flower_url"]
    assert url.startswith("http://127.0.0.1:")
    secret = stack.data / "flower" / "password"
    assert f"flower: {url} (user novacron, password in {secret})" in stack.said
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    password = secret.read_text().strip()
    assert flower(stack, "/", "wrong")[0] == 401
    assert flower(stack, "/api/tasks", "")[0] == 401
    assert flower(stack, "/", password)[0] == 200
    for pid in stack.published()["pids"].values():
        process = psutil.Process(pid)
        assert password not in " ".join([*process.cmdline(), *process.environ().values()])
    good = stack.post("/api/quantum/jobs?wait_s=30", {"kind": "pure_classical", "function": "noop"})
    late = stack.post("/api/quantum/jobs?wait_s=30", LATE)
    assert (good["status"], late["status"]) == ("completed", "failed")

    def seen(job):
        found = flower(stack, "/api/tasks?limit=100", password)[1] or {}
        return [one for one in found.values() if job["job_id"] in one["args"]]

    eventually(lambda: any(one["state"] == "FAILURE" for one in seen(late)))
    [failed] = seen(late)
    assert failed["name"] == "hybrid_vqe/optimize"
    assert failed["uuid"].startswith(late["job_id"])
    assert "timeout_s = 1" in failed["exception"]
    assert [(one["name"], one["state"]) for one in seen(good)] == [("pure_classical/classical", "SUCCESS")]


QUBITS = [{"t1_s": 1e-4, "t2_s": 8e-5}] * 2
NOISE = {
    "calibration": {
        "name": "two qubits", "qubits": QUBITS,
        "gates": [{"gate": "cx", "qubits": [0, 1], "error": 0.01, "duration_s": 3e-7}],
    }
}  # fmt: skip
BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'


def test_the_metrics_of_all_processes_are_on_one_page_right_to_the_count(stack):
    circuit = {"kind": "pure_quantum", "circuit": {"qasm": BELL}, "noise": NOISE, "backend": "density_matrix"}
    assert stack.post("/api/quantum/jobs?wait_s=60", circuit)["status"] == "completed"
    made = stack.post("/api/crypto/keys/generate?wait_s=60", {"algorithm": "ML-KEM-768"})
    assert made["algorithm"] == "ML-KEM-768"
    expected = (
        'quantum_circuits_executed_total{backend="density_matrix"} 1.0',
        'quantum_gates_executed_total{backend="density_matrix",gate_type="cx"} 1.0',
        'quantum_circuit_depth_count{backend="density_matrix"} 1.0',
        'quantum_circuit_execution_duration_count{backend="density_matrix"} 1.0',
        'quantum_coherence_time{backend="density_matrix",time="t1"} 0.0001',
        'quantum_fidelity_average{backend="density_matrix"} 0.9',
        'quantum_backend_error_rate{backend="density_matrix"} 0.0',
        'quantum_backend_uptime_seconds{backend="density_matrix"} ',
        'quantum_backend_queue_length{backend="density_matrix"} 0.0',
        'novacron_jobs_total{kind="pure_quantum",status="completed"} 1.0',
        'novacron_task_seconds_count{operation="generate_key",queue="crypto"} 1.0',
        'novacron_workers{queue="crypto",state="live"} 1.0',
        "novacron_leader 1.0",
    )

    def missing():
        page = stack.metrics()
        return [line for line in expected if line not in page]

    eventually(lambda: not missing(), "the metrics of two jobs")


def test_whatever_dashboards_and_rules_ask_for_is_on_the_page(stack):
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "novacron.rules.yaml").read_text())["groups"]
    rules = [rule["expr"] for group in groups for rule in group["rules"]]
    asked = pages.named([*pages.expressions(), *rules])
    assert asked == METRICS.keys() and pages.LATER.keys() <= asked

    def missing():
        shown = set(re.findall(r"^# TYPE (\w+)", stack.metrics(), re.MULTILINE))
        assert shown <= METRICS.keys()
        return asked - shown - pages.LATER.keys()

    eventually(lambda: not missing(), "every metric but those that come with an event")


def test_the_banner_of_a_worker_names_its_queue(stack):
    log = (stack.data / "logs" / "worker-crypto.log").read_text()
    assert re.search(r"crypto +exchange=crypto\(direct\) key=crypto", log)
    assert "cpu-sim" not in log


def test_the_scheduler_logs_what_it_does(stack):
    job = stack.post("/api/quantum/jobs?wait_s=30", {"kind": "pure_classical", "function": "noop", "seed": 5})
    log = stack.data / "logs" / "scheduler.log"
    eventually(lambda: f"completed job={job['job_id']}" in log.read_text())
    text = log.read_text()
    assert "leader_gained" in text
    of = f"job={job['job_id']} tenant_id=[0-9]+"
    assert re.search(f"submitted {of} kind=pure_classical tenant=default", text)
    assert re.search(f"planned {of} queue=cpu-sim", text)
    assert re.search(f"dispatched tasks=1 .*jobs={job['job_id']}", text)


def test_other_commands_are_told_where_the_stack_is(stack):
    assert f"other commands find it with: export NOVACRON_DATA={stack.data}" in stack.said


def test_a_damaged_runtime_json_is_written_anew_and_down_needs_none(stack):
    (stack.data / "runtime.json").write_text("{")
    assert json.loads(stack.run("status", "--json").stdout)["state"] == "unknown"
    supervisors = orphans.supervisors(stack.data)
    assert len(supervisors) == 1
    supervisors[0].send_signal(signal.SIGCHLD)  # or half a minute later, by itself
    eventually(lambda: stack.run("status").stdout.startswith("ready"))


def test_up_again_says_that_it_runs(stack):
    again = stack.run("up", "--detach")
    assert again.returncode == 0
    assert again.stdout.startswith(f"already running: {stack.published()['url']}")


def test_status_as_text_and_as_json(stack):
    assert stack.run("status").stdout.startswith(f"ready  {stack.published()['url']}")
    rows = json.loads(stack.run("status", "--json").stdout)["processes"]
    assert {row["name"]: row["pid"] for row in rows} == stack.published()["pids"]


def test_a_killed_worker_and_its_pool_are_replaced(stack):
    old = psutil.Process(stack.published()["pids"]["worker-crypto"])
    family = [old, *old.children(recursive=True)]
    old.send_signal(signal.SIGKILL)
    eventually(lambda: stack.published()["pids"].get("worker-crypto", old.pid) != old.pid)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert alive == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("detached", [["--detach"], []])
def test_a_start_that_is_interrupted_leaves_nothing(tmp_path, number, detached):
    data = tmp_path / "da, ta"
    command = [sys.executable, "-m", "scheduler.embedded", "up", "--data", str(data), *detached]
    starting = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    eventually(lambda: orphans.find(data))
    starting.send_signal(number)
    _, said = starting.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in said
    assert starting.returncode in ((128 + number,) if detached else (0,))
    assert orphans.find(data) == []
    assert not (data / "runtime.json").exists()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"NOVACRON_LEASE_S": "-5"}, "NOVACRON_LEASE_S = '-5': must be a number of seconds"),
        ({"NOVACRON_QUEUES": "cpu"}, "NOVACRON_QUEUES = 'cpu': must be some of"),
        ({"NOVACRON_KEK_FILE": "kek"}, "must be an absolute path"),
        ({"NOVACRON_CONFIG": "TOML"}, "lease_s = 'thirty': must be a number of seconds"),
    ],
)
@pytest.mark.parametrize(
    "program",
    [("scheduler.embedded", "up"), ("scheduler",), ("workers", "--queue", "crypto"), ("shared.db.migrate",),
     ("scheduler.doctor",)],
)  # fmt: skip
def test_every_program_refuses_bad_settings_before_it_does_anything(tmp_path, setting, said, program):
    (tmp_path / "novacron.toml").write_text('lease_s = "thirty"\n')
    setting = {
        name: value.replace("TOML", str(tmp_path / "novacron.toml")) for name, value in setting.items()
    }
    data = ("--data", str(tmp_path / "data")) if "up" in program else ()
    done = subprocess.run(
        [sys.executable, "-m", *program, *data], cwd=ROOT, env=os.environ | setting, capture_output=True,
        text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("program", ["scheduler", "workers", "shared.db.migrate", "scheduler.doctor"])
def test_help_starts_nothing(program):
    done = subprocess.run(
        [sys.executable, "-m", program, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0 and done.stdout.startswith(f"usage: python -m {program}")
