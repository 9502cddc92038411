"""Variational jobs whose workers are killed: bitwise equal results, and no recorded evaluation repeated."""

from __future__ import annotations

import random
import signal
import time
from typing import Any

from testing.faults.client import Client
from testing.faults.rig import Rig, signal_all
from testing.faults.workers import Figures

ATTEMPTED = (
    "CREATE TABLE attempted (job_id text, loop int, position int)",
    "CREATE FUNCTION note_attempt() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN INSERT INTO attempted VALUES (new.job_id, new.\"loop\", new.position); RETURN new; END'",
    "CREATE TRIGGER note_attempt BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION note_attempt()",
)
"""Evaluations rejected because they are already recorded also leave a row in `attempted`."""
FORGOTTEN = (
    "DROP TRIGGER note_attempt ON journal", "DROP FUNCTION note_attempt", "DROP TABLE attempted"
)  # fmt: skip
EVALUATIONS = "SELECT count(*) FROM journal"
AGAIN = """
SELECT count(*) FROM (SELECT 1 FROM attempted GROUP BY job_id, loop, position HAVING count(*) > 1) AS again
"""

VQE: dict[str, Any] = {
    "kind": "hybrid_vqe",
    "hamiltonian": {"model": "heisenberg", "n_qubits": 8, "Jx": 1.0, "Jy": 0.8, "Jz": 1.2, "h": 0.3},
    "ansatz": {"name": "hardware_efficient", "layers": 3},
        "starts": 2, "seed": 7, "cache": False,
}  # fmt: skip

CHANGING = {"receipt", "from_cache", "wall_time_s", "queue_time_s"}


def same_bits(
    rig: Rig, granularity: str, iterations: int, kills: int, seed: int, workers: int = 2
) -> Figures:
    """Run one job undisturbed on one worker, and with `kills` on `workers`; compare the results."""
    spec = VQE | {"granularity": granularity, "optimizer": {"name": "adam", "max_iterations": iterations}}
    draw = random.Random(seed)
    client = Client(rig.scheduler().url, rig.token)
    rig.execute(*ATTEMPTED)
    try:
        alone = rig.worker(slots=1)
        begin = time.monotonic()
        expected = _result(rig, client, spec)
        undisturbed = time.monotonic() - begin
        total = reached = rig.value(EVALUATIONS)
        alone.kill()
        crowd = [rig.worker(slots=1) for _ in range(workers)]
        job = client.submit(spec)
        assert job is not None
        killed = 0
        while killed < kills:
            reached += draw.uniform(0.1, 0.4) * total
            _grown(rig, reached)
            if not rig.unfinished():
                break
            place = draw.randrange(workers)
            signal_all(crowd[place], signal.SIGKILL)
            crowd[place].kill()
            crowd[place] = rig.worker(slots=1)
            killed += 1
        rig.finish()
        found = stable(client.call("GET", f"/api/quantum/jobs/{job['job_id']}")["result"])
        return {
            "kills": killed, "evaluations": rig.value(EVALUATIONS) / 2,
            "different": sum(expected[key] != found.get(key) for key in expected),
            "computed_again": rig.value(AGAIN),
            "attempts": rig.value("SELECT max(attempt) FROM tasks"), "undisturbed_s": undisturbed,
        }  # fmt: skip
    finally:
        rig.execute(*FORGOTTEN)


def _grown(rig: Rig, beyond: float) -> None:
    """Wait until more evaluations than these are recorded, or the job has ended."""
    rig.until(lambda: rig.value(EVALUATIONS) > beyond or not rig.unfinished(), "it goes on", every_s=0.005)


def _result(rig: Rig, client: Client, spec: dict[str, Any]) -> dict[str, Any]:
    job = client.submit(spec)
    assert job is not None
    rig.finish()
    return stable(client.call("GET", f"/api/quantum/jobs/{job['job_id']}")["result"])


def stable(result: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a result that does not depend on when and where the job ran."""
    return {key: value for key, value in result.items() if key not in CHANGING}
