"""Plots of results, as PNG. matplotlib (extra `plot`) is imported on demand."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron import destination
from novacron.errors import BadInput
from novacron.plots import compiled, learning, loops, outcomes, qec
from novacron.plots.style import STYLE
from novacron.results import of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawn figure; notebooks display it."""

    png: bytes

    def __repr__(self) -> str:
        width, height = struct.unpack(">II", self.png[16:24])
        return f"<Picture: PNG, {width} x {height} pixels, {len(self.png):,} bytes>"

    def _repr_png_(self) -> bytes:
        return self.png


def draw(
    job: Mapping[str, Any], references: Mapping[str, float], path: str | PathLike[str] | None = None
) -> Picture:
    """Draw a completed job's result.

    Args:
        job: the job document, with its result.
        references: known reference values: ``e_hf``, ``e_exact``, ``optimum``.
        path: file for the PNG; None for none.

    Raises:
        JobEnded: the job has no result.
        BadInput: matplotlib is not installed, this kind has no picture, or the file cannot be written.
    """
    of(job)
    if job["kind"] not in PICTURES:
        raise BadInput(
            f"there is no picture for the kind {job['kind']}", hint="one of " + ", ".join(PICTURES)
        )
    return drawn(lambda figure: PICTURES[job["kind"]](figure, job, references), path)


def drawn(
    draw_on: Callable[[Figure], None],
    path: str | PathLike[str] | None = None,
    size: tuple[float, float] = (7.0, 4.2),
) -> Picture:
    """Draw on a new figure.

    Args:
        draw_on: function that draws on the figure.
        path: file for the PNG; None for none.
        size: width and height in inches.

    Raises:
        BadInput: matplotlib is not installed, or the file cannot be written.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise BadInput("drawing needs matplotlib", hint="pip install 'novacron[plot]'") from None
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        # The available fonts draw a box for missing glyphs.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        figure = Figure(figsize=size, dpi=200, layout="constrained")
        draw_on(figure)
        buffer = BytesIO()
        figure.savefig(buffer, format="png")
    picture = Picture(buffer.getvalue())
    if path is not None:
        destination.write(path, picture.png)
    return picture


PICTURES: dict[str, Callable[[Figure, Mapping[str, Any], Mapping[str, float]], None]] = {
    "hybrid_vqe": loops.vqe,
    "hybrid_qaoa": loops.qaoa,
    "quantum_ml": learning.qml,
    "pure_quantum": outcomes.circuit,
    "qec_memory": qec.memory,
    "compile": compiled.compilation,
}
