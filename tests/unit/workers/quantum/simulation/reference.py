"""Programs run op by op from their definitions, on arrays with one axis a qubit."""

from __future__ import annotations

from typing import Any

import numpy as np

from workers.quantum.simulation.ir.pauli import PauliSum, string
from workers.quantum.simulation.ir.program import (
    DiagonalPhase,
    Excitation,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
    angle_of,
)

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0, -1.0]),
}
LOWER = np.array([[0.0, 1.0], [0.0, 0.0]])


def applied(matrix: Any, qubits: Any, state: Any) -> Any:
    """A matrix on some qubits of state[2, ..., 2]."""
    k = len(qubits)
    tensor = np.asarray(matrix).reshape([2] * (2 * k))
    return np.moveaxis(np.tensordot(tensor, state, (range(k, 2 * k), qubits)), range(k), qubits)


def pauli(letters: str, state: Any) -> Any:
    for qubit, letter in enumerate(letters):
        state = applied(PAULI[letter], [qubit], state)
    return state


def ladder(mode: int, matrix: Any, state: Any) -> Any:
    for before in range(mode):
        state = applied(PAULI["Z"], [before], state)
    return applied(matrix, [mode], state)


def moved(sources: Any, targets: Any, state: Any) -> Any:
    """T on a state, T = a^_t1 ... a^_tk a_sk ... a_s1."""
    for mode in sources:
        state = ladder(mode, LOWER, state)
    for mode in reversed(targets):
        state = ladder(mode, LOWER.T, state)
    return state


def step(op: Any, angle: float, state: Any) -> Any:
    n = state.ndim
    if isinstance(op, Unitary):
        return applied(op.matrix, op.qubits, state)
    if isinstance(op, PauliRotation):
        return np.cos(angle / 2) * state - 1j * np.sin(angle / 2) * pauli(string(op.x, op.z, n), state)
    if isinstance(op, DiagonalPhase):
        return np.exp(-1j * angle * op.diagonal).reshape(state.shape) * state
    if isinstance(op, RXLayer):
        for qubit in range(n):
            turned = np.cos(angle / 2) * PAULI["I"] - 1j * np.sin(angle / 2) * PAULI["X"]
            state = applied(turned, [qubit], state)
        return state
    return excited(op, angle, state)


def excited(op: Excitation, angle: float, state: Any) -> Any:
    """The generator G = T - T^dagger has G^3 = -G."""

    def generator(vector: Any) -> Any:
        return moved(op.sources, op.targets, vector) - moved(op.targets, op.sources, vector)

    once = generator(state)
    return state + np.sin(angle) * once + (1 - np.cos(angle)) * generator(once)


def final_state(program: Program, theta: Any) -> Any:
    state = np.zeros(2**program.n_qubits, dtype=complex)
    state[program.initial] = 1.0
    state = state.reshape([2] * program.n_qubits)
    for op in program.ops:
        state = step(op, angle_of(op).value(theta), state)
    return state.ravel()


def expectation(observable: PauliSum, state: Any) -> float:
    tensor = state.reshape([2] * observable.n_qubits)
    return float(sum(c * np.vdot(tensor, pauli(letters, tensor)).real for letters, c in observable.terms()))
