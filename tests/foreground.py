"""Signals in a child as a shell has them for what it runs in the foreground."""

import signal


def foreground(ignored: int | None = None) -> None:
    """Undo what this process has inherited: a job in the background ignores SIGINT, one of nohup SIGHUP.

    Args:
        ignored: the signal that the child shall ignore, if any.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN if number == ignored else signal.SIG_DFL)
