"""Operators and noise channels on density matrices, complex128[2^n, 2^n], qubit 0 the most significant."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np

from testing.random_circuits import matrices
from testing.random_circuits.matrices import Matrix
from testing.random_circuits.program import Error


def embedded(matrix: Matrix, qubits: Sequence[int], n: int) -> Matrix:
    """Return the matrix embedded into n qubits."""
    columns = np.eye(1 << n, dtype=complex)
    return np.asarray(on_rows(matrix, qubits, columns, n))


def on_rows(matrix: Matrix, qubits: Sequence[int], array: Matrix, n: int) -> Matrix:
    """Multiply an array of shape (2^n, m) by a matrix on some qubits."""
    k = len(qubits)
    tensor = array.reshape((2,) * n + (-1,))
    moved = np.tensordot(matrix.reshape((2,) * (2 * k)), tensor, axes=(range(k, 2 * k), list(qubits)))
    return np.moveaxis(moved, range(k), list(qubits)).reshape(1 << n, -1)


def conjugated(matrix: Matrix, qubits: Sequence[int], state: Matrix) -> Matrix:
    """Return K rho K^dagger."""
    n = int(math.log2(len(state)))
    half = on_rows(matrix, qubits, state, n)
    return on_rows(matrix, qubits, half.conj().T, n).conj().T


def strike(error: Error, qubits: tuple[int, ...], state: Matrix) -> Matrix:
    """Return the state after one noise rule on a gate's qubits."""
    rule = error.rule
    match rule["name"]:
        case "depolarizing" if not rule.get("each"):
            return depolarized(float(str(rule["p"])), qubits, state)
        case "pauli":
            return pauli_struck(dict(rule["probabilities"]), qubits, state)  # type: ignore[call-overload]
    for qubit in qubits:
        operators = kraus(rule)
        state = np.asarray(sum(conjugated(operator, (qubit,), state) for operator in operators))
    return state


def depolarized(p: float, qubits: tuple[int, ...], state: Matrix) -> Matrix:
    """Return (1 - p) rho + p I/2^k on the qubits."""
    mixed = np.zeros_like(state)
    for letters in itertools.product("IXYZ", repeat=len(qubits)):
        mixed = mixed + conjugated(string(letters), qubits, state)
    return np.asarray((1 - p) * state + p * mixed / 4 ** len(qubits))


def pauli_struck(probabilities: dict[str, float], qubits: tuple[int, ...], state: Matrix) -> Matrix:
    """Apply Pauli strings with probabilities: one letter on each qubit, else on gates of as many qubits."""
    length = len(next(iter(probabilities)))
    if length not in (1, len(qubits)):
        return state
    for place in [qubits] if length == len(qubits) else [(qubit,) for qubit in qubits]:
        kept = (1 - sum(probabilities.values())) * state
        state = kept + sum(p * conjugated(string(word), place, state) for word, p in probabilities.items())
    return np.asarray(state)


def string(letters: Iterable[str]) -> Matrix:
    """Return the matrix of a Pauli string."""
    result = np.eye(1, dtype=complex)
    for letter in letters:
        result = np.kron(result, matrices.PAULIS[letter])
    return np.asarray(result)


def kraus(rule: dict[str, object]) -> list[Matrix]:
    """Return the Kraus operators of a rule on one qubit."""
    name = rule["name"]
    if name in ("bit_flip", "phase_flip", "depolarizing"):
        p = float(str(rule["p"]))
        if name == "depolarizing":
            weights = {"I": 1 - 0.75 * p, "X": p / 4, "Y": p / 4, "Z": p / 4}
        else:
            weights = {"I": 1 - p, "X" if name == "bit_flip" else "Z": p}
        return [np.asarray(math.sqrt(weight) * matrices.PAULIS[letter]) for letter, weight in weights.items()]
    if name == "phase_damping":
        lam = float(str(rule["lam"]))
        return [
            np.diag(entries).astype(complex) for entries in ([1, math.sqrt(1 - lam)], [0, math.sqrt(lam)])
        ]
    gamma = float(str(rule["gamma"]))
    decay = np.array([[0, math.sqrt(gamma)], [0, 0]], dtype=complex)
    return [np.diag([1, math.sqrt(1 - gamma)]).astype(complex), decay]
