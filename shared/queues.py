"""The queues: one row each (Compose and Helm are compared with this table by a test)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    """A Celery queue and its dispatch parameters.

    Attributes:
        name: stable; renaming is a migration.
        chunk: maximum number of cheap tasks per message (1 = never chunked).
        horizon_s: seconds of work per worker slot kept on the broker; the rest waits in PostgreSQL.
    """

    name: str
    chunk: int
    horizon_s: float


QUEUES: dict[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue("gpu-sim", chunk=64, horizon_s=0.5),
        Queue("cpu-sim", chunk=64, horizon_s=0.5),
        Queue("qpu-ibm", chunk=1, horizon_s=0.0),
        Queue("qpu-ionq", chunk=1, horizon_s=0.0),
        Queue("crypto", chunk=1, horizon_s=0.5),
    )
}
