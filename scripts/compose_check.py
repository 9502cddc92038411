"""`make compose-check`: the stack of docker-compose.yml, run for real and disturbed. Needs root.

Builds the images with the engine that scripts/engine.sh starts and imports every module in them, brings
the stack up, runs a job on each queue that has a worker, looks at Flower, kills a worker's container in the
middle of a VQE, restarts the scheduler, empties Redis, runs two schedulers and takes everything down. Exit
status 0: all of it held. What was measured goes to benchmarks/results/compose.json.

usage: scripts/compose_check.py [--folder /var/lib/novacron-engine] [--built] [--keep]
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import compose_env
import image_check
from containers import FOLDER, PATIENCE_S, ROOT, Engine, Failed, Figures, hold, until

from novacron import VQE, Circuit, Client, Crypto, Job
from novacron.errors import Unavailable

FIGURES = ROOT / "benchmarks" / "results" / "compose.json"
BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
CONTROLLED = (
    'OPENQASM 3.0; include "stdgates.inc"; qubit[6] q; bit c; x q[0]; x q[1]; x q[2]; x q[3]; x q[4]; '
    "ctrl(5) @ x q[0], q[1], q[2], q[3], q[4], q[5]; c = measure q[5];"
)
FLOWER = "http://127.0.0.1:5555/workers"
EVERYTHING = ("--profile", "flower")
"""Options of Compose for all services that the check starts."""
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
    warm.kernels()
    warm.announce(print, "single")
print(len(seen))
"""
LEADERS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"


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


class Check:
    """The measurements of one run."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.figures = Figures()

    def images(self, *, build: bool) -> None:
        """Build the images, weigh them, and import all that they carry."""
        images = list(image_check.ENTRIES)
        if build:
            image_check.build(self.engine, self.figures, images)
        image_check.weigh(self.engine, self.figures, images)
        image_check.imported(self.engine, images)
        image_check.without_device(self.engine)

    def up(self) -> Client:
        """Start the stack from scratch; return a client."""
        self.engine.compose(*EVERYTHING, "down", "--volumes")
        with self.figures.timed("up --wait, seconds"):
            self.engine.compose("up", "--detach", "--wait", "--no-build")
        return Client(compose_env.URL, (compose_env.FOLDER / "token").read_text().strip())

    def queues(self, client: Client) -> None:
        """Run one job on each queue that has a worker."""
        counts = submitted(client, Circuit(circuit=BELL, shots=1000, seed=7)).result(PATIENCE_S).counts
        hold(set(counts) == {"00", "11"}, f"cpu-sim answers a Bell circuit: {counts}")
        found = submitted(client, Circuit(circuit=CONTROLLED, shots=100, seed=7)).result(PATIENCE_S).counts
        hold(found == {"1": 100}, f"the scheduler reads a gate with five controls: {found}")
        crypto = submitted(client, Crypto(operation="kem_roundtrip", algorithm="ML-KEM-768"))
        hold(bool(crypto.result(PATIENCE_S)), "crypto answers an ML-KEM-768 round trip")

    def flower(self, _: Client) -> None:
        """Start Flower, and look at it without and with the login."""
        with self.figures.timed("--profile flower up --wait, seconds"):
            self.engine.compose("--profile", "flower", "up", "--detach", "--wait", "--no-build", "flower")
        hold(_status("") == 401, "Flower asks for a login")
        login = (compose_env.FOLDER / "flower_login").read_text().strip()
        hold(_status(login) == 200, "Flower shows its page to who has the login")

    def cold(self, client: Client) -> None:
        """Measure the time from creating a worker's container to its first task, and what it compiles."""
        self.engine.compose("rm", "--stop", "--force", "worker-cpu")
        job = submitted(client, Circuit(circuit=BELL, shots=1000, seed=8, cache=False))
        with self.figures.timed("cold start of a worker's container to its first result, seconds"):
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
        with self.figures.timed("--scale scheduler=2 --wait, seconds"):
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
        with self.figures.timed("down --volumes, seconds"):
            self.engine.compose(*EVERYTHING, "down", "--volumes", "--timeout", "60")
        left = self.engine.docker("ps", "--all", "--quiet") + self.engine.docker(
            "volume", "ls", "--quiet", "--filter", "label=com.docker.compose.project=novacron"
        )
        hold(not left, "nothing is left")


def _status(login: str) -> int:
    """Return the status with which Flower answers."""
    named = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {}
    try:
        with urlopen(Request(FLOWER, headers=named)) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def loop(client: Client) -> Job:
    """Return a loop of some seconds, computed rather than served from the cache."""
    return submitted(
        client,
        VQE(
            hamiltonian={"model": "tfim", "n_qubits": 15, "J": 1.0, "h": 1.0},
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
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--built", action="store_true", help="use the existing images")
    parser.add_argument("--keep", action="store_true", help="leave the engine running, and its images")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("needs root, for the engine: sudo make compose-check")
    engine = Engine(chosen.folder)
    engine.start()
    compose_env.prepare()
    check = Check(engine)
    try:
        check.images(build=not chosen.built)
        client = check.up()
        for part in (
            check.queues, check.flower, check.cold, check.killed, check.restarted, check.scaled,
        ):  # fmt: skip
            part(client)
        check.down()
    finally:
        FIGURES.write_text(json.dumps(check.figures, indent=2) + "\n")
        if not chosen.keep:
            engine.stop()
    print(json.dumps(check.figures, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
