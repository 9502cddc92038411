"""Tells whether a gate that a text defines is the record's gate of the same name.

A definition counts by what it does: where its matrix is the one the record's gate has, the record's gate
stands for it, so that noise and simulators see `ecr` and not the gates it was written with; where it is not,
its body is run.
"""

import cmath
from collections.abc import Sequence
from typing import Final

from shared.circuits.gates import GATES
from shared.circuits.instruction import Affine, Angle, Barrier, Gate, Unitary, UnitaryInstruction
from shared.circuits.limits import Budget

TOLERANCE: Final = 1e-12
"""Largest difference of two entries of matrices that are the same."""
_MAX_OPERATIONS: Final = 64
"""Longer bodies are left as they are: none of the record's gates is written with as many."""

_WORK: Final = 50
"""Steps of reading that take as long as a comparison."""


def named(
    name: str,
    n_qubits: int,
    angles: Sequence[Angle],
    body: Sequence[UnitaryInstruction],
    budget: Budget,
    *,
    phase: bool,
) -> tuple[UnitaryInstruction, ...]:
    """The body, or the record's gate of this name where both are the same.

    Args:
        name: What the text calls the gate.
        n_qubits: Qubits it acts on, numbered from 0 in the body.
        angles: Its parameters.
        body: What its definition consists of.
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
    difference = _phase_between([op for op in body if isinstance(op, Gate | Unitary)], candidate)
    if difference is None:
        return tuple(body)
    if not phase or abs(difference) <= TOLERANCE:
        return (candidate,)
    return Gate("gphase", (), (difference,)), candidate


def _phase_between(body: Sequence[Gate | Unitary], candidate: Gate) -> float | None:
    """The phase by which the body's matrix is ahead of the candidate's; None where they differ otherwise."""
    import numpy as np

    from shared.circuits.matrix import matrix_of, product

    found, wanted = product(body, candidate.qubits), matrix_of(candidate)
    difference = cmath.phase(complex(np.vdot(wanted, found)))
    same = np.abs(found - cmath.exp(1j * difference) * wanted).max() <= TOLERANCE
    return difference if same else None
