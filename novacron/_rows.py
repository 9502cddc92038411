"""Client requests for the rows of jobs; frames and pictures of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron import _frames, _table
from novacron._transport import http
from novacron._transport.flows import JOBS, OUTAGE_S, Flow, call, listed
from novacron.answers.answer import Listing
from novacron.answers.row import Row
from novacron.errors import BadInput

if TYPE_CHECKING:
    from novacron.plots.drawing import Picture

TABLE = "/api/quantum/table"
PAGE = 5000
AT_ONCE = 100
"""Ids in the address of one request."""


class Rows(Listing[Row]):
    """Rows of jobs, in order."""

    def flat(self) -> list[dict[str, Any]]:
        """Return them with a column per coordinate, value and cost; see `_table.flat`."""
        return _table.flat(self)

    def frame(self) -> Any:
        """Return them as a data frame of pandas or Polars where installed, else as a list of dicts."""
        return _frames.frame(self.flat())

    def curve(
        self, x: str, y: str, *, by: str | None = None, path: str | PathLike[str] | None = None
    ) -> Picture:
        """Draw one column over another: a mean with its standard deviation where several jobs share an `x`.

        Args:
            x: column of numbers, a coordinate say.
            y: column of numbers, ``energy`` say, beside which exact and Hartree-Fock energies are drawn.
            by: column; a line per value of it.
            path: file for the PNG; None for none.

        Raises:
            BadInput: there is no such column, it has no numbers, or matplotlib is not installed.
        """
        from novacron.plots import curves, drawing

        rows = self.flat()
        found = curves.lines(rows, x, y, by)
        return drawing.drawn(lambda figure: curves.draw(figure, rows, found), path)


def rows(sweep: str) -> Flow[Rows]:
    """Return the rows of all jobs of a sweep in order, fetching as many pages as needed."""
    path, found = f"{JOBS}/{http.segment(sweep)}/table", Rows()
    reached: int | None = -1
    while reached is not None:
        page = yield from call(http.get(path, {"limit": PAGE, "after": reached}), OUTAGE_S)
        found.extend(map(Row, page["rows"]))
        reached = page["next"]
    return found


def of(ids: Sequence[str]) -> Flow[Rows]:
    """Return the rows of jobs by id, in this order."""
    found = Rows()
    for start in range(0, len(ids), AT_ONCE):
        page = yield from call(http.get(TABLE, {"id": ids[start : start + AT_ONCE]}))
        found.extend(map(Row, page["rows"]))
    return found


def matching(limit: int, **wanted: object) -> Flow[Rows]:
    """Return the rows of the newest jobs that match, at most `limit` of them."""
    return Rows(map(Row, (yield from listed(TABLE, "rows", limit, **wanted))))


OPTIMIZED = {"hybrid_vqe": "energy", "hybrid_qaoa": "best_value", "quantum_ml": "loss"}
"""Field of the result that a kind optimizes."""


def plot(sweep: Mapping[str, Any], found: Rows, path: str | PathLike[str] | None) -> Picture:
    """Draw what the jobs of a sweep optimize, or its `pick`, over its `start_from` or first axis of numbers.

    Args:
        sweep: document of the sweep.
        found: its rows.
        path: file for the PNG; None for none.

    Raises:
        BadInput: there is no such field or axis; and as `Rows.curve`.
    """
    spec = sweep["spec"]
    pick = spec.get("pick") or {}
    y = pick.get("minimize") or pick.get("maximize") or OPTIMIZED.get(spec["job"]["kind"])
    numbers = [axis for axis, values in spec["over"].items() if all(map(_table.is_number, values))]
    x = spec.get("start_from") or next(iter(numbers), None)
    if x is None or y is None:
        rule = "the sweep has no axis of numbers" if x is None else "the sweep picks no field of the results"
        raise BadInput(rule, hint='name the columns: sweep.curve("seed", "energy")')
    rest = [axis for axis in spec["over"] if axis not in (x, "seed") and len(spec["over"][axis]) > 1]
    return found.curve(x, y, by=rest[0] if len(rest) == 1 else None, path=path)
