"""Recognizes definitions of gates that equal the record's gate of the same name.

Definitions are compared by matrix: if the matrix equals that of the record's gate, the record's gate replaces
the definition, so that noise models and simulators see `ecr` instead of the gates it was written with.
Otherwise the body is expanded.
"""

from collections.abc import Sequence
from typing import Final

from shared.circuits.gates import GATES
from shared.circuits.instruction import Affine, Angle, Barrier, Gate, Unitary, UnitaryInstruction
from shared.circuits.limits import Budget
from shared.circuits.matrix import matrix_of, phase_between, product

TOLERANCE: Final = 1e-12
"""Maximum absolute difference between entries of equal matrices."""
_MAX_OPERATIONS: Final = 64
"""Longer bodies are not compared: no gate of the record is written with as many operations."""

_WORK: Final = 50
"""Cost of one comparison, in reading steps."""


def named(
    name: str,
    n_qubits: int,
    angles: Sequence[Angle],
    body: Sequence[UnitaryInstruction],
    budget: Budget,
    *,
    phase: bool,
) -> tuple[UnitaryInstruction, ...]:
    """Return the body, or the record's gate of this name if both are equal.

    Args:
        name: The gate's name in the text.
        n_qubits: Qubits it acts on, numbered from 0 in the body.
        angles: Its parameters.
        body: The instructions of its definition.
        budget: Charged for the comparison.
        phase: Whether a global phase between the two is kept, as an instruction of its own.
    """
    if GATES.get(name) != (n_qubits, len(angles)) or not n_qubits or len(body) > _MAX_OPERATIONS:
        return tuple(body)
    candidate = Gate(name, tuple(range(n_qubits)), tuple(angles))
    if list(body) == [candidate]:
        return (candidate,)
    numbers = [angle for op in (candidate, *body) if isinstance(op, Gate) for angle in op.params]
    if any(isinstance(angle, Affine) for angle in numbers) or any(isinstance(op, Barrier) for op in body):
        return tuple(body)
    budget.work(_WORK)
    found = product([op for op in body if isinstance(op, Gate | Unitary)], candidate.qubits)
    difference = phase_between(found, matrix_of(candidate), TOLERANCE)
    if difference is None:
        return tuple(body)
    if not phase or abs(difference) <= TOLERANCE:
        return (candidate,)
    return Gate("gphase", (), (difference,)), candidate
