"""The process that keeps a stack running."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from scheduler.embedded import logs, orphans, ports, postgres, runtime
from scheduler.embedded.child import Child
from scheduler.embedded.errors import StartError
from scheduler.embedded.report import Report, Told
from scheduler.embedded.runtime import Published, State
from scheduler.embedded.signals import Signals
from scheduler.embedded.stack import Stack
from scheduler.embedded.watch import FAILURES_AT_START, Watch

LATE_S = 5.0
"""Seconds after which a start reports which worker it waits for."""
STARTING_POLL_S = 0.01
UNSETTLED_POLL_S = 0.05
"""Polling interval of readiness checks; each costs processor time that starting workers need."""
HOUSEKEEPING_S = 30.0
BROKEN_HOUSEKEEPING_S = 1.0
"""Seconds between retries of failed writes."""


class Supervisor:
    """Starts a stack, restarts its processes when they die, and stops it.

    Failed writes do not stop a running stack: they are retried until the disk has room.

    Args:
        data: the data folder, whose lock the caller holds.
        report: called with events: a phase for each service that became ready, then the stack; later what
            ended, and trouble.
    """

    def __init__(self, data: Path, report: Told) -> None:
        self._data = data
        self._report = report
        self._signals = Signals()
        self._watches: list[Watch] = []
        self._stack: Stack | None = None
        self._began = time.monotonic()
        self._phases: dict[str, float] = {}
        self._stopping = False
        self._marked = False
        self._troubles: dict[str, str] = {}
        self._late: list[str] = []

    def run(self, build: Callable[[], Stack]) -> list[str]:
        """Keep the stack running until a signal requests a stop.

        Args:
            build: creates the stack; called after the remains of an earlier supervisor were ended.

        Returns:
            What could not be stopped, as `name (pid)`.

        Raises:
            StackError: the stack could not be started; everything has been stopped.
        """
        with self._signals:
            try:
                self._start(build)
                while not self._signals.n_stops:
                    self._tick()
                    self._signals.wait(self._patience())
            finally:
                left = self._stop()
        return left

    def _start(self, build: Callable[[], Stack]) -> None:
        self._phase("ended what was left", bool(orphans.end(self._data)))
        self._stack = stack = build()
        name = runtime.stack_name(self._data)
        self._watches = [Watch(Child(service, self._data, name)) for service in stack.services]
        self._phase("prepared", True)
        self._tick()
        while not self._signals.n_stops and not self._up(stack):
            self._signals.wait(UNSETTLED_POLL_S if self._settled() else STARTING_POLL_S)
            self._give_up()
        if not self._signals.n_stops:
            self._phase("ready", True)
            self._publish()
            ready: Report = {"ready": stack.url, "s": self._phases["ready"]}
            if stack.flower:
                ready["flower"] = f"{stack.flower.url} ({stack.flower.login})"
            self._report(ready)

    def _up(self, stack: Stack) -> bool:
        self._tick()
        for watch in self._watches:
            self._phase(watch.name, watch.settled())
        if "migrate" in self._phases and not self._marked:
            self._marked = True
            self._try("the mark of the schema", stack.migrated)
        if not self._settled():
            return False
        missing = stack.missing()
        self._late = missing or []
        self._explain_delay()
        return missing == [] and (not stack.flower or ports.accepts(stack.flower.port))

    def _explain_delay(self) -> None:
        """Report what late workers logged last, compilation for instance, once a line."""
        if time.monotonic() - self._began < LATE_S:
            return
        for watch in self._watches:
            late = watch.name in self._late
            line = logs.last_line(watch.child.log, "novacron.worker") if late else ""
            self._note(f"waiting for {watch.name}", line)

    def _settled(self) -> bool:
        return all(watch.settled() for watch in self._watches)

    def _give_up(self) -> None:
        """Abort a start that cannot succeed.

        Raises:
            StartError: a service cannot be started, or took too long.
        """
        for watch in self._watches:
            if watch.why and watch.n_restarts >= FAILURES_AT_START:
                raise StartError(f"{watch.name} cannot be started: {watch.why}", watch.child.log)
        if time.monotonic() - self._began > runtime.START_TIMEOUT_S:
            watch = blamed(self._watches, self._late)
            raise StartError(
                f"{watch.name} was not ready within {runtime.START_TIMEOUT_S:g} s", watch.child.log
            )

    def _tick(self) -> None:
        """Handle processes that ended, and start those that are due; called after every signal."""
        ready = {watch.name for watch in self._watches if watch.settled()}
        for watch in self._watches:
            status = watch.note_end(starting="ready" not in self._phases)
            if status is not None and "ready" in self._phases:
                self._report({"ended": watch.name, "status": status})
            if ready.issuperset(watch.child.service.after):
                watch.start_if_due()
                self._note(f"starting {watch.name}", watch.why)
        self._publish()
        self._keep_house()

    def _patience(self) -> float:
        if not all(watch.settled() for watch in self._watches if watch.due is None):
            return UNSETTLED_POLL_S
        dues = [watch.due - time.monotonic() for watch in self._watches if watch.due is not None]
        return max(
            UNSETTLED_POLL_S, min([*dues, BROKEN_HOUSEKEEPING_S if self._troubles else HOUSEKEEPING_S])
        )

    def _keep_house(self) -> None:
        for watch in self._watches:
            self._try(f"the log of {watch.name}", partial(logs.rotate, watch.child.log))
        if self._stack and self._stack.database:
            self._try("the link to the database", self._stack.database.keep_reachable)

    def _try(self, what: str, write: Callable[[], object]) -> None:
        """Attempt an optional write; report its failure once, and leave the retry to the caller."""
        try:
            write()
        except OSError as error:
            self._note(what, str(error))
        else:
            self._note(what, "")

    def _note(self, what: str, trouble: str) -> None:
        if trouble and self._troubles.get(what) != trouble:
            self._report({"trouble": f"{what}: {trouble}"})
        if trouble:
            self._troubles[what] = trouble
        else:
            self._troubles.pop(what, None)

    def _stop(self) -> list[str]:
        """Stop everything in reverse order of the dependencies; return what could not be stopped."""
        self._stopping = True
        self._publish()
        remaining = list(self._watches)
        while remaining:
            needed = {name for watch in remaining for name in watch.child.service.after}
            last = [watch for watch in remaining if watch.name not in needed]
            # The scheduler stops after the workers, which write to its database until they exit.
            if any(watch.name != "scheduler" for watch in last):
                last = [watch for watch in last if watch.name != "scheduler"]
            self._stop_together(watch.child for watch in last)
            remaining = [watch for watch in remaining if watch not in last]
        left = orphans.end(self._data) and orphans.left(self._data)
        if self._stack and self._stack.database:
            self._try("the link to the database", self._stack.database.forget)
        if not left:
            self._try("runtime.json", lambda: runtime.remove(self._data))
        return left

    def _stop_together(self, children: Iterable[Child]) -> None:
        chosen = list(children)
        threads = [threading.Thread(target=child.stop) for child in chosen]
        for thread in threads:
            thread.start()
        for child, thread in zip(chosen, threads, strict=True):
            while thread.is_alive():
                thread.join(0.05)
                # A second stop request, or no database to hand tasks back to: no more grace period.
                if self._signals.n_stops > 1 or self._stranded(child):
                    child.kill()

    def _stranded(self, child: Child) -> bool:
        """Return whether the database that a process writes to has ended: it can hand no task back."""
        databases = (watch.child for watch in self._watches if watch.name == postgres.SERVICE)
        return postgres.SERVICE in child.service.after and any(one.ended() is not None for one in databases)

    def _phase(self, name: str, happened: bool) -> None:
        if happened and name not in self._phases:
            self._phases[name] = round(time.monotonic() - self._began, 3)
            self._report({"phase": name, "s": self._phases[name]})

    def _state(self) -> State:
        if self._stopping:
            return "stopping"
        if "ready" not in self._phases:
            return "starting"
        return "ready" if self._settled() else "restarting"

    def _publish(self) -> None:
        """Write runtime.json if its content has changed, or if somebody has changed the file."""
        if self._stack is None:
            return
        pids = {"supervisor": os.getpid()}
        pids |= {watch.name: watch.child.pid for watch in self._watches if watch.child.pid is not None}
        published: Published = {
            **self._stack.published,
            "state": self._state(),
            "pids": pids,
            "restarts": {watch.name: watch.n_restarts for watch in self._watches},
            "data": str(self._data),
            "phases": self._phases,
        }
        self._try("runtime.json", lambda: runtime.write(self._data, published))


def blamed(watches: Sequence[Watch], late: Sequence[str]) -> Watch:
    """Return the service that a start waits for.

    Args:
        watches: all services, the scheduler among them.
        late: names of workers that the API does not see yet.
    """
    unsettled = [watch for watch in watches if not watch.settled()]
    unseen = [watch for watch in watches if watch.name in late]
    return (unsettled or unseen or [watch for watch in watches if watch.name == "scheduler"])[0]
