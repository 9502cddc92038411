"""The target processor of machine code: this machine's, or a common level (NOVACRON_CPU)."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "NOVACRON_CPU"
LEVELS: dict[str, frozenset[str]] = {
    "x86-64-v2": frozenset({"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"}),
    "x86-64-v3": frozenset({"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"}),
    "x86-64-v4": frozenset({"avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl"}),
}
"""CPU flags that each level of the x86-64 psABI adds to the previous one, as Linux names them."""


def named() -> str:
    """Return the target processor by LLVM's name; empty: this machine's."""
    return os.environ.get(VARIABLE, "")


def refusal() -> str:
    """Return why code for the target processor would crash here, empty if it would not."""
    name = named()
    has = _flags()
    if name not in LEVELS or not has or not (lacking := needed(name) - has):
        return ""
    return (
        f"the machine code is made for {name}, and this processor lacks {', '.join(sorted(lacking))}: "
        f"use an image built for an older level ({VARIABLE}), or another machine"
    )


def needed(level: str) -> frozenset[str]:
    """Return the flags that this level requires."""
    nothing: frozenset[str] = frozenset()
    return nothing.union(*(adds for name, adds in LEVELS.items() if name <= level))


def _flags() -> frozenset[str]:
    """Return this processor's flags; none if Linux does not report them in this form."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.split(":", 1)[1].split() for line in lines if line.startswith("flags")), ()))
