"""Process-level handling for every command, in one place: signals, output failures, errors.

No failure shows a traceback. Within a command SIGTERM and SIGHUP raise `SystemExit`, as Ctrl-C raises
`KeyboardInterrupt`, so that `with` and `finally` blocks clean up.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

from novacron.cli import terminal
from novacron.cli.exit_status import (
    BAD_INPUT,
    INTERRUPTED,
    JOB_ENDED,
    NO_SCHEDULER,
    OUR_FAULT,
    OUTPUT_LOST,
    READER_LEFT,
)
from novacron.destination import OutputLost
from novacron.errors import JobEnded, NotAuthentic, NovaCronError, ServerError, Unavailable

ENDINGS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
CLEANING_S = 5.0
"""Seconds after a signal in which others are ignored: users repeat Ctrl-C, systemd sends SIGHUP too."""


class Output(io.TextIOWrapper):
    """Standard output whose write errors are distinguishable from those of other files."""

    def write(self, text: str) -> int:
        """Write text; see `io.TextIOBase.write`.

        Raises:
            OutputLost: it cannot be written.
        """
        try:
            return super().write(text)
        except OSError as error:
            raise OutputLost from error

    def flush(self) -> None:
        """Flush; see `io.IOBase.flush`.

        Raises:
            OutputLost: it cannot be written.
        """
        try:
            super().flush()
        except OSError as error:
            raise OutputLost from error


def run(command: Callable[[], int | None]) -> NoReturn:
    """Run a command and exit with its status; see `novacron.cli.main` for their meanings."""
    _open_streams()
    ending = _Ending()
    ignored = _take_signals(ending)
    before = terminal.state()
    status = _status(command)
    if ending.number and status == JOB_ENDED:  # Ctrl-C at a prompt exits like the answer no
        status = 128 + ending.number
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)  # another signal must not interrupt the cleanup
    if status > 128:
        terminal.restore(before)
    _drop_unwritten()
    for number in {*ENDINGS} - ignored:
        signal.signal(number, signal.SIG_DFL)
    sys.exit(status)


def _status(command: Callable[[], int | None]) -> int:
    try:
        status = command() or 0
        sys.stdout.flush()
        return status
    except SystemExit as end:
        return _status_of_exit(end)
    except KeyboardInterrupt:
        return INTERRUPTED
    except NovaCronError as error:
        complain(str(error))
        return _status_of(error)
    except OutputLost as lost:
        return _status_of_output(lost)
    except OSError as error:
        complain(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
        return BAD_INPUT
    except Exception as error:
        if os.environ.get("NOVACRON_TRACEBACK"):
            raise
        complain(_fault(error))
        return OUR_FAULT


def _status_of_exit(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        try:
            sys.stdout.flush()
        except OutputLost as lost:
            return end.code or _status_of_output(lost)
        return end.code or 0
    complain(str(end.code))
    return JOB_ENDED


def _status_of(error: NovaCronError) -> int:
    if isinstance(error, JobEnded | NotAuthentic):
        return JOB_ENDED
    return NO_SCHEDULER if isinstance(error, Unavailable | ServerError) else BAD_INPUT


def _status_of_output(lost: OutputLost) -> int:
    cause = lost.__cause__
    if isinstance(cause, BrokenPipeError):
        return READER_LEFT
    what = f"{lost.name}:" if lost.name else "the output"
    complain(f"{what} cannot be written: {getattr(cause, 'strerror', None) or cause}")
    return OUTPUT_LOST


def _fault(error: Exception) -> str:
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"internal error: {type(error).__name__}: {error} "
        f"({os.path.basename(place.filename)}:{place.lineno}); "
        "please report it with what NOVACRON_TRACEBACK=1 shows"
    )


def complain(text: str) -> None:
    """Print a message on stderr, ignoring write errors."""
    from novacron._text import printable

    with suppress(OSError):
        print(printable(f"novacron: {text}"), file=sys.stderr, flush=True)


def _open_streams() -> None:
    """Ensure that all three standard streams are open: a closed one becomes the null device.

    Otherwise a file or socket opened later would get its descriptor and receive the output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # uses the lowest free descriptor
    sys.stdin = sys.stdin or open(0, closefd=False)
    # A character that the encoding cannot represent must not end in a traceback.
    encoding = getattr(sys.stdout, "encoding", None)
    sys.stdout = Output(_buffer(sys.stdout, 1), encoding, "backslashreplace", line_buffering=os.isatty(1))
    sys.__stdout__ = sys.stdout  # type: ignore[misc]  # what it stood for has been taken apart
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    else:
        sys.stderr = io.TextIOWrapper(_buffer(sys.stderr, 2), errors="backslashreplace", line_buffering=True)


def _buffer(stream: object, number: int) -> Any:
    if isinstance(stream, io.TextIOWrapper):
        return stream.detach()
    return open(number, "wb", closefd=False)


def _take_signals(ending: _Ending) -> set[int]:
    """Install the signal handler; return the signals that are ignored, which stay so.

    nohup ignores SIGHUP, and shells ignore SIGINT for background processes.
    """
    for number in ENDINGS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, ending)
    return {number for number in ENDINGS if signal.getsignal(number) is signal.SIG_IGN}


class _Ending:
    """Signal handler: the first signal interrupts the command, those shortly after it are ignored.

    Attributes:
        number: the signal that interrupted it; 0 for none.
    """

    def __init__(self) -> None:
        self.number = 0
        self._next = 0.0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if time.monotonic() < self._next:
            return
        self.number, self._next = number, time.monotonic() + CLEANING_S
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)


def _drop_unwritten() -> None:
    """Keep the interpreter from retrying the failed write at exit."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OutputLost, OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, number)
            os.close(null)
