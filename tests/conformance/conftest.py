from pytest import TerminalReporter

from shared import liboqs
from workers.backends import BACKENDS, missing


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    for name in sorted(BACKENDS):
        if why := missing(name):
            terminalreporter.write_line(f"conformance of {name} not run: {why}")
    if why := liboqs.probed().refusal:
        terminalreporter.write_line(f"conformance of liboqs not run: {why}; {liboqs.CURE}")
