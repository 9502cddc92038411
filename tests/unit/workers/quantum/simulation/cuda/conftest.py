import shutil

import pytest

from tests.unit.workers.quantum.simulation.cuda.emulated import EmulatedDevice, build, compiler

LACKING = {
    "a C++ compiler": [] if compiler() else ["test_conformance.py", "test_kernels.py", "test_memory.py"],
    "nvcc": [] if shutil.which("nvcc") else ["test_compile.py"],
}
collect_ignore = [file for files in LACKING.values() for file in files]


def pytest_not_run() -> list[str]:
    return [
        f"CUDA kernels: {', '.join(files)} not run, since {tool} is missing"
        for tool, files in LACKING.items()
        if files
    ]


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> EmulatedDevice:
    return EmulatedDevice(build(tmp_path_factory.mktemp("kernels")))
