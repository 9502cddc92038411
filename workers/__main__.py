"""`python -m workers --queue cpu-sim [--concurrency N]`: one worker process for one queue."""

from __future__ import annotations

import argparse
import os
import sys

from shared.queues import QUEUES
from workers import accelerator


def main() -> None:
    """Run the worker until it is told to stop (SIGTERM drains)."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--queue", required=True, choices=list(QUEUES))
    parser.add_argument("--concurrency", type=int, default=int(os.environ.get("NOVACRON_CONCURRENCY", "0")))
    parser.add_argument("--log-level", default="WARNING")
    arguments = parser.parse_args()
    # Celery drops the exit status of a worker that refuses to start.
    if why := accelerator.refusal(arguments.queue):
        sys.exit(why)
    slots = arguments.concurrency or (1 if arguments.queue == accelerator.QUEUE else os.cpu_count() or 1)

    from workers.app import app

    app.worker_main([
        "worker", "--queues", arguments.queue, "--concurrency", str(slots), "--pool", "prefork",
        "--hostname", f"{arguments.queue}-{os.getpid()}@%h", "--loglevel", arguments.log_level,
        "--without-gossip", "--without-mingle", "--without-heartbeat",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
