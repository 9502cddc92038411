"""Whether a circuit is Clifford, told from gate names and angles alone: enough to place it, without matrices.

The stabilizer simulator looks at the matrices themselves, so it runs more than what is found Clifford here:
matrices written out, and angles of `u`, `cu`, `xx_plus_yy` and `xx_minus_yy` that are Clifford only together.
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
"""Gates that are Clifford where every angle is a multiple of this."""


@dataclass(frozen=True, slots=True)
class NonClifford:
    """The first instruction that is not found Clifford.

    Attributes:
        position: its place in the record, such as `instructions[3].then[0]`.
        gate: its name, with its angles.
        certain: whether its matrix can be no Clifford gate either.
    """

    position: str
    gate: str
    certain: bool


def first_non_clifford(
    instructions: Sequence[Mapping[str, Any]], at: str = "instructions"
) -> NonClifford | None:
    """The first instruction of a record's JSON that is not found Clifford, None where all are."""
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
    """Whether an angle is a number, and a multiple of the step."""
    return isinstance(angle, int | float) and abs(math.remainder(angle, step)) <= ANGLE_TOLERANCE


def _text(angle: Any) -> str:
    return f"{angle:.12g}" if isinstance(angle, int | float) else "a parameter"


def acts_only_by_gates(instructions: Iterable[Mapping[str, Any]]) -> bool:
    """Whether nothing but gates comes before the measurements that end a record's JSON, as far as is sure.

    Resets and measurements count where a gate acts on their qubit before the one, or after the other.
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
    """Whether the course of a record's JSON depends on measured bits."""
    return any("if" in item or "while" in item for item in instructions)
