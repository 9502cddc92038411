import shutil

import pytest

from tests.unit.workers.simulation.cuda.emulated import EmulatedDevice, build, compiler

LACKING = {
    "a C++ compiler": [] if compiler() else ["test_conformance.py", "test_kernels.py", "test_memory.py"],
    "nvcc": [] if shutil.which("nvcc") else ["test_compile.py"],
}
collect_ignore = [file for files in LACKING.values() for file in files]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for tool, files in LACKING.items():
        if files:
            terminalreporter.write_line(f"CUDA kernels: {', '.join(files)} not run, since {tool} is missing")


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> EmulatedDevice:
    return EmulatedDevice(build(tmp_path_factory.mktemp("kernels")))
