"""The queues: one row each (Compose and Helm are compared with this table by a test)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queue:
    """A Celery queue and how work is put on it.

    Attributes:
        name: stable; renaming is a migration.
        chunk: most cheap tasks carried by one message (1 = never chunked).
        horizon_s: seconds of work per worker slot kept on the broker; the rest waits in PostgreSQL.
        backends: names of the backends whose circuits run here.
    """

    name: str
    chunk: int
    horizon_s: float
    backends: tuple[str, ...] = ()


QUEUES: dict[str, Queue] = {
    queue.name: queue
    for queue in (
        Queue("gpu-sim", chunk=64, horizon_s=0.5, backends=("gpu",)),
        Queue(
            "cpu-sim",
            chunk=64,
            horizon_s=0.5,
            backends=("statevector", "density_matrix", "stabilizer"),
        ),
        Queue("qpu-ibm", chunk=1, horizon_s=0.0, backends=("ibm",)),
        Queue("crypto", chunk=1, horizon_s=0.5),
    )
}
