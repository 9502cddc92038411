"""`python -m testing.faults.lazy_scheduler`: a scheduler that starts parser processes on first use.

Starting one takes as long as starting the scheduler, and most faults concern tasks.
"""

from novacron.cli import edge
from scheduler import __main__ as scheduler
from scheduler.api.parsers import pool

NEVER_S = 1e6


def main() -> int:
    """Run as `scheduler` does."""
    pool.WARM_AFTER_S = NEVER_S  # type: ignore[misc]
    return scheduler.main()


if __name__ == "__main__":
    edge.run(main)
