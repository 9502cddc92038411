"""Synthesis of Pauli rotations together: of UCCSD circuits and Trotter steps, however they are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import stim
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Clifford
from qiskit.synthesis import synth_clifford_greedy
from qiskit.synthesis.evolution import synth_pauli_network_rustiq

from shared.circuits.instruction import Affine, Angle
from shared.circuits.qiskit_circuit import expression
from shared.circuits.record import CircuitRecord
from workers.quantum.compiler.conversion import instructions
from workers.quantum.compiler.gadgets import Gadgets, gadgets
from workers.quantum.compiler.passes.base import Work, n_two_qubit
from workers.quantum.compiler.passes.simplify import Simplify
from workers.quantum.compiler.terminal import split

MOST = 2000
"""Rotations that are synthesised together at most: the time grows with the square of their number."""
GREEDY = 1
"""Synthesis of the Clifford operation that Rustiq leaves: Qiskit's greedy one. 2, Rustiq's own, leaves it out
(Qiskit 2.6).
"""
TERMINAL = ("barrier", "measure")


@dataclass(frozen=True)
class PauliGadgets:
    """Reads a circuit as Pauli rotations, and synthesises those anew with few two-qubit gates.

    Attributes:
        free_order: whether the rotations are put into any order that takes few gates. After routing it may
            take more than their own: that is a candidate of its own.

    Source: Goubault de Brugiere and Martiel, arXiv:2404.03280 (Rustiq, as part of Qiskit).
    """

    free_order: bool = False
    name: str = "pauli_gadgets"
    needs: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()

    def estimate(self, work: Work) -> float:
        """See `base.Pass`; the gain over the circuit without the gates that cancel."""
        found = _read(work.circuit)
        if found is None or found.n_wide < 2 or len(found.rotations) > MOST:
            return 0.0
        return float(n_two_qubit(Simplify().run(work).circuit) - n_two_qubit(_made(found, self.free_order)))

    def run(self, work: Work) -> Work:
        """See `base.Pass`."""
        found = _read(work.circuit)
        assert found is not None, "a pass without a gain is skipped"
        made = QuantumCircuit(*work.circuit.qregs, *work.circuit.cregs)
        made.compose(_made(found, self.free_order), inplace=True)
        for item in work.circuit.data:
            if item.operation.name in TERMINAL:
                made.append(item)
        return replace(work, circuit=made, reordered=made if self.free_order else None)


def _read(circuit: QuantumCircuit) -> Gadgets | None:
    parts = split(CircuitRecord(circuit.num_qubits, (), (), instructions(circuit)))
    return None if parts is None else gadgets(parts[0], circuit.num_qubits)


def _made(found: Gadgets, free_order: bool) -> QuantumCircuit:
    """Return a circuit of these rotations and the Clifford operation after them, up to its global phase."""
    made = _network(found.rotations, len(found.clifford), free_order).copy()
    made.compose(_clifford(found.clifford), inplace=True)
    return made


@lru_cache(maxsize=4)
def _network(rotations: tuple[tuple[str, Angle], ...], n_qubits: int, free_order: bool) -> QuantumCircuit:
    """Return Rustiq's circuit, cached for `run` after `estimate`."""
    names = {name for _, angle in rotations if isinstance(angle, Affine) for name, _ in angle.terms}
    known = {name: Parameter(name) for name in sorted(names)}
    network = [(*_sparse(string), expression(angle, known)) for string, angle in rotations]
    return synth_pauli_network_rustiq(
        n_qubits, network, preserve_order=not free_order, upto_phase=True, resynth_clifford_method=GREEDY
    )


def _sparse(string: str) -> tuple[str, list[int]]:
    places = [qubit for qubit, letter in enumerate(string) if letter != "I"]
    return "".join(string[qubit] for qubit in places), places


def _clifford(tableau: stim.Tableau) -> QuantumCircuit:
    written = QuantumCircuit(len(tableau))
    for one in tableau.to_circuit("elimination"):
        for group in one.target_groups():
            getattr(written, one.name.lower())(*(target.value for target in group))
    return synth_clifford_greedy(Clifford(written))
