"""Errors of starting the stack."""

from __future__ import annotations

from pathlib import Path


class StackError(Exception):
    """The stack cannot start; the message says why and what to do."""


class StartError(StackError):
    """A process ended, or was not ready in time, while the stack started."""

    def __init__(self, message: str, log: Path) -> None:
        super().__init__(message)
        self.log = log
