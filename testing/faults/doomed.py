"""`python -m testing.faults.doomed MOMENT FATE`: a loop that dies or is stopped as it publishes.

MOMENT: `before` (the tasks are marked queued and that is committed), `middle` (some messages are sent),
`after` (all are sent). FATE: `SIGKILL`, or `SIGSTOP`, after which it goes on when it is continued.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from scheduler.dispatch import loop
from shared.broker.publisher import Message, Publisher
from shared.settings import load

MOMENTS = ("before", "middle", "after")


class Doomed(Publisher):
    """Meets its fate at its first publishing."""

    moment = "before"
    fate = signal.SIGKILL
    met = False

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish as far as the moment, and what is left if there is an afterwards."""
        share = {"before": 0, "middle": len(messages) // 2, "after": len(messages)}[self.moment]
        super().publish(messages[:share])
        if not self.met:
            self.met = True
            os.kill(os.getpid(), self.fate)
        super().publish(messages[share:])


if __name__ == "__main__":
    Doomed.moment, Doomed.fate = sys.argv[1], signal.Signals[sys.argv[2]]
    vars(loop)["Publisher"] = Doomed
    loop.Loop(load()).run()
