from __future__ import annotations

import math
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from novacron import _quantity
from novacron._transport.stream import Event
from novacron.cli import chart, tables, values, watch
from novacron.cli.progress import Progress
from novacron.cli.replay import differences
from novacron.plots.axis import span


def _progress(values: dict[int, list[float]], spec: dict[str, Any] | None = None) -> Progress:
    progress = Progress({"job_id": "j", "kind": "hybrid_vqe", "spec": spec or {}})
    progress.take(Event(1, "job", {"status": "running", "at": "2026-01-01T00:00:00+00:00"}))
    for loop, told in values.items():
        entries = [{"evaluation": i, "value": v} for i, v in enumerate(told, 1)]
        progress.take(
            Event(2, "evaluations", {"loop": loop, "evaluations": entries, "at": "2026-01-01T00:00:02+00:00"})
        )
    return progress


def test_the_best_is_over_all_loops_and_the_rate_is_the_servers() -> None:
    progress = _progress({0: [1.0, 0.5, 0.7], 1: [0.9, 0.2]})
    assert progress.best == (1, 2, 0.2)
    assert (progress.n_evaluations, progress.evaluations_per_s) == (5, 2.5)
    assert progress.status == "running"


def test_a_cut_is_maximised_and_shown_as_a_cut() -> None:
    progress = _progress({0: [-3.0, -7.5, -7.0]}, {"problem": {"maxcut": {"n_nodes": 2}}})
    assert progress.best == (0, 2, 7.5)
    assert progress.stuck == []


def test_an_evaluation_told_again_is_counted_once() -> None:
    progress = _progress({0: [1.0, 0.5]})
    progress.take(Event(3, "evaluations", {"loop": 0, "evaluations": [{"evaluation": 2, "value": 0.5}]}))
    progress.take(Event(4, "evaluations", {"loop": 0, "evaluations": [{"evaluation": 3, "value": 0.4}]}))
    assert progress.loops == {0: [1.0, 0.5, 0.4]}


@pytest.mark.parametrize(
    ("values", "stuck"),
    [
        ([-1.0, -1.0, -1.0], True),
        ([-1.0, -0.9, -1.0 - 5e-11], True),
        ([-1.0, -1.0 - 1e-9, -0.9], False),
        ([-1.0, -0.9], False),
    ],
)
def test_an_optimizer_that_never_left_its_start_is_noticed(values: list[float], stuck: bool) -> None:
    progress = _progress({0: values})
    assert progress.stuck == [0] * stuck
    assert ["never left" in text for text in watch.warnings(progress)] == [True] * stuck
    progress.take(Event(9, "warning", {"message": "the optimizer never left its start: server says"}))
    assert len(watch.warnings(progress)) == 1


def test_tasks_are_counted_by_their_last_state() -> None:
    progress = _progress({})
    for state in ("ready", "running", "completed"):
        progress.take(Event(3, "task", {"tasks": [1, 2], "to": state}))
    progress.take(Event(4, "task", {"tasks": [2, 3], "to": "ready"}))
    assert progress.tasks_done == (1, 3)


@pytest.mark.parametrize("width", [40, 80, 100])
@pytest.mark.parametrize("n_values", [1, 2, 37, 5000])
def test_a_chart_fits_its_width_and_marks_its_lines(width: int, n_values: int) -> None:
    values = [-1.0 - 0.1 * (1 - math.exp(-i / 9)) for i in range(n_values)]
    text = chart.draw(values, {"exact": -1.1, "HF": -1.0}, width, 8).plain
    rows = text.rstrip("\n").split("\n")
    assert len(rows) == 8 and max(map(len, rows)) <= width
    assert "HF" in rows[0] and "exact" in rows[-1]
    assert any(0x2800 < ord(character) < 0x2900 for character in text)


def test_a_falling_curve_falls_in_the_chart() -> None:
    rows = chart.draw([float(-i) for i in range(50)], {}, 60, 10).plain.split("\n")
    firsts = [next((i for i, c in enumerate(row[14:]) if ord(c) != 0x2800), 99) for row in rows[:10]]
    assert firsts == sorted(firsts) and firsts[0] == 0


def test_a_wild_step_does_not_flatten_the_chart() -> None:
    values = [-1.0 - 0.001 * i for i in range(60)]
    rows = chart.draw([*values[:10], 1000.0, *values[10:]], {}, 60, 10).plain.split("\n")
    assert float(rows[0].split()[0]) < 0


def test_the_view_fits_80_columns() -> None:
    progress = _progress({0: [-1.0, -1.05, -1.09]}, {"hamiltonian": {"e_hf": -1.0, "e_exact": -1.1}})
    progress.take(Event(3, "placement", {"queue": "cpu-sim", "backend": "statevector", "why": "w " * 60}))
    console = Console(width=80)
    with console.capture() as captured:
        console.print(watch.view(progress, console, 1.0))
    text = captured.get()
    assert max(map(len, text.split("\n"))) <= 80
    assert "error +10.0000 mHa" in text and "best -1.09000000" in text and "energy (hartree)" in text


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("starts", [1, 3, 1024])
@pytest.mark.parametrize("error", [1e-2, 1e-5, 0.0])
def test_the_view_fits_whatever_is_known(width: int, starts: int, error: float) -> None:
    values = [-1.0 - (0.1 - error) * (1 - math.exp(-i)) for i in range(40)]
    spec = {"hamiltonian": {"e_hf": -1.0, "e_exact": -1.1}, "starts": starts}
    progress = _progress({0: values, starts - 1: values}, spec)
    console = Console(width=width)
    with console.capture() as captured:
        console.print(watch.view(progress, console, 1.0))
    text = captured.get()
    assert max(map(len, text.split("\n"))) <= width
    assert ("log scale" in text) == (error < 2.5e-3)
    assert f"1 of {starts}" in text if starts > 1 else "start" not in text


def test_all_starts_are_counted_before_they_begin() -> None:
    progress = _progress({0: [1.0, 0.5], 1: [0.9]}, {"starts": 3})
    progress.take(Event(3, "task", {"tasks": [1], "operation": "optimize", "to": "completed"}))
    assert (progress.n_starts, progress.starts_ended) == (3, 1)
    console = Console(width=100)
    with console.capture() as captured:
        console.print(watch.view(progress, console))
    assert "of start 1 of 3" in captured.get() and "starts: 2 of 3 begun, 1 ended" in captured.get()
    assert _progress({0: [1.0], 4: [1.0]}).n_starts == 5


def test_a_log_chart_puts_the_decades_at_equal_distances() -> None:
    rows = chart.draw([10.0**-i for i in range(60)], {}, 60, 10, log=True).plain.split("\n")
    firsts = [next(i for i, c in enumerate(row[14:]) if ord(c) != 0x2800) for row in rows]
    steps = {b - a for a, b in pairwise(firsts)}
    assert max(steps) - min(steps) <= 1
    assert [float(rows[row].split()[0]) for row in (0, 9)] == pytest.approx([1.3, 10.0**-59.1], rel=0.05)


def test_time_left_is_told_from_several_runs_only() -> None:
    def left(**estimate: Any) -> float | None:
        return Progress({"job_id": "j", "kind": "k", "estimate": estimate}).left_s(4.0)

    assert left(finish_s=10.0, learnt_from=3) == 6.0
    assert left(finish_s=10.0, learnt_from=1) is None
    assert left(finish_s=10.0, learnt_from=0) is None
    assert left(finish_s=3.0, learnt_from=3) is None
    assert Progress({"job_id": "j", "kind": "k", "estimate": None}).left_s(0.0) is None


def test_the_optimizers_last_word_is_told_where_it_did_not_converge() -> None:
    result = {
        "energy": -1.0,
        "converged": False,
        "message": "limit reached",
        "start": 1,
        "starts": [{"converged": True}, {"converged": False}],
    }
    for kind in ("hybrid_vqe", "hybrid_qaoa", "quantum_ml"):
        console = Console(width=80)
        with console.capture() as captured:
            console.print(tables.summary({"job_id": "j", "kind": kind, "result": result}, {}))
        assert "no: limit reached" in captured.get()
        assert "2: the best is start 2, 1 converged" in captured.get()


def test_a_result_of_any_form_is_told_in_short_lines() -> None:
    result = {
        "value": {
            "eigenvalues": [-1.5, -0.25, 0.0], "assignment": [0, 1] * 16, "partition": [[1, 2, 3], [0]],
            "ciphertext": "a" * 2000, "dense": True, "sector": {"n_electrons": None, "two_sz": 0},
        },
        "n_evaluations": 3,
    }  # fmt: skip
    console = Console(width=120, markup=False)
    with console.capture() as captured:
        console.print(tables.summary({"job_id": "j", "kind": "pure_classical", "result": result}, {}))
    told = dict(line.split("  ", 1) for line in captured.get().splitlines())
    told = {name.strip(): text.strip() for name, text in told.items()}
    assert told["eigenvalues"] == "[-1.5, -0.25, 0]" and told["partition"] == "[[1, 2, 3], [0]]"
    assert told["assignment"] == "[0, 1, 0, 1, 0, 1, ...] (32 in all)"
    assert told["ciphertext"] == f"{'a' * 72}... (2,000 characters)"
    assert (told["dense"], told["sector.two sz"], told["evaluations"]) == ("yes", "0", "3")
    assert told[""] == "--json shows all" and "sector.n electrons" not in told
    assert values.lines({"whole": [1, 2]}) == [("whole", "[1, 2]")]


@pytest.mark.parametrize(
    ("spec", "label", "error"),
    [
        ({"hamiltonian": {"fcidump": "&FCI"}}, "energy (hartree)", "+1.0000 mHa"),
        ({"hamiltonian": {"terms": [], "n_electrons": 2}}, "energy (hartree)", "+1.0000 mHa"),
        ({"hamiltonian": {"terms": []}}, "energy (unit of the coefficients)", "+1.000e-03"),
        ({"hamiltonian": {"model": "hubbard", "n_electrons": 4}}, "energy (unit of t and U)", "+1.000e-03"),
        ({"problem": {"maxcut": {}}}, "cut weight", "+1.000e-03"),
        ({"problem": {"qubo": {}}}, "QUBO value", "+1.000e-03"),
        ({}, "energy", "+1.000e-03"),
    ],
)
def test_a_quantity_has_its_unit(spec: dict[str, Any], label: str, error: str) -> None:
    found = _quantity.of({"spec": spec})
    assert (found.label, found.error(1e-3)) == (label, error)


def test_a_summary_says_value_exact_error_and_course() -> None:
    job = {
        "job_id": "j",
        "kind": "hybrid_vqe",
        "spec": {"hamiltonian": {"e_hf": -1.0}},
        "result": {
            "energy": -1.0996,
            "n_evaluations": 1234,
            "wall_time_s": 0.5,
            "from_cache": True,
            "backend": "b",
        },
    }
    console = Console(width=80)
    with console.capture() as captured:
        console.print(tables.summary(job, {"e_hf": -1.0, "e_exact": -1.1}, {"queue": "cpu-sim"}))
    said = captured.get()
    for word in ("-1.0996000000", "+0.4000 mHa", "1,234", "0.500 s", "hit", "cpu-sim"):
        assert word in said


def test_differences_are_found_to_the_last_bit_and_times_are_passed_over() -> None:
    before = {
        "a": [0.1, {"b": 1}],
        "wall_time_s": 1,
        "receipt": {"finished_at": 1, "seed": 3, "spec_sha256": "a"},
        "zero": 0.0,
    }
    after = {
        "a": [0.1, {"b": 1.0}],
        "wall_time_s": 2,
        "receipt": {"finished_at": 2, "seed": 3},
        "zero": -0.0,
        "n": 1,
    }
    assert [one["field"] for one in differences(before, after)] == ["a[1].b", "n", "zero"]
    assert list(differences(before, before)) == []
    assert [one["field"] for one in differences({"a": [1]}, {"a": [1, 2]})] == ["a"]
    assert list(differences({}, {"device": None})) == list(differences({"device": None}, {})) == []


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.lists(st.floats(-1e6, 1e6), max_size=2))
def test_a_picture_shows_the_lines_and_the_way_from_first_to_last(
    values: list[float], lines: list[float]
) -> None:
    low, high = span(values, lines)
    core = [values[0], values[-1], *lines]
    assert low <= min(core) and max(core) <= high
    assert low >= min(values + lines) and high <= max(values + lines)
    assert max(core) == min(core) or high - low <= 2.0000001 * (max(core) - min(core))


def test_rates_are_shown_while_they_are_sampled() -> None:
    progress = _progress({})
    known = {"decoder": "pymatching", "std_error": 1e-5, "rate_high": 2.5e-4}
    points = [
        {"distance": d, "p": p, "rate": rate} | known
        for d, p, rate in ((3, 0.001, 2e-4), (3, 0.002, 8e-4), (5, 0.001, 0.0))
    ]
    progress.take(Event(2, "rates", {"ended": 0, "total": 4, "points": points}))
    console = Console(width=100, file=(written := StringIO()), color_system=None)
    console.print(watch.view(progress, console))
    shown = " ".join(written.getvalue().split())
    assert "p d=3 pymatching d=5 pymatching 0.001 0.0002 ± 5 % < 2.5e-04 0.002 0.0008 ± 1 %" in shown
