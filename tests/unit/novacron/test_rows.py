"""Tables of sweeps: one row a job, the same columns in all of them, and groups."""

from typing import Any

import pytest

from novacron import _rows
from novacron.errors import BadInput


def row(position: int, result: dict[str, Any] | None, **coordinates: Any) -> dict[str, Any]:
    return {
        "position": position, "job_id": f"job{position}", "coordinates": coordinates, "cpu_s": None,
        "status": "completed" if result else "failed", "from_cache": False, "wall_time_s": 0.5,
        "error_message": None if result else "wrong", "result": result,
    }  # fmt: skip


ROWS = _rows.flat([
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
    assert _rows.grouped(ROWS, ["seed"], ["energy"], ["energy"]) == [
        {"seed": 1, "n": 2, "energy mean": -2.0, "energy std": pytest.approx(2**0.5)},
        {"seed": 2, "n": 1, "energy mean": None, "energy std": None},
    ]
    with pytest.raises(BadInput, match="columns: seed, optimizer"):
        _rows.grouped(ROWS, ["energie"], [], [])


def test_a_frame_has_the_same_rows() -> None:
    assert len(_rows.frame([row(0, {"energy": -1.0}, seed=1)])) == 1
    assert _rows.flat([]) == []
