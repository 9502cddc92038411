"""Invariants after every fault: the queries that `novacron doctor --invariants` runs in production."""

import time

from shared.db.invariants import INVARIANTS, violations
from testing.faults.rig import Rig
from testing.patience import BUSY_S

__all__ = ["INVARIANTS", "check", "violations"]


def check(rig: Rig) -> None:
    """Check that nothing is lost, repeated or out of order, after a grace period for leases and joins."""
    deadline = time.monotonic() + 4 * rig.lease_s + BUSY_S
    while (broken := rig.broken()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert broken == {}
