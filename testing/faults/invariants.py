"""What must hold after every fault: the queries that `novacron doctor --invariants` runs in production."""

import time

from shared.db.invariants import INVARIANTS, violations
from testing.faults.rig import Rig
from testing.patience import BUSY_S

__all__ = ["INVARIANTS", "check", "violations"]


def check(rig: Rig) -> None:
    """Nothing is lost, done twice, or out of order; leases and joined jobs have a moment to settle."""
    deadline = time.monotonic() + 4 * rig.lease_s + BUSY_S
    while (broken := rig.broken()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert broken == {}
