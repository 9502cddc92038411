"""A program of excitations, run on the basis states it can reach.

Excitations are real and conserve the particle number, so a state starting from one basis state stays real and
inside the set of basis states reachable by chains of excitations. The observable is projected onto that set,
which changes neither energy nor gradient.
"""

from __future__ import annotations

from itertools import chain
from typing import cast

import numpy as np

from workers.quantum.simulation.cpu import reached
from workers.quantum.simulation.cpu.reached import Rotations, Rows
from workers.quantum.simulation.ir.excitation import Move, move
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Excitation, Float, Program
from workers.quantum.simulation.statevector import reached_basis

BYTES_PER_BASIS_STATE = 4
BYTES_PER_REACHED_STATE = 64
BYTES_PER_PAIR = 8
BYTES_PER_ENTRY = 12


def suits(program: Program) -> bool:
    """Return whether the program consists only of excitations."""
    return all(isinstance(op, Excitation) for op in program.ops)


def memory_bytes(program: Program, observable: PauliSum | None) -> int:
    """Return an upper bound on the peak memory of a `ReachedSpace` in bytes."""
    moves = _moves(program)
    n_states = reached_basis.most_states(program.n_qubits, program.initial, moves)
    flips = len(np.unique(observable.x_masks)) if observable is not None else 0
    per_state = BYTES_PER_REACHED_STATE + BYTES_PER_ENTRY * flips + BYTES_PER_PAIR * len(moves) // 2
    return (BYTES_PER_BASIS_STATE << program.n_qubits) + n_states * per_state


class ReachedSpace:
    """Excitations, optionally with an observable, on real vectors over the reached basis states.

    Attributes:
        n_qubits: Number of qubits.
        basis: int64[m], the reached basis indices, ascending.
    """

    def __init__(self, program: Program, observable: PauliSum | None) -> None:
        moves = _moves(program)
        self.n_qubits = program.n_qubits
        self.basis, position = reached_basis.reached(program.n_qubits, program.initial, moves)
        self._start = int(position[program.initial])
        self._rotations = _rotations(program, moves)
        self._pairs = reached_basis.pairs(moves, self.basis, position)
        self._rows = reached_basis.rows(observable, self.basis, position) if observable is not None else None

    def state(self, theta: Float) -> Complex:
        """Return the final state complex128[2^n]."""
        state = np.zeros(1 << self.n_qubits, dtype=np.complex128)
        state[self.basis] = reached.final(theta, self._start, len(self.basis), self._rotations, self._pairs)
        return state

    def energy(self, theta: Float) -> float:
        """Return the expectation value of the observable."""
        value: float = reached.energy(theta, self._start, self._rotations, self._pairs, self._observed())
        return value

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Return the expectation value and derivatives float64[n_parameters]."""
        value, gradient = reached.energy_and_gradient(
            theta, self._start, self._rotations, self._pairs, self._observed()
        )
        return value, gradient

    def _observed(self) -> Rows:
        if self._rows is None:
            raise LookupError("no observable")
        return self._rows


def _moves(program: Program) -> dict[Move, int]:
    """Return the distinct moves of a program of excitations, numbered by first occurrence."""
    moves: dict[Move, int] = {}
    for op in program.ops:
        moves.setdefault(move(cast("Excitation", op), program.n_qubits), len(moves))
    return moves


def _rotations(program: Program, moves: dict[Move, int]) -> Rotations:
    ops = cast("tuple[Excitation, ...]", program.ops)
    terms = list(chain.from_iterable(op.angle.terms for op in ops))
    return Rotations(
        kinds=np.array([moves[move(op, program.n_qubits)] for op in ops], dtype=np.int32),
        offsets=np.array([op.angle.offset for op in ops], dtype=np.float64),
        starts=np.cumsum([0] + [len(op.angle.terms) for op in ops], dtype=np.int64),
        parameters=np.array([index for index, _ in terms], dtype=np.int64),
        scales=np.array([scale for _, scale in terms], dtype=np.float64),
    )
