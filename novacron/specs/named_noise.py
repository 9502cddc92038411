"""Predefined noise models."""

from typing import Any


def _all_qubits(p_one: float, p_more: float) -> list[dict[str, Any]]:
    one = ["id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz", "p", "u"]
    more = [
        *("cx", "cy", "cz", "ch", "cs", "csdg", "csx", "swap", "iswap", "ecr", "dcx", "cp", "crx", "cry"),
        *("crz", "rxx", "ryy", "rzz", "rzx", "cu", "xx_plus_yy", "xx_minus_yy", "ccx", "ccz", "cswap"),
    ]
    return [
        {"name": "depolarizing", "p": p_one, "gates": one},
        {"name": "depolarizing", "p": p_more, "gates": more},
    ]


def _relaxing(t1_s: float, t2_s: float, one_s: float, two_s: float) -> list[dict[str, Any]]:
    one, more = _all_qubits(0.0, 0.0)
    times = {"name": "thermal_relaxation", "t1_s": t1_s, "t2_s": t2_s}
    return [
        {**times, "duration_s": one_s, "gates": one["gates"]},
        {**times, "duration_s": two_s, "gates": more["gates"]},
    ]


NAMED: dict[str, dict[str, Any]] = {
    "depolarizing": {"errors": _all_qubits(0.001, 0.01)},
    "superconducting": {
        "errors": [*_relaxing(200e-6, 150e-6, 35e-9, 70e-9), *_all_qubits(2e-4, 3e-3)],
        "readout": [[0.992, 0.008], [0.016, 0.984]],
    },
    "trapped_ion": {
        "errors": _all_qubits(1e-4, 2e-3),
        "readout": [[0.998, 0.002], [0.004, 0.996]],
    },
}
"""Models by name: round numbers typical of published devices, for trials."""

NO_MODEL = f"is neither a model by name ({', '.join(NAMED)}) nor a file"
