import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workers.quantum.simulation.cuda import device
from workers.quantum.simulation.cuda.device import NoDeviceError
from workers.runtime import accelerator


class DriverError(RuntimeError):
    pass


def seeing(count: Any) -> Any:
    runtime = SimpleNamespace(getDeviceCount=count, CUDARuntimeError=DriverError)
    return SimpleNamespace(cuda=SimpleNamespace(runtime=runtime))


def no_driver() -> int:
    raise DriverError("cudaErrorInsufficientDriver")


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (None, "CuPy cannot be imported.*pip install"),
        (seeing(no_driver), "no CUDA device .cudaErrorInsufficientDriver.; install or update"),
        (seeing(lambda: 0), "no CUDA device; check CUDA_VISIBLE_DEVICES"),
    ],
)
def test_why_there_is_no_device(monkeypatch: pytest.MonkeyPatch, found: Any, why: str) -> None:
    monkeypatch.setitem(sys.modules, "cupy", found)
    with pytest.raises(NoDeviceError, match=why):
        device.CupyDevice()


def test_importing_the_backend_imports_no_cupy() -> None:
    script = "import sys, workers.quantum.backends.gpu; sys.exit('cupy' in sys.modules)"
    root = Path(accelerator.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0


def test_a_worker_of_gpu_work_says_why_it_does_not_start() -> None:
    root = Path(accelerator.__file__).parents[2]
    command = [sys.executable, "-m", "workers", "--queue", "gpu-sim"]
    hidden = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    started = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=hidden)
    assert started.returncode == 1
    assert started.stderr.startswith("novacron: the queue gpu-sim has no worker here: CuPy ")


def test_other_queues_need_no_device() -> None:
    assert accelerator.refusal("cpu-sim") == ""
