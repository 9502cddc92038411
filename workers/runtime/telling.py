"""How a worker's children tell what they counted: in messages to the parent, which shows it all as one.

No child has a series or a file of its own, so none is left of one that is gone. What a child has counted in
the last quarter of a second is lost where it is killed.
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
    """A pair of sockets that is made before the children are forked."""

    def __init__(self) -> None:
        self._hears, self._speaks = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for one in (self._hears, self._speaks):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_BYTES)
        self._telling = threading.Lock()

    def hear(self) -> None:
        """In the parent: add up what comes, in a thread."""
        threading.Thread(target=self._hear, name="hear-counts", daemon=True).start()

    def speak(self) -> None:
        """In a child: tell what was counted, every moment."""
        TALLY.begin()
        self._speaks.setblocking(False)
        threading.Thread(target=self._speak, name="tell-counts", daemon=True).start()

    def tell(self) -> None:
        """Tell what was counted since the last time; what does not go through now is told the next time."""
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
            told = self._hears.recv(MOST_BYTES)
            with suppress(ValueError):
                TALLY.merge(json.loads(told))
