"""`python -m testing.faults.doomed MOMENT FATE`: a loop that is killed or stopped while it publishes.

MOMENT: `before` (the tasks are marked queued and committed), `middle` (some messages are sent), `after` (all
are sent). FATE: `SIGKILL`, or `SIGSTOP`, after which it resumes on SIGCONT.
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
    """A publisher that signals itself at its first publishing."""

    moment = "before"
    fate = signal.SIGKILL
    met = False

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish up to the moment, and the rest if it is resumed."""
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
