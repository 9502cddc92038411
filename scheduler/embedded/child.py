"""One service process: started, monitored, stopped."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from scheduler.embedded import logs
from scheduler.embedded.errors import StartError
from scheduler.embedded.service import Service, environment

PR_SET_PDEATHSIG = 1
POLL_S = 0.005


def _dying_with_parent() -> Callable[[], object]:
    prctl = ctypes.CDLL(None).prctl  # resolved before the fork: little is allowed after it
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Child:
    """A process of the stack in its own session, with its output in a log.

    Args:
        service: what to run.
        data: the data folder.
        stack: the stack's random name.
        bound: whether the kernel kills it with the process that started it (Linux only).
    """

    def __init__(self, service: Service, data: Path, stack: str, *, bound: bool = False) -> None:
        self.service = service
        self.log = data / "logs" / f"{service.name}.log"
        self._environment = environment(data, stack, service.environment)
        self._bound = bound and sys.platform == "linux"
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self._ready = False
        self._swept = True

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Start the process; return before it is ready.

        Raises:
            OSError: the program cannot be executed.
        """
        self.service.prepare()
        output = logs.open_append(self.log)
        try:
            self._process = self._started(output)
        finally:
            os.close(output)
        self.started_at = time.monotonic()
        self._ready = self._swept = False

    def _started(self, output: int) -> subprocess.Popen[bytes]:
        service, account = self.service, self.service.account
        with warnings.catch_warnings():
            if self._bound:  # Python warns about forking with threads; this child only calls prctl
                warnings.simplefilter("ignore", DeprecationWarning)
            return subprocess.Popen(
                service.command,
                cwd=service.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=_dying_with_parent() if self._bound else None,
            )

    def ended(self) -> int | None:
        """Return its exit status once it has ended (negative: the signal), None while it runs or before."""
        if self._process is None or self._process.poll() is None:
            return None
        self._sweep()
        return self._process.returncode

    def ready(self) -> bool:
        """Return whether it is ready; once true, true until it ends."""
        status = self.ended()
        if self._process is None or self.service.finite or status is not None:
            return self.service.finite and status == 0
        self._ready = self._ready or self.service.ready(self._process.pid)
        return self._ready

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until it is ready.

        Raises:
            StartError: it ended, or was not ready in time.
        """
        deadline = time.monotonic() + timeout_s
        while not self.ready():
            if (status := self.ended()) is not None:
                raise StartError(f"{self.service.name} ended with status {status}", self.log)
            if time.monotonic() > deadline:
                raise StartError(f"{self.service.name} was not ready within {timeout_s:g} s", self.log)
            time.sleep(POLL_S)

    def signal(self, number: int) -> None:
        """Send a signal; do nothing if the process has ended."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Send SIGKILL to the process and its session, and wait."""
        if self._process is not None:
            self._sweep()
            self._process.wait()

    def stop(self) -> None:
        """Stop it with its service's signals, finally with SIGKILL."""
        for number, patience_s in self.service.stop_signals:
            self.signal(number)
            if self.wait(patience_s):
                break
        self.kill()

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end; return whether it ended in time."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        self._sweep()
        return True

    def _sweep(self) -> None:
        """Kill the session, once: pool processes outlive a worker, and keep the group's number in use."""
        if self._process is None or self._swept:
            return
        self._swept = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
