"""Random programs and observables of every kind of op, wide enough to need several buffers."""

from __future__ import annotations

import numpy as np

from workers.quantum.simulation.ir.gates import matrix
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)

FIXED = {1: ["h", "x", "s", "t", "sx"], 2: ["cx", "cz", "swap", "iswap", "cy"], 3: ["ccx", "ccz", "cswap"]}


def qubits(rng: np.random.Generator, n: int, k: int) -> tuple[int, ...]:
    return tuple(rng.permutation(n)[:k].tolist())


def angle(rng: np.random.Generator, n_parameters: int) -> Angle:
    terms = tuple(
        (int(rng.integers(n_parameters)), float(rng.uniform(-2, 2))) for _ in range(rng.integers(3))
    )
    return Angle(terms, float(rng.uniform(-1, 1)))


def unitary(rng: np.random.Generator, n: int) -> Unitary:
    k = int(rng.integers(1, min(n, 5) + 1))
    if k in FIXED and rng.integers(2):
        return Unitary(qubits(rng, n, k), matrix(str(rng.choice(FIXED[k]))))
    dense = rng.normal(size=(2**k, 2**k)) + 1j * rng.normal(size=(2**k, 2**k))
    return Unitary(qubits(rng, n, k), np.linalg.qr(dense)[0])


def op(rng: np.random.Generator, n: int, n_parameters: int) -> Op:
    kind = rng.integers(12)
    turned = angle(rng, n_parameters)
    if kind < 5:
        return unitary(rng, n)
    if kind < 8:
        bit = 1 << int(rng.integers(n))
        return PauliRotation(*[(bit, 0), (0, bit), (bit, bit)][rng.integers(3)], turned)
    if kind == 8:
        return PauliRotation(int(rng.integers(2**n)), int(rng.integers(2**n)), turned)
    if kind == 9:
        values = rng.integers(-3, 4, 2**n) / 2 if rng.integers(2) else rng.normal(size=2**n)
        return DiagonalPhase(values, turned)
    if kind == 10 and n > 1:
        k = int(rng.integers(1, min(n // 2, 2) + 1))
        modes = qubits(rng, n, 2 * k)
        return Excitation(modes[:k], modes[k:], turned)
    return RXLayer(turned)


def program(rng: np.random.Generator, n: int, n_ops: int = 20, n_parameters: int = 4) -> Program:
    ops = tuple(op(rng, n, n_parameters) for _ in range(n_ops))
    return Program(n, n_parameters, ops, int(rng.integers(2**n)))


def observable(rng: np.random.Generator, n: int, n_terms: int = 12) -> PauliSum:
    return PauliSum.from_terms(
        ["".join(rng.choice(list("IXYZ"), size=n)), float(rng.normal())] for _ in range(n_terms)
    )
