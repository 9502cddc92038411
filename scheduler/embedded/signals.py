"""Waiting for signals without polling."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from types import FrameType, TracebackType

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """Wakes a sleeping supervisor when a child ends or a stop is requested.

    Attributes:
        n_stops: number of stop requests.
    """

    def __init__(self) -> None:
        self.n_stops = 0
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)

    def __enter__(self) -> Signals:
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOPS:
            signal.signal(number, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, *STOPS):
            signal.signal(number, signal.SIG_DFL)
        self._receiver.close()
        self._sender.close()

    def wait(self, timeout_s: float) -> None:
        """Sleep until a signal arrives or the timeout expires."""
        select.select([self._receiver], [], [], max(0.0, timeout_s))
        with contextlib.suppress(BlockingIOError):
            while self._receiver.recv(4096):
                pass

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.n_stops += 1
