"""Restoring the terminal's state: echo, line mode, a visible cursor."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]

SHOW_CURSOR = b"\x1b[?25h"


def state() -> list[Any] | None:
    """Return the terminal settings of standard input; None if it is not a terminal."""
    if termios is None or not os.isatty(0):
        return None
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def restore(before: list[Any] | None) -> None:
    """Restore changed settings and show the cursor, after a command was interrupted."""
    if before is not None and state() != before:
        with suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, before)
    for number in (1, 2):
        if os.isatty(number):
            with suppress(OSError):
                os.write(number, SHOW_CURSOR)
            return
