"""Ends a process at SIGTERM while it starts.

The first process of a container has no default action for signals: until its own code handles one, the kernel
drops it, and an orchestrator that stops a starting container waits for the whole grace period.
"""

import signal
import sys


def end_at_sigterm() -> None:
    """Exit at SIGTERM, until the server that is started handles it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
