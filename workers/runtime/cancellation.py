"""Cancelling at providers what jobs that ended have left in their queues.

A thread of each worker child on a queue of providers, not a message to it: a message would wait behind the
tasks that fill the slots, and be lost with Redis; the rows are there until a worker comes that can do it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from shared import telemetry
from shared.db import errors, provider_jobs
from shared.db.provider_jobs import Owed
from shared.db.session import Connection
from shared.quantum.backends import BACKENDS
from workers import operations

log = telemetry.logger("novacron.worker")

LOOK_S = 1.0


class Cancellation(threading.Thread):
    """Looks for what is owed to the providers of a queue, and cancels it.

    Args:
        connect: opens a connection that writes durably.
        queue: the worker's.
        lease_s: how long a worker may go on unheard of.
    """

    def __init__(self, connect: Callable[[], Connection], *, queue: str, lease_s: float) -> None:
        super().__init__(name="cancellation", daemon=True)
        self._connect, self._queue, self._lease_s = connect, queue, lease_s

    def run(self) -> None:
        """Look every moment, as long as the process lives."""
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
        """Cancel what is owed now."""
        for one in provider_jobs.owed(connection, self._queue, lease_s=self._lease_s):
            self._cancel(connection, one)

    @staticmethod
    def _cancel(connection: Connection, one: Owed) -> None:
        """Cancel a task's work; its row stays open where that failed, or where work may still arrive."""
        try:
            known = operations.cancel_at_provider(one.backend, one.device, one.tag, one.provider_job)
        except errors.Error:
            raise
        except Exception as error:  # whatever keeps the provider away, it is asked again
            log.warning("not_cancelled_at_provider", cause=str(error), **_facts(one))
            return
        if known or one.settled:
            provider_jobs.close(connection, one)
            log.info("cancelled_at_provider", known=known, **_facts(one))


def _facts(one: Owed) -> dict[str, object]:
    return {"job": one.job_id, "task": one.task_id, "tenant_id": one.tenant_id, "backend": one.backend}
