"""The CUDA C++ of the kernels and the names under which they are compiled."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

Precision: TypeAlias = Literal["double", "single"]

FOLDER = Path(__file__).parent / "kernels"
FILES = ("amplitude", "sum", "view", "gates", "rotations", "mixing", "run", "observable", "measurement")
REALS: dict[Precision, str] = {"double": "double", "single": "float"}
KERNELS = ("prepare", "fill_phasors", "observe", "probabilities", "chunk_masses", "locate")
STEPPING = ("run_tiles", "run_wide")


@cache
def text() -> str:
    """Return all kernels as one translation unit."""
    return "\n".join((FOLDER / f"{name}.cu").read_text() for name in FILES)


def expressions(precision: Precision) -> tuple[str, ...]:
    """Return the names of the kernels for amplitudes of this precision, as `name_expressions` of NVRTC."""
    real = REALS[precision]
    stepping = (stepping_name(name, precision, back) for name in STEPPING for back in (False, True))
    return ("sum_partials", *(f"{name}<{real}>" for name in KERNELS), *stepping)


def stepping_name(kernel: str, precision: Precision, back: bool) -> str:
    """Return the name of the kernel that runs rows forward, or undoes them on ket and bra."""
    return f"{kernel}<{REALS[precision]}, {'true' if back else 'false'}>"
