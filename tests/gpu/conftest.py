from pytest import TerminalReporter

from workers.backends import missing

WHY = missing("gpu")
collect_ignore = ["test_gpu.py"] if WHY else []


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    if WHY:
        terminalreporter.write_line(f"tests on a CUDA device not run: {WHY}")
