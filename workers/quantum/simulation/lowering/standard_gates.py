"""Exact decomposition of programs into gates of the standard library, readable by other software.

Excitations are products of commuting Pauli rotations, and diagonal phases products of Z rotations, so nothing
is approximated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from shared.circuits import instruction
from shared.circuits.instruction import Affine, Gate, scaled
from shared.circuits.record import CircuitRecord
from workers.quantum.simulation.ir.excitation import move
from workers.quantum.simulation.ir.gates import CX, H
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    Float,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.runtime import memory

PARAMETER = "theta{}"
SAME = 1e-12
NEGLIGIBLE = 1e-13
"""Coefficients below this, relative to a diagonal's largest value, are rounding residues of zero."""

Written = Gate | instruction.Unitary


def gates(program: Program, theta: Float) -> list[Written]:
    """Return the program at theta[n_parameters] as gates on |0...0>, including the global phase.

    Raises:
        ResourceExhaustedError: a diagonal operator needs more memory than available.
    """
    return _written(program, lambda angle: angle.value(theta))


def parametrized(program: Program) -> CircuitRecord:
    """Return the program as a circuit whose parameter k is named `PARAMETER` with k.

    Raises:
        ResourceExhaustedError: as `gates`.
    """
    names = tuple(PARAMETER.format(index) for index in range(program.n_parameters))
    written = _written(
        program, lambda angle: Affine(tuple((names[k], s) for k, s in angle.terms), angle.offset).value
    )
    return CircuitRecord(program.n_qubits, names, (), tuple(written))


def sizes(program: Program) -> tuple[int, int]:
    """Return the numbers of two-qubit gates and of rotations with a free angle, once written as gates."""
    named = [gate for gate in parametrized(program).instructions if isinstance(gate, Gate)]
    pairs = sum(len(gate.qubits) + len(gate.params) - 1 for gate in named if len(gate.qubits) > 1)
    return pairs, sum(isinstance(angle, Affine) for gate in named for angle in gate.params)


def _written(program: Program, at: Callable[[Angle], instruction.Angle]) -> list[Written]:
    n = program.n_qubits
    found: list[Written] = [Gate("x", (q,)) for q in range(n) if program.initial >> (n - 1 - q) & 1]
    for op in program.ops:
        found += [_fixed(op)] if isinstance(op, Unitary) else _gates(op, at(op.angle), n)
    return found


def _gates(
    op: PauliRotation | Excitation | DiagonalPhase | RXLayer, angle: instruction.Angle, n: int
) -> Iterator[Written]:
    match op:
        case PauliRotation(x, z):
            yield from _rotation(x, z, angle, n)
        case Excitation():
            for x, z, factor in strings(op, n):
                yield from _rotation(x, z, scaled(angle, factor), n)
        case DiagonalPhase(diagonal):
            for z, coefficient in z_strings(diagonal):
                yield from _rotation(0, z, scaled(angle, 2.0 * coefficient), n)
        case RXLayer():
            yield from (Gate("rx", (q,), (angle,)) for q in range(n))


def _fixed(op: Unitary) -> Written:
    for name, matrix in (("h", H), ("cx", CX)):
        if op.matrix.shape == matrix.shape and np.abs(op.matrix - matrix).max() < SAME:
            return Gate(name, op.qubits)
    return instruction.Unitary(op.qubits, tuple(tuple(row) for row in op.matrix.tolist()))


def _rotation(x: int, z: int, angle: instruction.Angle, n: int) -> Iterator[Gate]:
    """Yield exp(-i angle/2 P): basis changes to Z, CNOTs to the last qubit, RZ there, and the inverse."""
    letters = {q: "IXZY"[(x >> n - 1 - q & 1) + 2 * (z >> n - 1 - q & 1)] for q in range(n)}
    qubits = [q for q in range(n) if letters[q] != "I"]
    if not qubits:
        yield Gate("gphase", (), (scaled(angle, -0.5),))
    elif len(qubits) == 1:
        yield Gate(f"r{letters[qubits[0]].lower()}", (qubits[0],), (angle,))
    elif len(qubits) == 2 and not x:
        yield Gate("rzz", tuple(qubits), (angle,))
    else:
        ladder = [Gate("cx", pair) for pair in pairwise(qubits)]
        for q in qubits:
            yield from (Gate(name, (q,)) for name in {"X": ("h",), "Y": ("sdg", "h")}.get(letters[q], ()))
        yield from ladder
        yield Gate("rz", (qubits[-1],), (angle,))
        yield from reversed(ladder)
        for q in qubits:
            yield from (Gate(name, (q,)) for name in {"X": ("h",), "Y": ("h", "s")}.get(letters[q], ()))


def strings(op: Excitation, n_qubits: int) -> list[tuple[int, int, float]]:
    """Return the strings of T - T^, as (x, z, factor): exp(a (T - T^)) rotates by factor * a; all commute.

    A ladder operator is (X + iY)/2 if it empties a mode and (X - iY)/2 if it fills one; their product minus
    its adjoint contains only strings with an odd number of Y, with imaginary coefficients.
    """
    sources, both, string, odd = move(op, n_qubits)
    sign = -1.0 if (odd + (sources & string).bit_count()) & 1 else 1.0
    modes = [1 << bit for bit in range(n_qubits) if both >> bit & 1]
    found = []
    for choice in range(1 << len(modes)):
        ys = sum(mode for place, mode in enumerate(modes) if choice >> place & 1)
        if not ys.bit_count() & 1:
            continue
        power = ((ys & sources).bit_count() - (ys & ~sources).bit_count()) % 4
        imaginary = sign * (1.0 if power == 1 else -1.0) * 2.0 ** (1 - len(modes))
        found.append((both, ys | string & ~both, -2.0 * imaginary))
    return found


def z_strings(diagonal: Float) -> list[tuple[int, float]]:
    """Return the Z strings of a diagonal float64[2^n], as (z, coefficient), by a Walsh-Hadamard transform."""
    memory.check(3 * diagonal.nbytes)
    waves = np.array(diagonal, dtype=np.float64)
    width = 1
    while width < waves.size:
        pairs = waves.reshape(-1, 2, width)
        low = pairs[:, 0] + pairs[:, 1]
        pairs[:, 1] = pairs[:, 0] - pairs[:, 1]
        pairs[:, 0] = low
        width *= 2
    waves /= waves.size
    kept = np.flatnonzero(np.abs(waves) > NEGLIGIBLE * np.abs(diagonal).max(initial=0.0))
    return list(zip(kept.tolist(), waves[kept].tolist(), strict=True))
