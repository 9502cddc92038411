from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from novacron import Client
from novacron.errors import BadInput, JobFailed
from novacron.plots import drawing, outcomes
from testing.patience import PATIENCE_S
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
    "error rates of a circuit": (
        "qec_memory",
        {
            "points": [
                dict.fromkeys(("code", "distance", "rounds", "basis", "noise", "p"))
                | {"decoder": "pymatching", "shots": 2000, "errors": 2, "seconds": 1.0, "strong_id": "00"}
                | {"rate": 1e-3, "rate_low": 1e-4, "rate_high": 2e-3}
            ]
        },
    ),
    "error rates": (
        "qec_memory",
        {
            "points": [
                {
                    "code": "repetition", "basis": "z", "noise": "uniform", "decoder": "pymatching",
                    "distance": d, "p": p,
                    "rounds": d, "shots": 10**6, "seconds": 1.0, "strong_id": "00",
                    "errors": 0, "rate": p**d, "rate_low": 0.0, "rate_high": 2 * p**d,
                } | ({"errors": 9, "rate_low": p**d / 2} if p > 0.01 else {})
                for d in (3, 5) for p in (0.01, 0.02)
            ],
            "fit": {"thresholds": [{"decoder": "pymatching", "p": 0.015, "low": 0.014, "high": 0.016}]},
        },
    ),
}  # fmt: skip


def _job(kind: str, result: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"job_id": "j", "kind": kind, "name": "n", "status": "completed", "result": result, **fields}


@pytest.mark.parametrize("case", RESULTS)
@pytest.mark.parametrize("references", [{}, {"e_hf": -1.0, "e_exact": -1.1, "optimum": 3.0}])
def test_every_kind_becomes_a_png(case: str, references: dict[str, float], tmp_path: Path) -> None:
    kind, result = RESULTS[case]
    picture = drawing.draw(
        _job(kind, result, spec={"problem": {"maxcut": GRAPH}}), references, tmp_path / "p.png"
    )
    png = (tmp_path / "p.png").read_bytes()
    assert picture._repr_png_() == png
    assert struct.unpack(">8sIIII", png[:24])[0] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1400, 840)


@pytest.mark.parametrize(("bits", "weight"), [("000", 0.0), ("100", 1.0), ("001", 2.0), ("010", 3.0)])
def test_the_cut_reads_character_i_as_node_i(bits: str, weight: float) -> None:
    assert outcomes.cut(GRAPH, bits) == weight


def figure_of(job: dict[str, Any], references: dict[str, float] | None = None) -> Figure:
    figure = Figure(figsize=(7, 4))
    drawing.PICTURES[job["kind"]](figure, job, references or {})
    figure.draw_without_rendering()
    return figure


def shown(figure: Figure) -> str:
    return "\n".join(one.get_text() for one in figure.findobj(Text))


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.lists(st.floats(-1e6, 1e6), max_size=1),
    st.floats(0, 1e3) | st.none(),
)
@settings(max_examples=40, deadline=None)
def test_no_evaluation_is_cut_off(values: list[float], exact: list[float], error: float | None) -> None:
    history = [{"evaluation": k, "energy": v, "std_error": error} for k, v in enumerate(values, 1)]
    references = dict.fromkeys(["e_exact"] * len(exact), exact[0] if exact else 0.0)
    figure = figure_of(_job("hybrid_vqe", {"energy": min(values), "history": history}), references)
    axes = figure.axes[0]
    low, high = axes.get_ylim()
    marks = {".", "^", "v"}
    lines = [line for line in axes.lines if line.get_marker() in marks]
    points: list[Any] = [point for line in lines for point in line.get_xydata()]  # type: ignore[union-attr]
    assert {x for x, _ in points} == set(range(1, len(values) + 1))
    assert all(low < y < high for _, y in points)
    assert all(low <= one <= high for one in exact)
    left, right = axes.get_xlim()
    assert left < 1 and len(values) < right


STARTS: dict[str, Any] = {"start": 1, "starts": [{"start": 0}, {"start": 1}, {"start": 2}]}


@pytest.mark.parametrize(
    ("kind", "name", "spec", "label"),
    [
        ("hybrid_vqe", "energy", {"hamiltonian": {"fcidump": ""}}, "energy (hartree)"),
        ("hybrid_vqe", "energy", {"hamiltonian": {"model": "tfim"}}, "energy (unit of J and h)"),
        ("hybrid_qaoa", "expectation", {"problem": {"maxcut": GRAPH}}, "expected cut weight"),
        ("hybrid_qaoa", "expectation", {"problem": {"qubo": {}}}, "expected QUBO value"),
        ("quantum_ml", "loss", {}, "loss"),
    ],
)
def test_a_course_says_what_is_optimized_and_which_start_it_is(
    kind: str, name: str, spec: dict[str, Any], label: str
) -> None:
    history = [{"evaluation": k, name: -1.0 - 1 / k} for k in range(1, 9)]
    result = {name: -1.2, "history": history, "samples": {"010": 5}, "test_accuracy": 0.5, **STARTS}
    text = shown(figure_of(_job(kind, result, spec=spec)))
    assert label in text.split("\n") and "start 2 of 3" in text
    assert "start" not in shown(figure_of(_job(kind, {**result, "starts": STARTS["starts"][:1]}, spec=spec)))


def containers(figure: Figure) -> list[Any]:
    return [one for axes in figure.axes for one in axes.containers]


def test_noisy_outcomes_stand_beside_the_ideal_ones() -> None:
    result = {"counts": {"00": 60, "01": 40}, "ideal_probabilities": {"00": 0.5, "11": 0.5}}
    noisy = _job("pure_quantum", result, spec={"noise": {"errors": []}})
    bars = [one for one in containers(figure_of(noisy)) if hasattr(one, "patches")]
    assert [bar.get_height() for bar in bars[0]] == [60, 40, 0]
    assert [bar.get_height() for bar in bars[1]] == [50, 0, 50]
    assert "without noise" in shown(figure_of(noisy))
    del result["ideal_probabilities"]
    assert "not in the result" in shown(figure_of(noisy))
    assert "noise" not in shown(figure_of(_job("pure_quantum", result, spec={"noise": None})))


@pytest.mark.parametrize("n_bits", [1, 2, 3, 5])
def test_the_axis_of_outcomes_has_no_empty_places(n_bits: int) -> None:
    outcomes = {f"{bits:0{n_bits}b}": 1 / 2**n_bits for bits in range(2**n_bits)}
    axes = figure_of(_job("pure_quantum", {"probabilities": outcomes, "ideal_probabilities": outcomes})).axes[
        0
    ]
    left, right = axes.get_xlim()
    assert (left, right) == (-0.5, len(outcomes) - 0.5)
    bars: Any = [bar for one in axes.containers for bar in one.patches]  # type: ignore[attr-defined]
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    assert all(left < a and b < right and b - a < 0.42 for a, b in edges)
    share = edges[0][1] - edges[0][0]
    assert share / (right - left) < 1 / 8, "few bars do not become broad"


def test_counts_have_error_bars_and_exact_values_none() -> None:
    def spreads(result: dict[str, Any], kind: str = "pure_quantum") -> list[Any]:
        found = containers(figure_of(_job(kind, result, spec={"problem": {"maxcut": GRAPH}})))
        return [one for one in found if getattr(one, "errorbar", None) is not None]

    assert len(spreads({"counts": {"0": 30, "1": 70}})) == 1
    assert spreads({"probabilities": {"0": 0.3, "1": 0.7}}) == []
    assert outcomes.deviation(30, 100) == pytest.approx(21**0.5)
    assert len(spreads({"samples": {"010": 7, "000": 3}}, "hybrid_qaoa")) == 1
    assert spreads({"probabilities": {"010": 0.7, "000": 0.3}}, "hybrid_qaoa") == []
    both = {"expectations": {"ZZ": 0.5, "XX": -0.1}, "standard_errors": {"ZZ": 0.1, "XX": 0.1}}
    assert len(spreads(both)) == 1
    assert spreads({**both, "standard_errors": {}}) == []


def test_a_picture_tells_itself_in_one_line() -> None:
    picture = drawing.draw(_job(*RESULTS["counts"]), {})
    assert repr(picture) == f"<Picture: PNG, 1400 x 840 pixels, {len(picture.png):,} bytes>"


def test_what_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no picture"):
        drawing.draw(_job("cryptographic", {}), {})
    with pytest.raises(BadInput, match="measured nothing"):
        drawing.draw(_job("pure_quantum", {}), {})
    with pytest.raises(BadInput, match="cannot be written"):
        drawing.draw(_job(*RESULTS["counts"]), {}, tmp_path / "no" / "p.png")
    with pytest.raises(JobFailed):
        drawing.draw({"job_id": "j", "kind": "hybrid_vqe", "status": "failed"}, {})


def test_a_job_plots_itself_from_python_and_the_command_line(scheduler: Scheduler, tmp_path: Path) -> None:
    scheduler.results = [RESULTS["vqe"][1]]
    job = Client().submit({"kind": "hybrid_vqe"})
    assert job.plot().png.startswith(b"\x89PNG")
    path = tmp_path / "from_cli.png"
    command = [sys.executable, "-m", "novacron.cli", "plot", job.id, "-o", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout.strip()) == (0, str(path)), done.stderr
    assert path.read_bytes() == job.plot().png
