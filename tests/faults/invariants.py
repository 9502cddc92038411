"""What must hold after every fault: the queries that `novacron doctor --invariants` runs in production."""

from benchmarks.faults.rig import Rig
from shared.db.invariants import INVARIANTS, violations

__all__ = ["INVARIANTS", "check", "violations"]


def check(rig: Rig) -> None:
    """Nothing is lost, done twice, or out of order.

    Leases and jobs that joined others have some time to settle.
    """
    rig.until(lambda: not rig.broken(), "all invariants hold", 4 * rig.lease_s) if rig.broken() else None
    assert rig.broken() == {}
