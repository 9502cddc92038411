"""Tables of sweeps: one row a job, the same columns in all of them, and groups."""

from io import BytesIO
from typing import Any

import pytest
from matplotlib.figure import Figure
from pyarrow.parquet import read_table

from novacron import _frames, _rows, _table
from novacron.answers.row import Row
from novacron.errors import BadInput
from novacron.plots import curves


def row(position: int, result: dict[str, Any] | None, **coordinates: Any) -> dict[str, Any]:
    return {
        "position": position, "job_id": f"job{position}", "coordinates": coordinates, "cpu_s": None,
        "name": "one", "kind": "hybrid_vqe",
        "status": "completed" if result else "failed", "from_cache": False, "wall_time_s": 0.5,
        "error_message": None if result else "wrong", "result": result,
    }  # fmt: skip


ROWS = _table.flat([
    row(0, {"energy": -1.0, "seed": 7}, seed=1, optimizer={"name": "spsa", "a": 1}),
    row(1, None, seed=2, optimizer="lbfgs"),
    row(2, {"energy": -3.0, "converged": True}, seed=1, optimizer="lbfgs"),
])  # fmt: skip


def test_rows_have_the_same_columns_and_coordinates_come_first() -> None:
    assert len({tuple(one) for one in ROWS}) == 1
    assert list(ROWS[0])[:5] == ["seed", "optimizer", "status", "energy", "result.seed"]
    assert [one["optimizer"] for one in ROWS] == ["spsa", "lbfgs", "lbfgs"]
    assert [one["energy"] for one in ROWS] == [-1.0, None, -3.0]


def test_groups_count_all_rows_and_average_the_numbers() -> None:
    assert _table.grouped(ROWS, ["seed"], ["energy"], ["energy"]) == [
        {"seed": 1, "n": 2, "energy mean": -2.0, "energy std": pytest.approx(2**0.5)},
        {"seed": 2, "n": 1, "energy mean": None, "energy std": None},
    ]
    with pytest.raises(BadInput, match="columns: seed, optimizer"):
        _table.grouped(ROWS, ["energie"], [], [])


def test_jobs_of_no_sweep_have_names_and_mappings_of_one_name_are_told_apart() -> None:
    assert list(_table.flat([row(0, {"energy": -1.0})])[0])[:3] == ["name", "kind", "status"]
    assert _table.flat([]) == []
    settings = [{"name": "spsa", "a": 0.1}, {"name": "spsa", "a": 0.2}, {"name": "adam"}, {"J": 1.0}]
    found = _table.flat([row(k, {"energy": 0.0}, optimizer=one) for k, one in enumerate(settings)])
    assert [one["optimizer"] for one in found] == ["spsa a=0.1", "spsa a=0.2", "adam", '{"J": 1.0}']


def test_a_frame_has_a_type_per_column() -> None:
    rows = _rows.Rows(
        map(Row, [row(0, {"n": 1, "ok": True}, h=1), row(1, None, h=0.5), row(2, {"n": 2**63}, h=2)])
    )
    found = _frames.columns(rows.flat())
    assert found["h"] == ("float", [1.0, 0.5, 2.0]) and found["n"] == ("float", [1.0, None, 2.0**63])
    assert found["ok"] == ("bool", [True, None, None]) and found["cpu_s"][0] == "float"
    assert _frames.columns([{"a": 1}, {"a": "x"}, {"a": True}]) == {"a": ("text", ["1", "x", "true"])}
    assert len(rows.frame()) == 3
    table = read_table(BytesIO(_frames.parquet(rows.flat())))
    assert {name: str(table.schema.field(name).type) for name in ("h", "ok", "status", "cpu_s")} == {
        "h": "double", "ok": "bool", "status": "string", "cpu_s": "double",
    }  # fmt: skip
    assert table["ok"].to_pylist() == [True, None, None]


def test_a_curve_has_a_line_per_value_and_needs_numbers() -> None:
    rows = _table.flat([
        row(k, {"energy": -h - k, "e_exact": -h} if k < 4 else None, h=h, optimizer="ab"[k % 2])
        for k, h in enumerate((1.0, 1.0, 0.5, 0.5, 2.0))
    ])  # fmt: skip
    assert curves.lines(rows, "h", "energy", "optimizer").values == {
        "a": {1.0: [-1.0], 0.5: [-2.5]}, "b": {1.0: [-2.0], 0.5: [-3.5]},
    }  # fmt: skip
    figure = Figure()
    curves.draw(figure, rows, curves.lines(rows, "h", "energy", None))
    [axes] = figure.axes
    assert axes.get_title() == "4 of 5 jobs, mean ± standard deviation"
    assert {"energy", "exact"} == set(axes.get_legend_handles_labels()[1])
    for x, y, rule in (("optimizer", "energy", "no numbers"), ("h", "energie", "no column")):
        with pytest.raises(BadInput, match=rule):
            curves.lines(rows, x, y, None)
