"""Gates that a circuit record may contain, with their numbers of qubits and parameters."""

from typing import Final

GATES: Final[dict[str, tuple[int, int]]] = {
    **dict.fromkeys(("id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg"), (1, 0)),
    **dict.fromkeys(("rx", "ry", "rz", "p"), (1, 1)),
    "u": (1, 3),
    **dict.fromkeys(("cx", "cy", "cz", "ch", "cs", "csdg", "csx"), (2, 0)),
    **dict.fromkeys(("swap", "iswap", "ecr", "dcx"), (2, 0)),
    **dict.fromkeys(("cp", "crx", "cry", "crz", "rxx", "ryy", "rzz", "rzx"), (2, 1)),
    "cu": (2, 4),
    "xx_plus_yy": (2, 2),
    "xx_minus_yy": (2, 2),
    **dict.fromkeys(("ccx", "ccz", "cswap"), (3, 0)),
    "gphase": (0, 1),
}
"""Gate name -> (number of qubits, number of parameters); matrices as in Qiskit's standard library."""

ELSEWHERE: Final[dict[str, str]] = {
    "cnot": "cx", "toffoli": "ccx", "ccnot": "ccx", "fredkin": "cswap", "i": "id", "si": "sdg", "ti": "tdg",
    "v": "sx", "vi": "sxdg", "sqrtx": "sx", "phaseshift": "p", "cphaseshift": "cp", "xx": "rxx", "yy": "ryy",
    "zz": "rzz",
}  # fmt: skip
"""Lower-case names used by other software for gates of the record, since the closest name by spelling may be
another gate.
"""

MAX_UNITARY_QUBITS: Final = 4
