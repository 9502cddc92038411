"""The circuits of the contests, as (name, qubits, numbers) triples for every simulator."""

from __future__ import annotations

from typing import Any

import numpy as np

from workers.quantum.simulation.ir.gates import matrix
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, Op, PauliRotation, Program, Unitary

Gate = tuple[str, tuple[int, ...], Any]
"""`ry` and `rz` carry the number of their parameter, `u` its matrix."""


def hardware_efficient(n: int, layers: int = 4) -> tuple[list[Gate], int]:
    """Return RY and RZ on every qubit, then CNOT around the ring; and the number of parameters."""
    gates: list[Gate] = []
    count = 0
    for _ in range(layers):
        for qubit in range(n):
            gates += [("ry", (qubit,), count), ("rz", (qubit,), count + 1)]
            count += 2
        gates += [("cx", (qubit, (qubit + 1) % n), None) for qubit in range(n)]
    return gates, count


def brickwork(n: int, depth: int = 20) -> list[Gate]:
    """Return random one-qubit unitaries and neighbouring CZ or CNOT, alternately."""
    rng = np.random.default_rng(2)
    gates: list[Gate] = []
    for layer in range(depth):
        for qubit in range(n):
            random = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
            gates.append(("u", (qubit,), np.linalg.qr(random)[0]))
        kind = "cz" if layer % 4 < 2 else "cx"
        gates += [(kind, (qubit, qubit + 1), None) for qubit in range(layer % 2, n - 1, 2)]
    return gates


def ising(n: int, field: float = 0.8) -> list[tuple[str, float]]:
    """Return the ring -sum ZZ - field sum X as Pauli strings."""
    bonds = [("".join("Z" if k in (q, (q + 1) % n) else "I" for k in range(n)), -1.0) for q in range(n)]
    return bonds + [("I" * q + "X" + "I" * (n - q - 1), -field) for q in range(n)]


def program(n: int, gates: list[Gate], n_parameters: int = 0) -> Program:
    """Return the same circuit as a NovaCron program."""
    ops: list[Op] = []
    for name, qubits, number in gates:
        bit = 1 << (n - 1 - qubits[0])
        if name == "ry":
            ops.append(PauliRotation(bit, bit, Angle.parameter(number)))
        elif name == "rz":
            ops.append(PauliRotation(0, bit, Angle.parameter(number)))
        else:
            ops.append(Unitary(qubits, number if name == "u" else matrix(name)))
    return Program(n, n_parameters, tuple(ops))


def pauli_sum(terms: list[tuple[str, float]]) -> PauliSum:
    """Return the observable as a NovaCron Pauli sum."""
    return PauliSum.from_terms([letters, weight] for letters, weight in terms)
