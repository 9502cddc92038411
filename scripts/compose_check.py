"""`make compose-check`: the stack of docker-compose.yml, run for real and disturbed. Needs root.

Builds the images with the engine that scripts/engine.sh starts, brings the stack up, runs a job on each queue
that has a worker, kills a worker's container in the middle of a VQE, restarts the scheduler, empties Redis,
runs two schedulers and takes everything down. Exit status 0: all of it held. What was measured goes to
benchmarks/results/compose.json.

usage: scripts/compose_check.py [--folder /var/lib/novacron-engine] [--built] [--keep]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import compose_env

from novacron import VQE, Circuit, Client, Crypto, Job
from novacron.errors import Unavailable

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "benchmarks" / "results" / "compose.json"
IMAGES = ("scheduler", "worker", "flower")
BASE = "python:3.12-slim"
PATIENCE_S = 900.0
BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
KILL_AFTER = 60
"""Number of recorded evaluations after which the worker is killed."""
COMPILED = """
from numba.core import event
from workers.quantum import warm
seen = []
class Listener(event.Listener):
    def on_start(self, begun): seen.append(begun)
    def on_end(self, ended): pass
with event.install_listener("numba:compile", Listener()):
    warm.simulators()
    warm.announce(print, "single")
print(len(seen))
"""
LEADERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"


class Failed(SystemExit):
    """A check failed."""


class Engine:
    """The engine's command and Compose, with the engine's address."""

    def __init__(self, folder: Path) -> None:
        self._variables = os.environ | {
            "DOCKER_HOST": f"unix://{folder}/docker.sock", "DOCKER_CONFIG": f"{folder}/config",
            "DOCKER_BUILDKIT": "1", "WORKER_CPU_CPUS": os.environ.get("WORKER_CPU_CPUS", "2"),
        }  # fmt: skip

    def docker(self, *arguments: str) -> str:
        """Run docker and return its output."""
        done = subprocess.run(
            ["/usr/bin/docker", *arguments], cwd=ROOT, env=self._variables, capture_output=True, text=True
        )
        if done.returncode:
            raise Failed(f"docker {' '.join(arguments)}: {(done.stdout + done.stderr)[-3000:]}")
        return (done.stdout + done.stderr if arguments[0] == "logs" else done.stdout).strip()

    def compose(self, *arguments: str) -> str:
        """Run Compose and return its output."""
        return self.docker("compose", *arguments)

    def containers(self, service: str) -> list[str]:
        """Return the containers of a service."""
        return self.compose("ps", "--quiet", service).split()

    def kill(self, container: str) -> None:
        """Kill a container's first process with SIGKILL; the engine restarts it."""
        os.kill(int(self.docker("inspect", "--format", "{{.State.Pid}}", container)), signal.SIGKILL)


def until(look: Callable[[], Any], what: str) -> Any:
    """Poll until the result is true, and return it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise Failed(f"not within {PATIENCE_S:g} s: {what}")


def submitted(client: Client, spec: Any) -> Job:
    """Submit a job; on a busy machine this may need several attempts until its scheduler answers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return client.submit(spec)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(1.0)


def hold(held: bool, what: str) -> None:
    """Report a check that holds, or exit with one that fails."""
    if not held:
        raise Failed(f"does not hold: {what}")
    print(f"  holds: {what}", flush=True)


class Check:
    """The measurements of one run."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        load = f"load {os.getloadavg()[1]:.0f}"
        self.figures: dict[str, Any] = {"machine": f"{os.cpu_count()} cores, {platform.machine()}, {load}"}

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Record the duration of a block."""
        print(what, flush=True)
        began = time.monotonic()
        yield
        self.figures[what] = round(time.monotonic() - began, 1)
        print(f"  {self.figures[what]} s", flush=True)

    def build(self) -> None:
        """Build the images."""
        for image in IMAGES:
            with self.timed(f"build {image}, seconds"):
                self.engine.docker(
                    "build", "--quiet", "--target", image, "--tag", f"novacron/{image}:dev", "."
                )

    def sizes(self) -> None:
        """Measure what the images add to their base."""
        base = self._size(BASE)
        self.figures["base image, MB"] = base
        for image in IMAGES:
            self.figures[f"{image} on its base image, MB"] = self._size(f"novacron/{image}:dev") - base

    def _size(self, image: str) -> int:
        return round(int(self.engine.docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6)

    def up(self) -> Client:
        """Start the stack from scratch; return a client."""
        self.engine.compose("down", "--volumes")
        with self.timed("up --wait, seconds"):
            self.engine.compose("up", "--detach", "--wait", "--no-build")
        return Client(compose_env.URL, (compose_env.FOLDER / "token").read_text().strip())

    def queues(self, client: Client) -> None:
        """Run one job on each queue that has a worker."""
        counts = submitted(client, Circuit(circuit=BELL, shots=1000, seed=7)).result(PATIENCE_S).counts
        hold(set(counts) == {"00", "11"}, f"cpu-sim answers a Bell circuit: {counts}")
        crypto = submitted(client, Crypto(operation="kem_roundtrip", algorithm="ML-KEM-768"))
        hold(bool(crypto.result(PATIENCE_S)), "crypto answers an ML-KEM-768 round trip")

    def cold(self, client: Client) -> None:
        """Measure the time from creating a worker's container to its first task, and what it compiles."""
        self.engine.compose("rm", "--stop", "--force", "worker-cpu")
        job = submitted(client, Circuit(circuit=BELL, shots=1000, seed=8, cache=False))
        with self.timed("cold start of a worker's container to its first result, seconds"):
            self.engine.compose("up", "--detach", "--no-build", "--no-deps", "worker-cpu")
            job.result(PATIENCE_S)
        compiled = self.engine.compose("run", "--rm", "--no-deps", "worker-cpu", "python", "-c", COMPILED)
        self.figures["functions compiled by a worker's container"] = int(compiled.splitlines()[-1])
        hold(compiled.splitlines()[-1] == "0", "a worker's container compiles nothing")

    def killed(self, client: Client) -> None:
        """Kill the worker's container in the middle of a loop."""
        calm = loop(client).result(PATIENCE_S)
        job = loop(client)
        evaluations(job, KILL_AFTER)
        began = time.monotonic()
        self.engine.kill(self.engine.containers("worker-cpu")[0])
        disturbed = job.result(PATIENCE_S)
        self.figures["VQE goes on after a kill -9 of its container and ends, seconds"] = round(
            time.monotonic() - began, 1
        )
        hold(disturbed.energy == calm.energy, f"the energy is the same to the bit: {calm.energy!r}")
        hold(disturbed.n_evaluations == calm.n_evaluations, f"{calm.n_evaluations} evaluations, none twice")

    def restarted(self, client: Client) -> None:
        """Restart the scheduler and flush Redis in the middle of loops."""
        calm = loop(client).result(PATIENCE_S).energy
        for service in ("scheduler", "redis"):
            job = loop(client)
            evaluations(job, KILL_AFTER)
            self.engine.compose("restart", service)
            hold(job.result(PATIENCE_S).energy == calm, f"a restart of {service} changes no result")

    def scaled(self, client: Client) -> None:
        """Run two schedulers with one leader; then kill the leader."""
        with self.timed("--scale scheduler=2 --wait, seconds"):
            self.engine.compose("up", "--detach", "--wait", "--no-build", "--scale", "scheduler=2")
        hold(len(self.engine.containers("scheduler")) == 2, "two schedulers answer that they are ready")
        leading = [one for one in self.engine.containers("scheduler") if self._leads(one)]
        hold(len(leading) == 1, "one of them leads")
        self.engine.kill(leading[0])
        other = next(one for one in self.engine.containers("scheduler") if one != leading[0])
        until(lambda: self._leads(other), "the other one leads")
        hold(True, "the other one leads after the death of the first")

    def _leads(self, container: str) -> bool:
        lines = [line for line in self.engine.docker("logs", container).splitlines() if '"leader_' in line]
        return bool(lines) and '"leader_gained"' in lines[-1]

    def down(self) -> None:
        """Stop everything and check that nothing is left."""
        with self.timed("down --volumes, seconds"):
            self.engine.compose("down", "--volumes", "--timeout", "60")
        left = self.engine.docker("ps", "--all", "--quiet") + self.engine.docker(
            "volume", "ls", "--quiet", "--filter", "label=com.docker.compose.project=novacron"
        )
        hold(not left, "nothing is left")


def loop(client: Client) -> Job:
    """Return a loop of some seconds, computed rather than served from the cache."""
    return submitted(
        client,
        VQE(
            hamiltonian={"model": "tfim", "n_qubits": 12, "J": 1.0, "h": 1.0},
            ansatz={"name": "hamiltonian_variational", "layers": 12}, optimizer="lbfgs", seed=7, cache=False,
        ),
    )  # fmt: skip


def evaluations(job: Job, wanted: int) -> None:
    """Return once this many evaluations are recorded."""
    seen = 0
    for event in job.stream():
        if event.kind == "evaluations":
            seen += len(event.data["evaluations"])
        if seen >= wanted:
            return
    raise Failed(f"the loop ended after {seen} evaluations: it is too short to be disturbed")


def main() -> int:
    """Run all checks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=Path("/var/lib/novacron-engine"))
    parser.add_argument("--built", action="store_true", help="take the images that are there")
    parser.add_argument("--keep", action="store_true", help="leave the engine running, and its images")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("needs root, for the engine: sudo make compose-check")
    script = str(ROOT / "scripts" / "engine.sh")
    for action in ("start", "images"):
        subprocess.run([script, action, str(chosen.folder)], check=True)
    compose_env.prepare()
    check = Check(Engine(chosen.folder))
    try:
        if not chosen.built:
            check.build()
        check.sizes()
        client = check.up()
        for part in (check.queues, check.cold, check.killed, check.restarted, check.scaled):
            part(client)
        check.down()
    finally:
        FIGURES.write_text(json.dumps(check.figures, indent=2) + "\n")
        if not chosen.keep:
            subprocess.run([script, "stop", str(chosen.folder)], check=False)
    print(json.dumps(check.figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
