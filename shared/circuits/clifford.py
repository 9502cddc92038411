"""Classifies circuits as Clifford by gate names and angles, without matrices, to choose a backend.

The stabilizer simulator examines the matrices themselves and therefore runs more circuits than this module
recognizes: explicit matrices, and `u`, `cu`, `xx_plus_yy` and `xx_minus_yy` whose angles are Clifford only in
combination.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.circuits.active import BLOCKS

ANGLE_TOLERANCE: Final = 1e-10

_ALWAYS: Final = frozenset("id x y z h s sdg sx sxdg cx cy cz swap iswap ecr dcx gphase".split())
_NEVER: Final = frozenset("t tdg ch cs csdg csx ccx ccz cswap".split())
_STEPS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("rx", "ry", "rz", "p", "rxx", "ryy", "rzz", "rzx", "u"), math.pi / 2),
    **dict.fromkeys(("cp", "crx", "cry", "crz", "cu", "xx_plus_yy", "xx_minus_yy"), math.pi),
}
"""Angle step per gate: the gate is Clifford if every angle is a multiple of it."""


@dataclass(frozen=True, slots=True)
class NonClifford:
    """The first instruction that is not recognized as Clifford.

    Attributes:
        position: its place in the record, such as `instructions[3].then[0]`.
        gate: its name, with its angles.
        certain: whether the gate is certainly non-Clifford, also by its matrix.
    """

    position: str
    gate: str
    certain: bool


def first_non_clifford(
    instructions: Sequence[Mapping[str, Any]], at: str = "instructions"
) -> NonClifford | None:
    """Return the first instruction of a record's JSON not recognized as Clifford, or None."""
    for index, item in enumerate(instructions):
        place = f"{at}[{index}]"
        found = _judged(item, place) if "gate" in item else None
        for block in BLOCKS:
            found = found or first_non_clifford(item.get(block, ()), f"{place}.{block}")
        if found:
            return found
    return None


def _judged(item: Mapping[str, Any], place: str) -> NonClifford | None:
    name, angles = item["gate"], item.get("params", ())
    if name in _ALWAYS:
        return None
    shown = f"{name}({', '.join(_text(angle) for angle in angles)})" if angles else name
    step = _STEPS.get(name)
    if step is not None and all(_multiple(angle, step) for angle in angles):
        return None
    return NonClifford(place, shown, name in _NEVER or (step is not None and len(angles) == 1))


def _multiple(angle: Any, step: float) -> bool:
    """Return whether an angle is a number and a multiple of the step."""
    return isinstance(angle, int | float) and abs(math.remainder(angle, step)) <= ANGLE_TOLERANCE


def _text(angle: Any) -> str:
    return f"{angle:.12g}" if isinstance(angle, int | float) else "a parameter"


def acts_only_by_gates(instructions: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether it is certain that only gates precede the final measurements of a record's JSON.

    Resets and measurements count only if a gate acts on their qubit, before a reset or after a measurement.
    """
    acted: set[int] = set()
    measured: set[int] = set()
    for item in instructions:
        if item.get("gate") == "id":
            continue
        if "gate" in item:
            acted.update(item["qubits"])
            if measured.intersection(item["qubits"]):
                return False
        elif "measure" in item:
            measured.add(item["measure"])
        elif item.get("reset") in acted or "if" in item or "while" in item:
            return False
    return True


def branches(instructions: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether the control flow of a record's JSON depends on measured bits."""
    return any("if" in item or "while" in item for item in instructions)
