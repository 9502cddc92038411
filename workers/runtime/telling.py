"""How child processes report metrics to the parent, which exports them as one process.

Children have no series or files of their own, so a dead child leaves nothing behind. Updates of the last
quarter of a second are lost if a child is killed.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from contextlib import suppress

from shared.metrics.tally import TALLY

log = logging.getLogger("novacron.metrics")

EVERY_S = 0.25
MOST_BYTES = 1 << 20


class Channel:
    """A socket pair that is created before the children are forked."""

    def __init__(self) -> None:
        self._hears, self._speaks = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for one in (self._hears, self._speaks):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_BYTES)
        self._telling = threading.Lock()

    def hear(self) -> None:
        """Receive and merge updates in the parent, in a thread."""
        threading.Thread(target=self._hear, name="hear-counts", daemon=True).start()

    def speak(self) -> None:
        """Report updates periodically from a child."""
        TALLY.begin()
        self._speaks.setblocking(False)
        threading.Thread(target=self._speak, name="tell-counts", daemon=True).start()

    def tell(self) -> None:
        """Report updates since the last report; unsent ones are reported next time."""
        with self._telling:
            if delta := TALLY.drain():
                try:
                    self._speaks.send(json.dumps(delta).encode())
                except OSError:
                    TALLY.merge(delta)

    def _speak(self) -> None:
        while True:
            time.sleep(EVERY_S)
            self.tell()

    def _hear(self) -> None:
        while True:
            data = self._hears.recv(MOST_BYTES)
            with suppress(ValueError):
                TALLY.merge(json.loads(data))
