"""Work in a separate process, killed at a chosen instant: before its n-th durable effect.

Effects are commits, writing statements outside of transactions, renames, and executed commands. Between two
of them nothing durable happens: killing there is equivalent to killing before the next one.
"""

import os
import signal
import subprocess
import traceback
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus


class Fuse:
    """Counts effects and kills this process before the n-th, counted from 0."""

    def __init__(self, n: int) -> None:
        self._left = n

    def burn(self) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function that has an effect."""

        def burnt(*arguments: Any, **named: Any) -> Any:
            self.burn()
            return function(*arguments, **named)

        return burnt

    def lay(self) -> None:
        """Wrap everything in this process that can have a durable effect."""
        os.replace = self.before(os.replace)
        os.rename = self.before(os.rename)
        os.unlink = self.before(os.unlink)
        subprocess.Popen = self.before(subprocess.Popen)  # type: ignore[assignment, misc]
        execute, transaction = psycopg.Connection.execute, psycopg.Connection.transaction

        def executed(self_: Any, query: Any, *arguments: Any, **named: Any) -> Any:
            idle = self_.info.transaction_status == TransactionStatus.IDLE
            if idle and not str(query).lstrip().upper().startswith("SELECT"):
                self.burn()
            return execute(self_, query, *arguments, **named)

        @contextmanager
        def committed(self_: Any, *arguments: Any, **named: Any) -> Any:
            outermost = self_.info.transaction_status == TransactionStatus.IDLE
            with transaction(self_, *arguments, **named) as begun:
                yield begun
                if outermost:
                    self.burn()

        psycopg.Connection.execute = executed  # type: ignore[assignment]
        psycopg.Connection.transaction = committed  # type: ignore[assignment]


def apart(work: Callable[[], object], fuse: Fuse | None = None) -> bool:
    """Run it in a separate process; return False if that was killed.

    Raises:
        AssertionError: it ended otherwise; its reason is on stderr.
    """
    pid = os.fork()
    if pid == 0:
        try:
            if fuse:
                fuse.lay()
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    assert os.waitstatus_to_exitcode(status) == 0
    return True
