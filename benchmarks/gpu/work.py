"""The timed workloads: programs, their observables and points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)

LAYERS = 4
DEPTH = 8
CYCLES = 10
ROWS = 200
CNOT = np.eye(4, dtype=np.complex128)[[0, 1, 3, 2]]


@dataclass(frozen=True)
class Work:
    """One line of the table.

    Attributes:
        name: Its name.
        call: Method of a compiled program.
        program: Its program.
        observable: Its observable, None for states.
        thetas: float64[batch, n_parameters]; calls on one point use the first.
    """

    name: str
    call: str
    program: Program
    observable: PauliSum | None
    thetas: np.ndarray


def ansatz(n: int) -> Work:
    """Return four layers of RY, RZ and a chain of CNOTs, on the transverse-field Ising chain."""
    ops: list[Op] = []
    count = 0
    for _ in range(LAYERS):
        for qubit in range(n):
            bit = 1 << (n - 1 - qubit)
            ops += [
                PauliRotation(bit, bit, Angle.parameter(count)),
                PauliRotation(0, bit, Angle.parameter(count + 1)),
            ]
            count += 2
        ops += [Unitary((qubit, qubit + 1), CNOT) for qubit in range(n - 1)]
    return Work(
        "VQE energy and gradient",
        "energy_and_gradient",
        Program(n, count, tuple(ops)),
        chain(n),
        points(1, count),
    )


def chain(n: int) -> PauliSum:
    """Return the open transverse-field Ising chain, J = h = 1."""
    fields = {(1 << k, 0): -1.0 for k in range(n)}
    return PauliSum.from_masks(n, {(0, 3 << k): -1.0 for k in range(n - 1)} | fields)


def qaoa(n: int) -> list[Work]:
    """Return MaxCut on a ring with chords to the opposite node, p = 8."""
    edges = {tuple(sorted((k, j % n))) for k in range(n) for j in (k + 1, k + n // 2) if k != j % n}
    cut = PauliSum.from_masks(n, {(0, (1 << a) | (1 << b)): -0.5 for a, b in sorted(edges)})
    cost = cut.diagonal()
    ops: list[Op] = [PauliRotation(1 << k, 1 << k, Angle(offset=np.pi / 2)) for k in range(n)]
    for layer in range(DEPTH):
        ops += [DiagonalPhase(cost, Angle.parameter(2 * layer)), RXLayer(Angle.parameter(2 * layer + 1))]
    program, thetas = Program(n, 2 * DEPTH, tuple(ops)), points(1, 2 * DEPTH)
    return [
        Work("QAOA energy", "energies", program, cut, thetas),
        Work("QAOA energy and gradient", "energy_and_gradient", program, cut, thetas),
    ]


def random_circuit(n: int) -> Work:
    """Return ten cycles of random one-qubit gates and two-qubit gates between neighbours."""
    rng, ops = np.random.default_rng(n), []
    for cycle in range(CYCLES):
        ops += [Unitary((qubit,), unitary(rng, 2)) for qubit in range(n)]
        ops += [Unitary((qubit, qubit + 1), unitary(rng, 4)) for qubit in range(cycle % 2, n - 1, 2)]
    return Work(
        "random circuit, probabilities", "probabilities", Program(n, 0, tuple(ops)), None, points(1, 0)
    )


def kernel(n: int) -> Work:
    """Return the states of 200 samples, ZZ feature map with two layers."""
    ops: list[Op] = []
    for _ in range(2):
        for k in range(n):
            ops.append(Unitary((k,), np.array([[1, 1], [1, -1]], dtype=np.complex128) / np.sqrt(2)))
            ops.append(PauliRotation(0, 1 << (n - 1 - k), Angle.parameter(k, 2.0)))
        ops += [PauliRotation(0, 3 << (n - 2 - k), Angle(((k, 1.0), (k + 1, 1.0)))) for k in range(n - 1)]
    return Work(f"{ROWS} states of a feature map", "states", Program(n, n, tuple(ops)), None, points(ROWS, n))


def points(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(rows + columns).uniform(-1, 1, (rows, columns))


def unitary(rng: np.random.Generator, size: int) -> np.ndarray:
    matrix = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    return np.linalg.qr(matrix)[0]
