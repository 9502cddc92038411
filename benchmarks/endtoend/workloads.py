"""The four workloads of every contestant, and checks of their results."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DATA = Path(__file__).parents[2] / "tests" / "data"
H2 = DATA / "hamiltonians" / "h2_sto3g_0.7414.json"
LIH = DATA / "hamiltonians" / "lih_sto3g_1.5957.json"
GRAPH = DATA / "maxcut" / "reg3_n14_a.json"
CHEMICAL_ACCURACY_HA = 1.6e-3
LAYERS, SHOTS = 6, 4096
ROWS, FEATURES = 286, 10
"""200 training samples remain after 30 % are held out for the test."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload.

    Attributes:
        name: as in the table.
        file: the input, the same for every contestant.
        job: NovaCron's job, without the file.
        answer: extracts the number from a job's result.
        right: checks a number.
    """

    name: str
    file: Path
    job: dict[str, Any]
    answer: Callable[[dict[str, Any]], float]
    right: Callable[[float], bool]


def _vqe(name: str, file: Path) -> Workload:
    exact = json.loads(file.read_text())["e_fci"]
    job = {
        "kind": "hybrid_vqe", "hamiltonian": {"file": str(file)}, "ansatz": {"name": "uccsd"},
        "optimizer": {"name": "lbfgs"}, "cache": False,
    }  # fmt: skip
    return Workload(
        name, file, job, lambda result: float(result["energy"]),
        lambda energy: -1e-6 <= energy - exact <= CHEMICAL_ACCURACY_HA,
    )  # fmt: skip


def samples(folder: Path) -> Path:
    """Write two classes separated by a curved border, as a CSV file with the columns f0 ... f9 and label."""
    rng = np.random.default_rng(7)
    x = rng.uniform(-1.0, 1.0, (ROWS, FEATURES))
    label = (x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.5 * x[:, 3] > 0).astype(int)
    path = folder / "samples.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([*(f"f{k}" for k in range(FEATURES)), "label"])
        writer.writerows(
            [*(f"{value:.6f}" for value in row), kind] for row, kind in zip(x, label, strict=True)
        )
    return path


def workloads(folder: Path) -> list[Workload]:
    """Return all four; `folder` receives the generated samples."""
    optimum = json.loads(GRAPH.read_text())["max_cut"]
    table = samples(folder)
    qaoa = {
        "kind": "hybrid_qaoa", "problem": {"maxcut": {"file": str(GRAPH)}}, "layers": LAYERS, "shots": SHOTS,
        "cache": False,
    }  # fmt: skip
    kernel = {
        "kind": "quantum_ml", "data": {"file": str(table), "target": "label"}, "test_fraction": 0.3,
        "model": {"name": "kernel_svm", "feature_map": "angle", "layers": 2}, "cache": False,
    }  # fmt: skip
    return [
        _vqe("H2", H2),
        _vqe("LiH", LIH),
        Workload("QAOA", GRAPH, qaoa, lambda result: float(result["best_value"]), lambda cut: cut == optimum),
        Workload(
            "kernel SVM", table, kernel, lambda result: float(result["test_accuracy"]),
            lambda accuracy: accuracy > 0.6,
        ),
    ]  # fmt: skip
