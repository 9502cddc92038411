"""Pictures of error-correcting codes."""

from __future__ import annotations

from math import atan2
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron.codes import Code, Stabilizer
from novacron.plots.drawing import Picture, drawn
from novacron.plots.style import BLUE, GREEN, ORANGE, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FACES = {"X": ORANGE, "Z": BLUE, "red": RED, "green": GREEN, "blue": BLUE}
LOGICALS = {"X": ("-", "#B03000"), "Z": ("--", "#003D66")}
LOCAL = 3.0
"""Distance along an axis within which a face reaches its qubits."""
MOST_NUMBERED = 200
"""Data qubits up to which they are numbered."""
LARGEST_IN = 12.0


def draw(code: Code, path: str | PathLike[str] | None = None) -> Picture:
    """Draw a code: faces of X and Z, or of its three colours, data qubits, the first logical operators.

    Of a code whose stabilizers are not local one X and one Z stabilizer are drawn.

    Args:
        code: the code.
        path: file for the PNG; None for none.

    Raises:
        BadInput: matplotlib is not installed, or the file cannot be written.
    """
    marked = [*code.places, *(one.at for one in code.stabilizers)]
    width, height = (max(values) - min(values) for values in zip(*marked, strict=True))
    height *= code.stretch
    scale = min(0.5, (LARGEST_IN - 1) / max(width, height, 1.0))
    size = (max(4.8, scale * (width + 1)), max(2.0, scale * (height + 1) + 0.8))
    return drawn(lambda figure: _draw(figure, code, scale), path, size)


def _draw(figure: Figure, code: Code, scale: float) -> None:
    axes = figure.subplots()
    local = all(abs(x) <= LOCAL and abs(y) <= LOCAL for one in code.stabilizers for x, y in _reach(code, one))
    shown = code.stabilizers
    if not local:
        shown = tuple(_central(code, pauli) for pauli in ("X", "Z"))
    for one in shown:
        (_face if local else _star)(axes, code, one)
    dot = min(11.0, 26 * scale)
    for operator in code.logicals[:2] if local else ():
        line, colour = LOGICALS[operator.pauli]
        look: dict[str, Any] = {"color": colour, "linewidth": 2, "marker": "o", "markersize": 1.4 * dot}
        places = [code.places[qubit] for qubit in operator.qubits]
        axes.plot(*zip(*places, strict=True), line, label=f"logical {operator.pauli}", **look)
    axes.plot(*zip(*code.places, strict=True), "o", color="black", markersize=dot, zorder=3)
    if code.n <= MOST_NUMBERED:
        white: dict[str, Any] = {"color": "white", "ha": "center", "va": "center_baseline", "zorder": 4}
        for number, (x, y) in enumerate(code.places):
            axes.text(x, y, str(number), fontsize=min(6.5, 15 * scale), **white)
    _frame(axes, code, local)


def _frame(axes: Axes, code: Code, local: bool) -> None:
    axes.set_aspect(code.stretch)
    axes.margins(0)
    (left, right), (top, bottom) = axes.get_xlim(), axes.get_ylim()
    axes.set_xlim(left - 0.5, right + 0.5)
    axes.set_ylim(top - 0.5, bottom + 0.5)
    axes.invert_yaxis()
    axes.set_axis_off()
    name = f"{code.name} {code.parameters}"
    if not local:
        name += ": one X and one Z stabilizer, the others by translation"
    axes.set_title(name)
    handles, labels = axes.get_legend_handles_labels()
    known = dict(zip(labels, handles, strict=True))
    place: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "ncols": 5}
    axes.legend(known.values(), known.keys(), fontsize=8, markerscale=0.4, **place)


def _face(axes: Axes, code: Code, one: Stabilizer) -> None:
    """Fill the polygon of a stabilizer's qubits, with its own place at the boundary; a line is drawn wide."""
    x, y = one.at
    corners = _reach(code, one)
    if len(corners) == 2:
        corners.append((0.0, 0.0))
    middle = [sum(values) / len(corners) for values in zip(*corners, strict=True)]
    corners.sort(key=lambda at: atan2(at[1] - middle[1], at[0] - middle[0]))
    name, alpha = (f"{one.pauli} stabilizer", 0.35) if one.colour is None else (f"{one.colour} face", 0.25)
    look: dict[str, Any] = {"color": FACES[one.colour or one.pauli], "label": name, "zorder": 1}
    xs, ys = [x + i for i, _ in corners], [y + j for _, j in corners]
    if len(set(ys)) == 1:
        axes.plot([min(xs), max(xs)], [y, y], linewidth=10, alpha=alpha, solid_capstyle="butt", **look)
    else:
        axes.fill(xs, ys, alpha=alpha, edgecolor="white", **look)


def _star(axes: Axes, code: Code, one: Stabilizer) -> None:
    """Connect a stabilizer with its qubits."""
    x, y = one.at
    line, _ = LOGICALS[one.pauli]
    look: dict[str, Any] = {"color": FACES[one.pauli], "label": f"{one.pauli} stabilizer", "zorder": 1}
    for i, j in _reach(code, one):
        axes.plot([x, x + i], [y, y + j], line, **look)
    axes.plot([x], [y], "s", color=FACES[one.pauli], markersize=7, zorder=3)


def _central(code: Code, pauli: str) -> Stabilizer:
    """Return the stabilizer nearest to the middle of the torus."""
    assert code.period is not None, "only codes on a torus are not local"
    x, y = (period / 2 for period in code.period)
    own = (one for one in code.stabilizers if one.pauli == pauli)
    return min(own, key=lambda one: (one.at[0] - x) ** 2 + (one.at[1] - y) ** 2)


def _reach(code: Code, one: Stabilizer) -> list[tuple[float, float]]:
    """Return where a stabilizer's qubits are from its place, on a torus by the shortest way."""
    x, y = one.at
    places = (code.places[qubit] for qubit in one.qubits)
    return [(_shortest(code, 0, at[0] - x), _shortest(code, 1, at[1] - y)) for at in places]


def _shortest(code: Code, axis: int, offset: float) -> float:
    if code.period is None:
        return offset
    period = code.period[axis]
    return (offset + period / 2) % period - period / 2
