"""Numbers of qubits and angles of OpenQASM 3 gates."""

from typing import Any, Final

from novacron.errors import nearest
from shared.circuits.gates import ELSEWHERE, GATES
from shared.circuits.qasm3.machine import Machine
from shared.circuits.qasm3.refusal import refuse

ALIASES: Final = {"CX": "cx", "phase": "p", "cphase": "cp", "u1": "p"}
"""Additional stdgates.inc names for gates of the record."""
_BUILT_IN: Final = {"U": (1, 3), "gphase": (0, 1)}
_COMPOSED: Final = {"u2": (1, 2), "u3": (1, 3)}


def shape_of(machine: Machine, name: str, node: Any) -> tuple[int, int]:
    """Return the numbers of qubits and angles of a gate; the program's gates shadow the library's.

    Raises:
        Refused: There is no gate of this name.
    """
    definition = machine.gates.get(name)
    if definition is not None:
        return definition.shape
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    standard = GATES.get(ALIASES.get(name, name)) or _COMPOSED.get(name)
    if standard is None:
        close = ELSEWHERE.get(name.lower()) or nearest(
            name, [*machine.gates, *_BUILT_IN, *GATES, *ALIASES, *_COMPOSED]
        )
        hint = f"did you mean {close!r}?" if close else "define it with a gate statement before its use"
        raise refuse(node, f"gate {name!r} is not defined", hint=hint)
    if not machine.stdgates:
        raise refuse(
            node, f"gate {name!r} is not defined", hint='add the line before it: include "stdgates.inc";'
        )
    return standard


def check_shape(
    node: Any, name: str, shape: tuple[int, int], n_angles: int, n_qubits: int | None, n_controls: int = 0
) -> None:
    """Reject a wrong number of angles or qubits; None for qubits leaves those unchecked."""
    if n_angles != shape[1]:
        raise refuse(node, f"gate {name} takes {shape[1]} angles, not {n_angles}")
    wanted = shape[0] + n_controls
    if n_qubits is not None and n_qubits != wanted:
        raise refuse(node, f"gate {name} takes {wanted} qubits here, not {n_qubits}")
