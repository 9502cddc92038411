"""Use of the known input: a CX onto a qubit in |0> may be controlled by any qubit with the same value."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import count

from qiskit import QuantumCircuit

from workers.quantum.compiler.passes.base import TWO_QUBIT, Work
from workers.quantum.compiler.router.coupling import Coupling

DIAGONAL = frozenset({"z", "s", "sdg", "t", "tdg", "rz", "p", "cz", "cp", "rzz", "crz", "barrier", "measure"})
"""Instructions that change the value of no qubit."""
CONTROLLED_FLIP = "cx"
ZERO = 0
"""Label of the value 0."""


@dataclass(frozen=True)
class KnownState:
    """Turns fans of CX gates from one qubit onto qubits in |0> into trees that fit the device.

    The result equals the source only for the input |0...0>. CX gates controlled by |0> are left out.
    """

    name: str = "known_state"
    needs: frozenset[str] = frozenset({TWO_QUBIT})
    gives: frozenset[str] = frozenset()

    def estimate(self, work: Work) -> float:
        """See `base.Pass`; each CX with another control, or without effect, saves one gate at least."""
        if work.options.exact_unitary:
            return 0.0
        return float(_rewritten(work.circuit, work.region.coupling)[1])

    def run(self, work: Work) -> Work:
        """See `base.Pass`."""
        made, _ = _rewritten(work.circuit, work.region.coupling)
        return replace(work, circuit=made, from_zero=True)


def _rewritten(circuit: QuantumCircuit, coupling: Coupling) -> tuple[QuantumCircuit, int]:
    """Return the rewritten circuit, and the number of gates that changed or went."""
    made, values, changed = circuit.copy_empty_like(), _Values(circuit.num_qubits, coupling), 0
    for item in circuit.data:
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        if item.operation.name == CONTROLLED_FLIP:
            control = values.flipped(*qubits)
            changed += control != qubits[0]
            if control is not None:
                made.append(item.operation, [control, qubits[1]])
            continue
        if item.operation.name not in DIAGONAL:
            values.forget(qubits)
        made.append(item)
    return made, changed


class _Values:
    """What is known of the qubits: those with equal labels have equal values in every term of the state.

    Args:
        n_qubits: number of qubits, all in |0>.
        coupling: the device, whose breadth-first tree from its centre the copies of a value follow.
    """

    def __init__(self, n_qubits: int, coupling: Coupling) -> None:
        self._label = [ZERO] * n_qubits
        self._fresh = count(1)
        self._copies: defaultdict[int, list[int]] = defaultdict(list)
        self._parents = _tree(coupling)

    def forget(self, qubits: list[int]) -> None:
        """Note that the values of these qubits change in an unknown way."""
        for qubit in qubits:
            self._label[qubit] = next(self._fresh)

    def flipped(self, control: int, target: int) -> int | None:
        """Note a CX gate, and return its best control, None if it has no effect."""
        label = self._label
        if label[control] == ZERO:
            return None
        if label[target] != ZERO:
            label[target] = ZERO if label[target] == label[control] else next(self._fresh)
            return control
        copies = self._copies[label[control]]
        if not copies:
            copies.append(control)
        place = len(copies)
        parent = copies[self._parents[place]] if place < len(self._parents) else control
        best = parent if label[parent] == label[control] else control
        copies.append(target)
        label[target] = label[control]
        return best


def _tree(coupling: Coupling) -> list[int]:
    """Return the parents of a breadth-first tree from the centre, sites numbered as they are reached."""
    root = int(coupling.distance.max(axis=1).argmin())
    order, parents = [root], [0]
    for place, site in enumerate(order):
        for other in map(int, coupling.neighbours[site, : coupling.degree[site]]):
            if other not in order:
                order.append(other)
                parents.append(place)
    return parents
