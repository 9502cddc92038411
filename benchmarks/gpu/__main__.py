"""The GPU beside the CPU, in one process: `python -m benchmarks.gpu [--qubits 12,16,20,24] [--rounds N]`.

Both run the same flat programs, are checked for agreement, and are timed alternately; medians of rounds. The
table and benchmarks/results/gpu.json state the date, the device and the processor.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gpu import work
from benchmarks.gpu.work import Work
from testing.asking import Asking
from workers.quantum.backends import load
from workers.quantum.simulation.cuda.device import NoDeviceError, open_device

RESULTS = Path(__file__).parents[1] / "results" / "gpu.json"
TOLERANCE = {"double": 1e-10, "single": 1e-3}
KERNEL_QUBITS = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--qubits", default="12,16,20,24", type=numbers)
    parser.add_argument("--rounds", default=5, type=int)
    arguments = parser.parse_args()
    try:
        device = open_device()
    except NoDeviceError as error:
        sys.exit(f"nothing to measure: {error}")
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "device": device.name,
        "processor": processor(),
        "rounds": arguments.rounds,
    }
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print("| work | qubits | precision | CPU ms | GPU ms | ratio |\n|---|---|---|---|---|---|")
    rows = []
    for task in tasks(arguments.qubits):
        for precision in ("double", "single"):
            rows.append(measured(task, precision, arguments.rounds))
            print(line(rows[-1]), flush=True)
    RESULTS.write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n")


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def tasks(qubits: list[int]) -> Iterator[Work]:
    yield work.kernel(KERNEL_QUBITS)
    for n in qubits:
        yield work.ansatz(n)
        yield from work.qaoa(n)
        yield work.random_circuit(n)


def measured(task: Work, precision: str, rounds: int) -> dict[str, Any]:
    """Return medians of rounds that time both alternately, after a first call of each that is compared."""
    both = (load(name, precision=precision) for name in ("statevector", "gpu"))
    calls = [caller(Asking(backend, task.program, task.observable), task) for backend in both]
    ours, theirs = (numbers_of(call()) for call in calls)
    np.testing.assert_allclose(ours, theirs, atol=TOLERANCE[precision] * max(1.0, float(np.abs(ours).max())))
    times: list[list[float]] = [[], []]
    for _ in range(rounds):
        for call, taken in zip(calls, times, strict=True):
            begin = time.perf_counter()
            call()
            taken.append(1e3 * (time.perf_counter() - begin))
    cpu_ms, gpu_ms = map(statistics.median, times)
    about = {"work": task.name, "qubits": task.program.n_qubits, "precision": precision}
    return {**about, "cpu_ms": cpu_ms, "gpu_ms": gpu_ms}


def caller(compiled: Any, task: Work) -> Callable[[], Any]:
    thetas = task.thetas if task.call in ("energies", "states") else task.thetas[0]
    return lambda: getattr(compiled, task.call)(thetas)


def numbers_of(answer: Any) -> Any:
    return (
        np.concatenate([np.ravel(part) for part in answer]) if isinstance(answer, tuple) else np.ravel(answer)
    )


def line(row: dict[str, Any]) -> str:
    ratio = row["cpu_ms"] / row["gpu_ms"]
    cells = [
        row["work"],
        row["qubits"],
        row["precision"],
        f"{row['cpu_ms']:.2f}",
        f"{row['gpu_ms']:.2f}",
        f"{ratio:.1f}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def processor() -> str:
    """Return the processor's name, if Linux reports it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [entry.split(":")[1].strip() for entry in lines if entry.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
