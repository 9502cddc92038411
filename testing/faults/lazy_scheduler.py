"""`python -m testing.faults.lazy_scheduler`: a scheduler that starts no parser process before somebody posts.

Starting one takes as long as starting the scheduler, and most faults are those of tasks.
"""

from novacron.cli import edge
from scheduler import __main__ as scheduler
from scheduler.api.parsers import pool

NEVER_S = 1e6


def main() -> int:
    """As that of `scheduler`."""
    pool.WARM_AFTER_S = NEVER_S  # type: ignore[misc]
    return scheduler.main()


if __name__ == "__main__":
    edge.run(main)
