"""The leader's loop: dispatch when tasks become ready, and periodic maintenance."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from scheduler.dispatch.chronicle import Chronicle
from scheduler.dispatch.hooks import DispatchHook
from scheduler.dispatch.log_lines import LogLines
from scheduler.dispatch.outbox import Dispatcher
from scheduler.planning import planner
from shared.broker.publisher import Publisher
from shared.db import deadlines, dispatch, errors, rescue, session, sweeps, workers
from shared.db.leader import lead
from shared.db.session import Connection
from shared.hooks import together
from shared.quantum import named_backends
from shared.settings import Settings

log = logging.getLogger("novacron.scheduler")

SWEEP_S = 0.5
"""Longest wait in seconds; bounds the delay after a lost notification."""
SHORTEST_WAIT_S = 0.002
CARE_S = 1.0
LEADER_RETRY_S = 0.5


def standard() -> tuple[DispatchHook, ...]:
    """Return the hooks of every leader."""
    return (LogLines(),)


class Loop(threading.Thread):
    """Waits for the leadership, then dispatches and rescues tasks until it is stopped.

    Args:
        settings: settings of the process.
        attached: hooks that observe the loop, None for `standard()`.
    """

    def __init__(self, settings: Settings, attached: Sequence[DispatchHook] | None = None) -> None:
        super().__init__(name="loop", daemon=True)
        self._settings = settings
        self._named_backends = named_backends.load(settings.backends_file)
        self._publisher = Publisher(settings.redis_url, settings.key_prefix)
        self._hooks = together(DispatchHook, standard() if attached is None else attached)
        self._dispatcher = Dispatcher(
            self._publisher, chunk=settings.chunk, named=settings.task_events, hooks=self._hooks
        )
        self._sweeps = sweeps.Progress()
        self._stopping = threading.Event()
        self.leading = False

    def stop(self) -> None:
        """Stop after the current tick."""
        self._stopping.set()
        self.join(timeout=5)

    def run(self) -> None:
        """Lead; reconnect and campaign again after every lost connection."""
        while not self._stopping.is_set():
            try:
                with session.connect(self._settings.database_url, name="novacron-loop") as connection:
                    self._serve(connection)
            except errors.Error as error:
                self._lost(str(error))
                log.warning("database: %s", error)
            except Exception:
                log.exception("the loop failed; restarting it")
            finally:
                self._lost("stopped" if self._stopping.is_set() else "an error")
            self._stopping.wait(0.2)
        self._publisher.close()

    def _lost(self, cause: str) -> None:
        if self.leading:
            self._hooks.on_lead_lost(cause)
        self.leading = False

    def _serve(self, connection: Connection) -> None:
        while not lead(connection):
            if self._stopping.wait(LEADER_RETRY_S):
                return
        self.leading = True
        self._hooks.on_lead()
        chronicle = Chronicle(self._hooks)
        session.listen(connection, "ready", "plan")
        wait, next_care = SWEEP_S, 0.0
        while not self._stopping.is_set():
            if time.monotonic() >= next_care:
                self._care(connection)
                chronicle.tell(connection)
                next_care = time.monotonic() + CARE_S
            wait = self._pace(wait, self._dispatch(connection))
            if "plan" in {word.channel for word in connection.notifies(timeout=wait, stop_after=1)}:
                self._plan(connection)

    def _plan(self, connection: Connection) -> None:
        self._hooks.before_plan()
        if planned := planner.plan_waiting(connection, self._named_backends):
            self._hooks.after_plan(planned)

    def _dispatch(self, connection: Connection) -> int:
        try:
            taken = self._dispatcher.run_once(connection)
            self._hooks.on_broker(True)
            return taken
        except OSError as error:
            self._hooks.on_broker(False)
            log.warning("%s", error)
            self._stopping.wait(SWEEP_S)
            return 0

    @staticmethod
    def _pace(wait: float, taken: int) -> float:
        """Return the next wait in seconds: short while queues drain, otherwise growing up to `SWEEP_S`."""
        return max(SHORTEST_WAIT_S, min(wait / 2, 0.01)) if taken else min(SWEEP_S, wait * 1.5)

    def _care(self, connection: Connection) -> None:
        """Handle expired leases, timeouts, delayed tasks and lost messages."""
        self._plan(connection)
        self._sweeps.tell(connection)
        if rescued := rescue.reclaim_expired(connection):
            self._hooks.on_rescue(rescued)
        if parted := rescue.part_from_ended(connection):
            self._hooks.on_parted(parted)
        for job_id, tenant_id in deadlines.enforce(connection).items():
            self._hooks.on_timeout(job_id, tenant_id)
        dispatch.wake_delayed(connection)
        workers.forget_dead(connection)
        try:
            if lost := self._dispatcher.find_lost(connection, min(self._settings.lease_s, 10.0)):
                self._hooks.on_resend(lost)
        except OSError as error:
            log.warning("%s", error)
