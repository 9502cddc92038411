"""What `helm test` runs: a Bell circuit, a job on each queue that has a pool, a worker that is deleted."""

import json
import os
import ssl
import sys
import time
import urllib.request
from pathlib import Path

from novacron import Client

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
LONGEST_S = 300.0
BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
LOOP = {
    "kind": "hybrid_vqe",
    "name": "helm-test-loop",
    "hamiltonian": {"model": "tfim", "n_qubits": 14, "J": 1, "h": 1},
    "ansatz": {"name": "hamiltonian_variational", "layers": 14},
    "optimizer": {"name": "spsa", "max_iterations": 3000},
    "cache": False,
}
BRIEF = {
    **LOOP,
    "name": "helm-test-gpu",
    "backend": "gpu",
    "optimizer": {"name": "spsa", "max_iterations": 5},
}
KEM = {"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "ML-KEM-768", "cache": False}
JOBS = {
    "cpu-sim": {"kind": "pure_quantum", "circuit": {"qasm": BELL}, "shots": 1000, "cache": False},
    "gpu-sim": BRIEF,
    "crypto": KEM,
}
"""A job of each queue. A device costs money: of its queue a worker is looked for, and no job is sent."""


def run_on(client: Client, queue: str) -> None:
    """Have a queue do its job; one that fails says why."""
    if queue not in JOBS:
        workers = [one for one in client.workers().workers if one.queue == queue and one.healthy]
        assert workers, f"no worker serves {queue}"
        print(f"{queue}: {len(workers)} workers; no job is sent to a device")
        return
    job = client.submit(JOBS[queue])
    result = job.result(LONGEST_S)
    if queue == "cpu-sim":
        counts = result.counts
        assert set(counts) == {"00", "11"} and sum(counts.values()) == 1000, counts
    print(f"{queue}: {job.id} completed")


def delete_worker(client: Client, pods: str) -> None:
    """Delete a worker pod while a loop runs; the loop goes on elsewhere and ends."""
    job = client.submit(LOOP)
    until = time.monotonic() + LONGEST_S
    while job.refresh().status != "running":
        assert not job.ended and time.monotonic() < until, f"{job.id} is {job.status}"
        time.sleep(0.2)
    name = asked("GET", pods)["items"][0]["metadata"]["name"]
    asked("DELETE", f"{pods.partition('?')[0]}/{name}")
    job.result(LONGEST_S)
    print(f"a loop while {name} was deleted: {job.id} completed")


def asked(method: str, path: str) -> dict:
    """What the API server of the cluster answers."""
    host = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
    headers = {"Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}"}
    request = urllib.request.Request(host + path, method=method, headers=headers)
    trusted = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(request, timeout=30, context=trusted) as answer:
        return json.load(answer)


def main(queues: list[str], pods: str | None) -> None:
    """Run all; an error ends the pod with a status that is not 0.

    Args:
        queues: that have a pool.
        pods: path of the API server's list of worker pods, where one is to be deleted.
    """
    with Client() as client:
        for queue in queues:
            run_on(client, queue)
        if pods:
            delete_worker(client, pods)


if __name__ == "__main__":
    main(sys.argv[1].split(","), sys.argv[2] if len(sys.argv) > 2 else None)
