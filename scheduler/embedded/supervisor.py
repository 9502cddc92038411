"""The one process that keeps a stack running."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from scheduler.embedded import logs, orphans, ports, runtime
from scheduler.embedded.child import Child
from scheduler.embedded.errors import StartError
from scheduler.embedded.signals import Signals
from scheduler.embedded.stack import Stack
from scheduler.embedded.watch import Watch

START_TIMEOUT_S = 60.0
STARTING_POLL_S = 0.01
UNSETTLED_POLL_S = 0.05
HOUSEKEEPING_S = 30.0

Report = Callable[[dict[str, Any]], None]


class Supervisor:
    """Starts a stack, restarts what dies in it, and stops it.

    Args:
        data: the data folder, whose lock the caller holds.
        report: told what happens while the stack starts: `{"phase", "s"}` for each service that became
            ready, then `{"ready": url, "s"}`.
    """

    def __init__(self, data: Path, report: Report) -> None:
        self._data = data
        self._report = report
        self._signals = Signals()
        self._watches: list[Watch] = []
        self._stack: Stack | None = None
        self._began = time.monotonic()
        self._phases: dict[str, float] = {}
        self._stopping = False
        self._published: tuple[object, ...] = ()

    def run(self, build: Callable[[], Stack]) -> None:
        """Keep the stack running until a signal asks to stop.

        Args:
            build: makes the stack; called after what an earlier supervisor left was ended.

        Raises:
            StackError: the stack could not be started; everything is stopped again.
        """
        with self._signals:
            try:
                self._start(build)
                while not self._signals.n_stops:
                    self._tick()
                    self._signals.wait(self._patience())
            finally:
                self._stop()

    def _start(self, build: Callable[[], Stack]) -> None:
        name = runtime.stack_name(self._data)
        if runtime.read(self._data) is not None:
            self._phase("ended what was left", orphans.end(self._data, name) > 0)
        self._stack = stack = build()
        self._watches = [Watch(Child(service, self._data, name)) for service in stack.services]
        self._phase("prepared", True)
        self._tick()
        while not self._signals.n_stops and not self._up(stack):
            self._signals.wait(STARTING_POLL_S)
            if time.monotonic() - self._began > START_TIMEOUT_S:
                raise self._late()
        if not self._signals.n_stops:
            self._phase("ready", True)
            self._publish()
            self._report({"ready": stack.url, "s": self._phases["ready"]})

    def _up(self, stack: Stack) -> bool:
        self._tick()
        for watch in self._watches:
            self._phase(watch.name, watch.settled())
        if "migrate" in self._phases:
            stack.migrated()
        settled = all(watch.settled() for watch in self._watches)
        return settled and stack.ready() and (not stack.flower_port or ports.accepts(stack.flower_port))

    def _late(self) -> StartError:
        missing = [watch for watch in self._watches if not watch.settled()]
        scheduler = [watch for watch in self._watches if watch.name == "scheduler"]
        blamed = (missing or scheduler or self._watches)[0]
        return StartError(f"{blamed.name} was not ready within {START_TIMEOUT_S:g} s", blamed.child.log)

    def _tick(self) -> None:
        """Notice what ended, start what is due; called after every signal."""
        ready = {watch.name for watch in self._watches if watch.settled()}
        for watch in self._watches:
            status = watch.note_end(starting="ready" not in self._phases)
            if status is not None and "ready" in self._phases:
                self._report({"ended": watch.name, "status": status})
            if ready.issuperset(watch.child.service.after):
                watch.start_if_due()
        self._publish()
        self._keep_house()

    def _patience(self) -> float:
        if not all(watch.settled() for watch in self._watches if watch.due is None):
            return UNSETTLED_POLL_S
        dues = [watch.due - time.monotonic() for watch in self._watches if watch.due is not None]
        return max(UNSETTLED_POLL_S, min([*dues, HOUSEKEEPING_S]))

    def _keep_house(self) -> None:
        for watch in self._watches:
            logs.rotate(watch.child.log)
        if self._stack and self._stack.database:
            self._stack.database.keep_reachable()

    def _stop(self) -> None:
        """Stop everything in the opposite order of the dependencies."""
        self._stopping = True
        self._publish()
        remaining = list(self._watches)
        while remaining:
            needed = {name for watch in remaining for name in watch.child.service.after}
            last = [watch for watch in remaining if watch.name not in needed]
            # The scheduler goes after the workers, which report to the API's database to the end.
            if any(watch.name != "scheduler" for watch in last):
                last = [watch for watch in last if watch.name != "scheduler"]
            self._stop_together(watch.child for watch in last)
            remaining = [watch for watch in remaining if watch not in last]
        if self._stack and self._stack.database:
            self._stack.database.forget()
        runtime.remove(self._data)

    def _stop_together(self, children: Iterable[Child]) -> None:
        chosen = list(children)
        threads = [threading.Thread(target=child.stop) for child in chosen]
        for thread in threads:
            thread.start()
        for child, thread in zip(chosen, threads, strict=True):
            while thread.is_alive():
                thread.join(0.05)
                if self._signals.n_stops > 1:  # asked again: no more patience
                    child.kill()

    def _phase(self, name: str, happened: bool) -> None:
        if happened and name not in self._phases:
            self._phases[name] = round(time.monotonic() - self._began, 3)
            self._report({"phase": name, "s": self._phases[name]})

    def _state(self) -> str:
        if self._stopping:
            return "stopping"
        if "ready" not in self._phases:
            return "starting"
        return "ready" if all(watch.settled() for watch in self._watches) else "restarting"

    def _publish(self) -> None:
        """Write runtime.json where something in it has changed."""
        if (stack := self._stack) is None:
            return
        pids = {"supervisor": os.getpid()}
        pids |= {watch.name: watch.child.pid for watch in self._watches if watch.child.pid is not None}
        state = self._state()
        if self._published == (state, pids):
            return
        self._published = (state, pids)
        flower = f"http://{ports.LOOPBACK}:{stack.flower_port}" if stack.flower_port else None
        runtime.write(
            self._data,
            {
                "state": state,
                "url": stack.url,
                "tls": stack.security.mode if stack.security else None,
                "ca_file": str(stack.security.ca_file) if stack.security else None,
                "token": stack.token,
                "pids": pids,
                "restarts": {watch.name: watch.n_restarts for watch in self._watches},
                "data": str(self._data),
                "database_url": stack.database_url,
                "redis_url": stack.redis_url,
                "flower_url": flower,
                "phases": self._phases,
            },
        )
