from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from novacron import Client, plot
from novacron.errors import BadInput, JobFailed
from tests.patience import PATIENCE_S
from tests.unit.novacron.conftest import Scheduler

HISTORY = [{"evaluation": i + 1, "energy": -1.0 - 0.1 * (1 - 0.8**i)} for i in range(20)]
GRAPH = {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "weights": [1.0, 2.0]}
RESULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "vqe": ("hybrid_vqe", {"energy": -1.1, "history": HISTORY}),
    "vqe without history": ("hybrid_vqe", {"energy": -1.1}),
    "qaoa": (
        "hybrid_qaoa",
        {
            "samples": {"010": 70, "000": 30},
            "best_value": 3.0,
            "history": [{"evaluation": 1, "expectation": 2.0}],
        },
    ),
    "qaoa without shots": ("hybrid_qaoa", {"probabilities": {"010": 0.7, "000": 0.3}, "expectation": 2.1}),
    "qml": (
        "quantum_ml",
        {"train_accuracy": 1.0, "test_accuracy": 0.5, "predictions": [0, 1], "test_labels": [1, 1]},
    ),
    "qml without labels": ("quantum_ml", {"test_accuracy": 0.5, "predictions": ["a", "b"]}),
    "counts": ("pure_quantum", {"counts": {"00": 510, "11": 514}}),
    "probabilities": ("pure_quantum", {"probabilities": {format(i, "06b"): 1 / 64 for i in range(64)}}),
}


def _job(kind: str, result: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"job_id": "j", "kind": kind, "name": "n", "status": "completed", "result": result, **fields}


@pytest.mark.parametrize("case", RESULTS)
@pytest.mark.parametrize("references", [{}, {"e_hf": -1.0, "e_exact": -1.1, "optimum": 3.0}])
def test_every_kind_becomes_a_png(case: str, references: dict[str, float], tmp_path: Path) -> None:
    kind, result = RESULTS[case]
    picture = plot.draw(
        _job(kind, result, spec={"problem": {"maxcut": GRAPH}}), references, tmp_path / "p.png"
    )
    png = (tmp_path / "p.png").read_bytes()
    assert picture._repr_png_() == png
    assert struct.unpack(">8sIIII", png[:24])[0] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1400, 840)


@pytest.mark.parametrize(("bits", "weight"), [("000", 0.0), ("100", 1.0), ("001", 2.0), ("010", 3.0)])
def test_the_cut_reads_character_i_as_node_i(bits: str, weight: float) -> None:
    assert plot._cut(GRAPH, bits) == weight


def test_what_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no picture"):
        plot.draw(_job("cryptographic", {}), {})
    with pytest.raises(BadInput, match="measured nothing"):
        plot.draw(_job("pure_quantum", {}), {})
    with pytest.raises(BadInput, match="cannot write"):
        plot.draw(_job(*RESULTS["counts"]), {}, tmp_path / "no" / "p.png")
    with pytest.raises(JobFailed):
        plot.draw({"job_id": "j", "kind": "hybrid_vqe", "status": "failed"}, {})


def test_a_job_plots_itself_from_python_and_the_command_line(scheduler: Scheduler, tmp_path: Path) -> None:
    scheduler.results = [RESULTS["vqe"][1]]
    job = Client().submit({"kind": "hybrid_vqe"})
    assert job.plot().png.startswith(b"\x89PNG")
    path = tmp_path / "from_cli.png"
    command = [sys.executable, "-m", "novacron.cli", "plot", job.id, "-o", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout.strip()) == (0, str(path)), done.stderr
    assert path.read_bytes() == job.plot().png
