"""Checks whether this machine can serve the queue of GPU work."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUEUE = "gpu-sim"


@cache
def refusal(queue: str) -> str:
    """Return why no worker of this queue can run here, empty if one can.

    A separate process looks for the device: a process that has opened it must not be forked, and workers
    fork.
    """
    if queue != QUEUE:
        return ""
    command = [sys.executable, "-m", "workers.quantum.simulation.cuda"]
    looked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if looked.returncode == 0:
        return ""
    errors = looked.stderr.strip().splitlines()
    return f"the queue {queue} has no worker here: {errors[-1] if errors else f'exit {looked.returncode}'}"
