"""Cancels provider jobs left behind by ended jobs.

A thread in each worker child of a queue with providers, instead of a message to it: a message would wait
behind tasks that occupy the slots, and be lost with Redis; rows persist until a worker handles them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from shared import telemetry
from shared.db import errors, provider_jobs, qpu_ledger
from shared.db.provider_jobs import Owed
from shared.db.session import Connection
from shared.quantum.backends import BACKENDS
from workers import operations

log = telemetry.logger("novacron.worker")

LOOK_S = 1.0


class Cancellation(threading.Thread):
    """Finds provider jobs of a queue that are to be cancelled, and cancels them.

    Args:
        connect: opens a connection with durable commits.
        queue: the worker's queue.
        lease_s: how long a worker may continue without heartbeats.
    """

    def __init__(self, connect: Callable[[], Connection], *, queue: str, lease_s: float) -> None:
        super().__init__(name="cancellation", daemon=True)
        self._connect, self._queue, self._lease_s = connect, queue, lease_s

    def run(self) -> None:
        """Run periodically as long as the process lives."""
        if not any(
            row.provider and row.queue == self._queue and not row.missing for row in BACKENDS.values()
        ):
            return
        connection: Connection | None = None
        while True:
            try:
                connection = connection or self._connect()
                self.look(connection)
            except errors.Error as error:
                log.warning("cancellation_delayed", cause=str(error))
                if connection is not None:
                    connection.close()
                connection = None
            time.sleep(LOOK_S)

    def look(self, connection: Connection) -> None:
        """Cancel all due provider jobs."""
        for one in provider_jobs.owed(connection, self._queue, lease_s=self._lease_s):
            self._cancel(connection, one)

    @staticmethod
    def _cancel(connection: Connection, one: Owed) -> None:
        """Cancel a task's work; its row stays open if that failed, or if work may still arrive."""
        try:
            charges = operations.cancel_at_provider(one.backend, one.device, one.tag, one.provider_job)
        except errors.Error:
            raise
        except Exception as error:  # retried, whatever the provider's error
            log.warning("not_cancelled_at_provider", cause=str(error), **_facts(one))
            return
        if charges or one.settled:
            known = [charge for charge in charges if charge is not None]
            if len(known) == len(charges):
                usd = [price for _, price in known]
                total_usd = None if None in usd else sum(price or 0.0 for price in usd)
                qpu_ledger.settle(connection, one.task_id, sum(qpu_s for qpu_s, _ in known), total_usd)
            provider_jobs.close(connection, one)
            log.info("cancelled_at_provider", known=bool(charges), **_facts(one))


def _facts(one: Owed) -> dict[str, object]:
    return {"job": one.job_id, "task": one.task_id, "tenant_id": one.tenant_id, "backend": one.backend}
