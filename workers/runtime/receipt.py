"""The receipt of a result: what is needed to reproduce it, and to verify that it is the same."""

from __future__ import annotations

import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from novacron.json_types import JsonObject
from shared import content
from shared.db.jobs import WorkOrder
from workers.runtime.hooks import Attempt, TaskHook

NUMERIC = ("numpy", "scipy", "numba", "stim", "scikit-learn", "cryptography")
MODULES = {"scikit-learn": "sklearn"}


class Receipt(TaskHook):
    """Adds the facts of `make` to the receipt of a job's result."""

    def before_record(self, attempt: Attempt) -> None:
        """Add them for the task whose result is the job's."""
        if attempt.claim.final:
            number = attempt.claim.attempt
            attempt.add_to_receipt(
                make(attempt.job, queue=attempt.queue, worker=attempt.worker, attempt=number)
            )


@cache
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


@cache
def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def make(job: WorkOrder, *, queue: str, worker: str, attempt: int) -> JsonObject:
    """Make a receipt; versions are those of the libraries loaded in this process."""
    used = [name for name in NUMERIC if MODULES.get(name, name) in sys.modules]
    return {
        "job_id": job.job_id,
        "spec_sha256": content.digest(job.spec),
        "content_key": job.content_key,
        "code_version": content.VERSIONS.get(job.spec["kind"]),
        "deterministic": job.spec["kind"] in content.VERSIONS,
        "seed": job.spec["seed"],
        "backend": job.plan.get("backend"),
        "device": job.plan.get("device"),
        "queue": queue,
        "placement": job.plan.get("placement_why"),
        "granularity": job.plan.get("granularity"),
        "precision": "double" if job.plan.get("backend") else None,
        "noise": job.spec["noise"],
        "calibration": job.plan.get("calibration") or (job.spec["noise"] or {}).get("calibration"),
        "worker": worker,
        "attempt": attempt,
        "processor": _processor(),
        "versions": {
            "novacron": _version("novacron"),
            "python": platform.python_version(),
            **{name: _version(name) for name in used},
        },
    }
