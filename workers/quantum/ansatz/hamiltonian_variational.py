"""Layers of evolutions under the commuting families of the Hamiltonian itself.

Source: Wecker, Hastings, Troyer, Phys. Rev. A 92, 042303 (2015), eq. 4; Wiersema et al., PRX Quantum 1,
020319 (2020), for spin chains.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from novacron.specs.ansatz import HamiltonianVariational
from workers.quantum.ansatz.base import Ansatz, AnsatzError, Parameter
from workers.quantum.ansatz.families import evolution, families
from workers.quantum.ansatz.preparation import blocks, product_ground_state, slater_determinant
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, Float, Op, Program, Unitary

STEP = 0.5
MAX_FAMILIES = 64


def hamiltonian_variational(spec: HamiltonianVariational, hamiltonian: Hamiltonian) -> Ansatz:
    """Apply `layers` times one evolution for each commuting family, the mixing family last.

    It starts from the ground state of the mixing family, which is the first applicable of: for lattice
    fermions, the hopping (a Slater determinant); the first non-diagonal family whose terms act on disjoint
    qubits or pairs (|+...+> for a transverse field, singlets on even bonds for a Heisenberg chain; terms
    within a pair count in full); otherwise the diagonal family, starting from the reference state or |0...0>.
    Angles are in units of the inverse of the families' largest coefficient, so that angles, optimizer steps
    and starting points are independent of the Hamiltonian's unit. Start 0 is a Trotterised anneal: the mixing
    family at full strength, the others ramped up to it.

    Raises:
        AnsatzError: No family besides the mixing one, or more than 64 families.
    """
    parts = families(hamiltonian.operator)
    if not 2 <= len(parts) <= MAX_FAMILIES:
        raise AnsatzError(
            f"ansatz hamiltonian_variational: the terms form {len(parts)} commuting families; "
            f"2 to {MAX_FAMILIES} make sense, use uccsd or hardware_efficient"
        )
    mixing, initial, ops = _start(hamiltonian, parts)
    order = [k for k in range(len(parts)) if k not in mixing] + mixing
    strength = max(float(np.abs(parts[k].coefficients).max()) for k in order)
    turning = [parts[k].scaled(1.0 / strength) for k in order]
    evolutions = [evolution(part, 0) for part in turning]
    operators = [f"-i ({part.written()})" for part in turning]
    parameters: list[Parameter] = []
    for layer in range(spec.layers):
        for place, k in enumerate(order):
            ops += _retargeted(evolutions[place], len(parameters))
            parameters.append(Parameter(f"layer{layer}_family{k}", operators[place]))
    center = _anneal(spec.layers, len(order), len(mixing))
    program = Program(hamiltonian.n_qubits, len(parameters), tuple(ops), initial)
    return Ansatz(program, tuple(parameters), center, spread=0.3 * STEP)


def _start(hamiltonian: Hamiltonian, parts: list[PauliSum]) -> tuple[list[int], int, list[Op]]:
    """Return the mixing families, and the basis state and ops that prepare their ground state."""
    moving = [k for k, part in enumerate(parts) if not part.is_diagonal]
    if hamiltonian.hopping is not None:
        reference = hamiltonian.reference or ""
        initial, ops = slater_determinant(
            hamiltonian.hopping,
            reference[::2].count("1"),
            reference[1::2].count("1"),
            hamiltonian.disorder,
        )
        return moving, initial, ops
    for k in moving:
        qubits = blocks(parts[k])
        if qubits is not None and sum(map(len, qubits)) >= hamiltonian.n_qubits - 1:
            single = all(len(block) == 1 for block in qubits)
            return [k], 0, product_ground_state(parts[k] if single else hamiltonian.operator, qubits)
    return [k for k in range(len(parts)) if k not in moving] or [0], hamiltonian.initial, []


def _retargeted(ops: list[Op], parameter: int) -> list[Op]:
    """Return the same ops with theta[parameter] for theta[0]."""
    return [
        replace(op, angle=Angle(((parameter, op.angle.terms[0][1]),)))
        for op in ops
        if not isinstance(op, Unitary)
    ]


def _anneal(count: int, n_families: int, n_mixing: int) -> Float:
    """Return the angles of a Trotterised anneal, float64[layers * families], mixing families last."""
    rise = (np.arange(count) + 1.0) / (count + 1.0)
    steps = np.full((count, n_families), STEP)
    steps[:, : n_families - n_mixing] *= rise[:, None]
    return np.asarray(steps.ravel(), dtype=np.float64)
