"""Faults of jobs on providers' devices: workers killed on the way to a provider and back."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path

from testing.faults.rig import Rig
from testing.faults.workers import Figures
from testing.providers.running import Server, server
from testing.providers.stack import SHOTS, Stack

POINTS = ("submit", "accepted", "answer", "poll", "results")
"""Before the submission is accepted; before its response; its response is lost; at a poll; at the results."""


def killed(point: str, rig: Rig, times: int) -> Figures:
    """Kill the worker once per job at a point of its way; count the provider's jobs, and secrets in files."""
    with tempfile.TemporaryDirectory() as folder, server("ibm", Path(folder)) as standing:
        stack = Stack(rig, standing, slots=1)
        incomplete = twice = 0
        for _ in range(times):
            standing.behave(**({"lose": 1} if point == "answer" else {"kill": point}))
            job = stack.circuit()
            ended = stack.ended(job)["status"] == "completed"
            incomplete += not ended or sum(stack.result(job)["counts"].values()) != SHOTS
            twice += stack.accepted(job) != 1
        told, secrets = standing.told(), secrets_in(rig, standing)
        stack.http.close()
    seen: Figures = {"jobs": times, "incomplete": incomplete, "not_once": twice, "secrets": secrets}
    return {**seen, "cancelled": len(told["cancelled"]), "keys_sent": told["raw_keys"]}


def cancelled(rig: Rig, times: int) -> Figures:
    """Cancel jobs that a provider holds; measure until the provider has cancelled them, in seconds."""
    worst_s = 0.0
    with tempfile.TemporaryDirectory() as folder, server("ibm", Path(folder)) as standing:
        stack = Stack(rig, standing, slots=1)
        standing.behave(hold=True)
        for _ in range(times):
            job = stack.circuit()
            known = stack.snoozed(job)
            begun_s = time.monotonic()
            stack.cancel(job)
            rig.until(partial(_is_cancelled, standing, known), "it is cancelled")
            worst_s = max(worst_s, time.monotonic() - begun_s)
        stack.http.close()
    return {"jobs": times, "worst_s": worst_s}


def _is_cancelled(standing: Server, provider_job: str) -> bool:
    return provider_job in standing.told()["cancelled"]


def secrets_in(rig: Rig, standing: Server) -> int:
    """Count files of servers and processes that contain the key or an access token."""
    secret = standing.variables["NOVACRON_IBM_TOKEN"].encode()
    texts = (path.read_bytes() for path in rig.folder.rglob("*") if path.is_file())
    return sum(secret in text or b"eyJhbGciOi" in text for text in texts)
