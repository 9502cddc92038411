"""`python -m workers --queue cpu-sim [--concurrency N]`: one worker process for one queue."""

from __future__ import annotations

import gc

from shared import starting

if __name__ == "__main__":
    starting.end_at_sigterm()
    gc.disable()  # until all is loaded: nearly all objects stay, and each collection would visit them again

import argparse
import os
import socket
import sys

from novacron.cli import edge
from shared import settings
from shared.crypto import secret_files
from shared.db import compatibility
from shared.metrics import access
from shared.queues import QUEUES
from shared.traces import environment
from workers.runtime import accelerator

FOREIGN_BROKERS = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")
"""Celery would use these instead of NOVACRON_REDIS_URL."""


def main() -> int:
    """Run the worker until it is terminated (SIGTERM drains).

    Raises:
        BadInput: a setting breaks its rule, a secret key is readable by others (`NOVACRON_STRICT`), the
            metrics port cannot be used, or tracing is misconfigured.
    """
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--queue", required=True, choices=list(QUEUES))
    parser.add_argument(
        "--concurrency", type=_slots, help="processes; else NOVACRON_CONCURRENCY, else the cores"
    )
    parser.add_argument("--log-level", default="WARNING", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    arguments = parser.parse_args()
    chosen = settings.load()
    for line in settings.unknown():
        edge.complain(line)
    if arguments.queue == "crypto":
        secret_files.check(secret_files.of_kek(chosen), strict=chosen.strict, warn=edge.complain)
    access.check(chosen)
    environment.check()
    # Celery drops the exit status of a worker that fails to start.
    if why := accelerator.refusal(arguments.queue):
        sys.exit(why)
    compatibility.require(chosen.database_url)
    slots = arguments.concurrency or chosen.concurrency
    slots = slots or (1 if arguments.queue == accelerator.QUEUE else os.cpu_count() or 1)
    for name in FOREIGN_BROKERS:
        os.environ.pop(name, None)

    from workers.app import app

    gc.freeze()
    gc.enable()
    # Not by Celery's command line, which imports an interactive shell.
    app.Worker(
        queues=[arguments.queue], concurrency=slots, pool="prefork", loglevel=arguments.log_level,
        hostname=f"{arguments.queue}-{os.getpid()}@{socket.gethostname()}",
        without_gossip=True, without_mingle=True, without_heartbeat=True,
    ).start()  # fmt: skip
    return 0


def _slots(text: str) -> int:
    """Parse a number of processes."""
    try:
        slots: int = settings.RULES["concurrency"].of_text(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be {error}") from None
    return slots


if __name__ == "__main__":
    edge.run(main)
