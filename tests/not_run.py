"""What a run leaves out, and why; whichever of its processes knows, it is shown at the end.

A conftest says so by `pytest_not_run`, which returns lines.
"""

from collections.abc import Iterable
from typing import Any

import pytest


@pytest.hookspec
def pytest_not_run() -> Iterable[str]:
    """Lines that say which tests are not run on this machine, and why."""
    raise NotImplementedError


class NotRun:
    """Gathers the lines of this process, or of all processes of a run."""

    def __init__(self) -> None:
        self._lines: set[str] = set()

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._lines |= {line for lines in session.config.hook.pytest_not_run() for line in lines}
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["not_run"] = sorted(self._lines)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._lines |= set(getattr(node, "workeroutput", {}).get("not_run", ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in sorted(self._lines):
            terminalreporter.write_line(line)
