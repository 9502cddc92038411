"""`python -m benchmarks.faults.doomed MOMENT`: a scheduler's loop that dies around its first publishing.

MOMENT: `before` (the tasks are marked queued and that is committed), `middle` (some messages are sent),
`after` (all are sent).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from scheduler import loop
from shared.broker import Message, Publisher
from shared.settings import load

MOMENTS = ("before", "middle", "after")


class Doomed(Publisher):
    """Publishes as far as it comes."""

    moment = "before"

    def publish(self, messages: Sequence[Message]) -> None:
        """Die on the way."""
        share = {"before": 0, "middle": len(messages) // 2, "after": len(messages)}[self.moment]
        super().publish(messages[:share])
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Doomed.moment = sys.argv[1]
    vars(loop)["Publisher"] = Doomed
    loop.Loop(load()).run()
