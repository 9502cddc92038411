"""Drawings of circuits: nothing overlaps, order is kept, and both kinds of drawing show all of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from novacron.cli import circuit_text
from novacron.plots import compiled
from novacron.plots.circuit_columns import arrange, folded, source_wires

N = 5
PLACES = st.lists(st.integers(0, N - 1), min_size=2, max_size=2, unique=True)
INSTRUCTIONS = st.one_of(
    PLACES.map(lambda pair: {"gate": "cx", "qubits": pair, "params": []}),
    st.integers(0, N - 1).map(lambda qubit: {"gate": "rz", "qubits": [qubit], "params": [0.3]}),
    PLACES.map(lambda pair: {"barrier": pair}),
    st.integers(0, N - 1).map(lambda qubit: {"measure": qubit, "bit": 0}),
)
BELL = {
    "n_qubits": 2,
    "registers": [["c", 2]],
    "instructions": [
        {"gate": "h", "qubits": [0], "params": []},
        {"gate": "cx", "qubits": [0, 1], "params": []},
        {"gate": "rz", "qubits": [1], "params": [-1.5707963267948966]},
        {"measure": 0, "bit": 0},
        {
            "if": {"bits": [0, 1], "value": 1},
            "then": [{"gate": "x", "qubits": [1], "params": []}],
            "else": [],
        },
    ],
}
MADE = {
    "n_qubits": 5,
    "registers": [["c", 2]],
    "instructions": [
        {"gate": "rx", "qubits": [3], "params": [{"terms": {"a": 2.0}, "offset": 0.5}]},
        {"gate": "ecr", "qubits": [3, 1], "params": []},
        {"gate": "cz", "qubits": [1, 4], "params": []},
    ],
}
FIGURES = {"depth": 3, "two_qubit_count": 2, "success_probability": 0.97}
JOB: dict[str, Any] = {
    "job_id": "j", "kind": "compile", "name": "bell", "status": "completed", "backend": "fake",
    "spec": {"backend": "fake:manila", "circuit": {"record": BELL}},
    "result": {
        "circuit": MADE,
        "layout": {"initial": [3, 1], "final": [1, 3]},
        "metadata": {"before": FIGURES | {"success_probability": None}, "after": FIGURES},
    },
}  # fmt: skip


@given(st.lists(INSTRUCTIONS, max_size=30))
@settings(max_examples=60, deadline=None)
def test_no_two_instructions_share_a_place_and_their_order_is_kept(items: list[dict[str, Any]]) -> None:
    record = {"n_qubits": N, "registers": [["c", 1]], "instructions": items}
    marks = arrange(record, source_wires(record))
    covered = [
        (mark.column, row) for mark in marks for row in range(min(mark.symbols), max(mark.symbols) + 1)
    ]
    assert len(covered) == len(set(covered))
    for row in range(N):
        columns = [mark.column for mark in marks if row in mark.symbols]
        assert columns == sorted(columns)


@given(st.lists(st.integers(1, 20), max_size=40), st.integers(20, 60))
def test_folds_hold_every_column_once_and_fit(sizes: list[int], room: int) -> None:
    lines = folded(sizes, room)
    assert [column for line in lines for column in line] == list(range(len(sizes)))
    assert all(sum(sizes[column] for column in line) <= room for line in lines)


def test_a_compilation_is_drawn_in_text() -> None:
    assert "\n".join(circuit_text.drawings(JOB, 60)).splitlines() == [
        "before",
        "q0 ──H──●───M c0────────────────────",
        "        │",
        "q1 ─────X──RZ -π/2──if c0=1,c1=0: x─",
        "",
        "after: @3 q0 is the device's qubit 3, on which qubit 0 begins",
        "@1 q1 ─────────────ECR:1──●─ q0",
        "                     │    │",
        "@3 q0 ──RX 2a+0.5──ECR:0──┼─ q1",
        "                          │",
        "@4    ────────────────────●─",
    ]


def test_long_text_is_folded_and_ends_are_told_once() -> None:
    items = [{"gate": "h", "qubits": [0], "params": []}] * 300
    record = {"n_qubits": 1, "registers": [], "instructions": items}
    text = circuit_text.draw(record, source_wires(record), 60)
    assert max(map(len, text.splitlines())) <= 60
    assert text.endswith("... and 60 further columns")


def test_a_picture_has_the_figures_and_no_text_beyond_its_edges() -> None:
    figure = Figure()
    compiled.compilation(figure, JOB, {})
    figure.draw_without_rendering()
    edges = figure.bbox
    texts = [one for one in figure.findobj(Text) if one.get_text()]
    for one in texts:
        box = one.get_window_extent()
        assert edges.x0 <= box.x0 and box.x1 <= edges.x1 and edges.y0 <= box.y0 and box.y1 <= edges.y1
    shown = "\n".join(one.get_text() for one in texts)
    assert "bell: before: depth 3, 2 two-qubit gates\n" in shown
    assert "fake:manila: depth 3, 2 two-qubit gates, success probability 0.97\n" in shown
