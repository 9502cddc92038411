"""Sweeps of error-correction points under faults: the counts of an undisturbed run, to the bit."""

from __future__ import annotations

import random
import time
from typing import Any

from novacron.specs import parse_spec
from shared.db import jobs
from shared.tasks import TaskSpec
from testing.faults.chaos import Chaos
from testing.faults.rig import Rig
from testing.faults.workers import Figures

SWEEP: dict[str, Any] = {
    "kind": "qec_memory", "code": "rotated_surface", "distance": [3, 5, 7],
    "p": [0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.011, 0.012], "cache": False,
}  # fmt: skip
"""27 points around the threshold."""
FINISH_S = 1200.0
BLOCKS = "SELECT count(*) FROM qec_blocks"
TWICE = (
    "SELECT count(*) FROM qec_blocks a JOIN qec_blocks b USING (tenant_id, stream)"
    " WHERE a.ctid <> b.ctid AND a.first <= b.last AND b.first <= a.last"
)


def same_counts(rig: Rig, seed: int, errors: int, kills: int) -> Figures:
    """Run a sweep while workers, schedulers and Redis are killed, and undisturbed; compare the counts.

    Then ask for it again, and for twice the errors.
    """
    draw = random.Random(seed)
    disorder = Chaos(rig, draw)
    strikes = (disorder.worker_killed, disorder.scheduler_killed, disorder.redis_killed)
    _submit(rig, seed, errors)
    struck = 0
    while struck < kills and rig.unfinished():
        time.sleep(draw.uniform(0.1, 0.5))
        strikes[struck % len(strikes)]()
        struck += 1
    disturbed = _ended(rig)
    rig.execute("TRUNCATE qec_blocks")
    _submit(rig, seed, errors)
    alone = _ended(rig)
    blocks = rig.value(BLOCKS)
    _submit(rig, seed, errors)
    again = _ended(rig)
    sampled_again = rig.value(BLOCKS) - blocks
    _submit(rig, seed, 2 * errors)
    more = _ended(rig)
    return {
        "seed": seed, "kills": struck, "points": len(alone), "blocks": blocks,
        "different": sum(one != other for one, other in zip(disturbed, alone, strict=True)),
        "different_again": sum(one != other for one, other in zip(again, alone, strict=True)),
        "sampled_again": sampled_again, "sampled_twice": rig.value(TWICE),
        "short": sum(errors_seen < 2 * errors for _, errors_seen in more),
    }  # fmt: skip


def kept(seen: Figures) -> bool:
    """Return whether every count was that of the undisturbed run, and nothing was sampled again."""
    return not any(
        seen[name] for name in ("different", "different_again", "sampled_again", "sampled_twice", "short")
    )


def _submit(rig: Rig, seed: int, errors: int) -> None:
    spec = parse_spec(SWEEP | {"seed": seed, "max_errors": errors}).model_dump(mode="json")
    job, plan = jobs.NewJob(rig.tenant_id, spec), jobs.Plan([TaskSpec("qec_collect", "cpu-sim")], {})
    rig.again(lambda connection: jobs.insert(connection, job, plan))


def _ended(rig: Rig) -> list[tuple[int, int]]:
    """Wait for the last job; return shots and errors of its points."""
    rig.finish(FINISH_S)
    (result,) = rig.rows("SELECT result FROM jobs ORDER BY created_at DESC LIMIT 1")[0]
    return [(point["shots"], point["errors"]) for point in result["points"]]
