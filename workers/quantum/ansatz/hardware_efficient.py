"""Single-qubit rotations and CNOTs, layer by layer.

Source: Kandala et al., Nature 549, 242 (2017), eq. 1, with RY and RZ.
"""

from __future__ import annotations

import numpy as np

from novacron.specs.ansatz import Entangler, HardwareEfficient
from workers.quantum.ansatz.base import Ansatz, Parameter
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.gates import CX
from workers.quantum.simulation.ir.program import Angle, Op, PauliRotation, Program, Unitary


def hardware_efficient(spec: HardwareEfficient, hamiltonian: Hamiltonian) -> Ansatz:
    """Apply `layers` times (RY and RZ on every qubit, CNOTs), then RY and RZ once more, to |0...0>.

    The CNOTs form a chain ("linear"), a ring ("ring") or all pairs ("full").
    """
    n, count = hamiltonian.n_qubits, spec.layers
    pairs = _pairs(spec.entangler, n)
    ops: list[Op] = []
    parameters: list[Parameter] = []
    for layer in range(count + 1):
        for qubit in range(n):
            bit = 1 << (n - 1 - qubit)
            ops.append(PauliRotation(bit, bit, Angle.parameter(len(parameters))))
            ops.append(PauliRotation(0, bit, Angle.parameter(len(parameters) + 1)))
            parameters += [
                Parameter(f"r{letter.lower()}_{layer}_{qubit}", f"-i/2 {letter}{qubit}") for letter in "YZ"
            ]
        if layer < count:
            ops += [Unitary(pair, CX) for pair in pairs]
    program = Program(n, len(parameters), tuple(ops))
    return Ansatz(program, tuple(parameters), np.zeros(len(parameters)), first_spread=0.1, spread=1.5)


def _pairs(entangler: Entangler, n: int) -> list[tuple[int, int]]:
    chain = [(q, q + 1) for q in range(n - 1)]
    if entangler == "linear":
        return chain
    if entangler == "ring":
        return [*chain, (n - 1, 0)] if n > 2 else chain
    return [(a, b) for a in range(n) for b in range(a + 1, n)]
