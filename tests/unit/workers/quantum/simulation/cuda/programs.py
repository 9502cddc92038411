"""Random programs that reach every kind of row."""

import numpy as np

from tests.conformance.test_backends import CNOT, random_angle, random_op, random_unitary
from workers.quantum.simulation.ir.program import Op, PauliRotation, Program, Unitary

TOFFOLI = np.eye(8, dtype=np.complex128)[[0, 1, 2, 3, 4, 5, 7, 6]]
N_PARAMETERS = 3


def program(rng: np.random.Generator, n: int, n_ops: int = 14) -> Program:
    ops = tuple(any_op(rng, n) for _ in range(n_ops))
    return Program(n, N_PARAMETERS, ops, int(rng.integers(2**n)))


def any_op(rng: np.random.Generator, n: int) -> Op:
    kind, qubits = rng.integers(8), rng.permutation(n).tolist()
    if kind == 0:
        return Unitary((qubits[0],), random_unitary(rng, 2))
    if kind == 1:
        bit, axis = 1 << qubits[0], int(rng.integers(3))
        return PauliRotation(bit * (axis < 2), bit * (axis > 0), random_angle(rng, N_PARAMETERS))
    if kind == 2 and n > 1:
        return Unitary(tuple(qubits[:2]), CNOT)
    if kind == 3 and n > 1:
        return Unitary(tuple(qubits[:2]), np.diag(np.exp(1j * rng.normal(size=4))))
    if kind == 4 and n > 2:
        return Unitary(tuple(qubits[:3]), TOFFOLI)
    if kind == 5 and n > 3:
        k = int(rng.integers(4, min(n, 6) + 1))
        return Unitary(tuple(qubits[:k]), random_unitary(rng, 2**k))
    return random_op(rng, n, N_PARAMETERS)
