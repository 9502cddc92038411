"""Layout and routing by the router of `workers.quantum.compiler.router`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Operation, ParameterExpression
from qiskit.circuit.library import CXGate, SwapGate
from qiskit.synthesis import TwoQubitBasisDecomposer

from workers.quantum.compiler.passes.base import ROUTED, TWO_QUBIT, Work
from workers.quantum.compiler.router import dependencies, embedding, line
from workers.quantum.compiler.router.check import check
from workers.quantum.compiler.router.dependencies import FENCE
from workers.quantum.compiler.router.kernel import SWAP_ACTION
from workers.quantum.compiler.router.search import BROAD, Ranges, Routing, Search

PAULIS = {
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.array([[1, 0], [0, -1]], dtype=complex),
}
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Route:
    """Chooses a layout and inserts SWAPs.

    Attributes:
        budget_s: processor time of the search, in seconds of a reference machine.
        seed: of its random choices.
        ranges: values that the parameters of the trials are drawn from.
        plain: whether to use the published heuristic of SABRE: gates in order, every SWAP at the same price.
        on_line: whether to use no other couplings than those along a path of the device.
    """

    budget_s: float
    seed: tuple[int, ...]
    ranges: Ranges = BROAD
    plain: bool = False
    on_line: bool = False
    name: str = "route"
    needs: frozenset[str] = frozenset({TWO_QUBIT})
    gives: frozenset[str] = frozenset({ROUTED})

    def estimate(self, work: Work) -> float:
        """See `base.Pass`."""
        return 0.0

    def run(self, work: Work) -> Work:
        """See `base.Pass`."""
        items, home = _without_swaps(work.circuit)
        known = [_ordered(one) if self.plain else _classified(*one) for one in items]
        n_wires, coupling = work.circuit.num_qubits, work.region.coupling
        sites = tuple(range(coupling.n_sites))
        if self.on_line:
            sites = work.region.line(n_wires)
            coupling, starts = line.part(coupling, sites), line.orders(known, n_wires)
        else:
            starts = embedding.layouts(known, coupling, np.random.default_rng(self.seed))
        search = Search(known, n_wires, coupling, self.seed, self.ranges)
        found = search.plain() if self.plain else search.run(self.budget_s, starts)
        check(known, coupling, found)
        made = _physical(work.circuit, items, found, sites, work.region.n_qubits)
        initial = tuple(sites[found.layout[wire]] for wire in range(n_wires))
        final = tuple(sites[found.final[home[qubit]]] for qubit in range(n_wires))
        return replace(work, circuit=made, layout=initial, final=final)


Item = tuple[Operation, tuple[int, ...], tuple[int, ...]]
"""An operation, its wires, its classical bits."""


def _without_swaps(circuit: QuantumCircuit) -> tuple[list[Item], list[int]]:
    """Return the operations with SWAPs taken as relabelling, and the wire of each qubit at the end."""
    wire = list(range(circuit.num_qubits))
    items: list[Item] = []
    for item in circuit.data:
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        if item.operation.name == "swap":
            a, b = qubits
            wire[a], wire[b] = wire[b], wire[a]
        else:
            bits = tuple(circuit.find_bit(bit).index for bit in item.clbits)
            items.append((item.operation, tuple(wire[qubit] for qubit in qubits), bits))
    return items, wire


def _ordered(item: Item) -> dependencies.Operation:
    operation, wires, _ = item
    return dependencies.Operation(wires, ("",) * len(wires), _coupled(operation, wires))


def _classified(
    operation: Operation, wires: tuple[int, ...], bits: tuple[int, ...]
) -> dependencies.Operation:
    if not isinstance(operation, Gate) or len(wires) > 2:
        return dependencies.Operation(wires, ("",) * len(wires), FENCE)
    return dependencies.Operation(wires, *_character(operation))


def _coupled(operation: Operation, wires: Sequence[int]) -> int:
    if not isinstance(operation, Gate):
        return FENCE
    return 3 if len(wires) == 2 else 0


def _character(gate: Gate) -> tuple[tuple[str, ...], int]:
    """Return the Pauli basis in which a gate is diagonal on each wire, and the CX gates that it takes."""
    angles = tuple(map(_generic, gate.params)) if gate.name != "unitary" else ()
    if gate.name == "unitary":
        return _character_of(np.asarray(gate.to_matrix()))
    return _named(gate.base_class, angles)


def _generic(angle: float | ParameterExpression) -> float:
    """Return an angle; for one with free parameters a number at which nothing commutes by accident."""
    return 0.7390851332 if isinstance(angle, ParameterExpression) and angle.parameters else float(angle)


@lru_cache(maxsize=4096)
def _named(kind: type[Gate], angles: tuple[float, ...]) -> tuple[tuple[str, ...], int]:
    return _character_of(np.asarray(kind(*angles).to_matrix()))


def _character_of(matrix: np.ndarray) -> tuple[tuple[str, ...], int]:
    n = len(matrix).bit_length() - 1
    bases = tuple(next((name for name in "ZXY" if _commutes(matrix, name, k, n)), "") for k in range(n))
    return bases, _decomposer().num_basis_gates(matrix) if n == 2 else 0


def _commutes(matrix: np.ndarray, name: str, position: int, n: int) -> bool:
    """Return whether a gate commutes with a Pauli operator on one of its n qubits (0: least significant)."""
    pauli = np.kron(np.kron(np.eye(1 << n - 1 - position), PAULIS[name]), np.eye(1 << position))
    return bool(np.max(np.abs(matrix @ pauli - pauli @ matrix)) < TOLERANCE)


@lru_cache(maxsize=1)
def _decomposer() -> TwoQubitBasisDecomposer:
    return TwoQubitBasisDecomposer(CXGate())


def _physical(
    source: QuantumCircuit, items: Sequence[Item], found: Routing, sites: Sequence[int], n_qubits: int
) -> QuantumCircuit:
    """Return the routed circuit on the qubits of the region, `sites` those of the router."""
    made = QuantumCircuit(n_qubits)
    for register in source.cregs:
        made.add_register(register)
    made.global_phase = source.global_phase
    for operation, places, bits in _placed(items, found):
        made.append(operation, [sites[place] for place in places], bits)
    return made


def _placed(items: Sequence[Item], found: Routing) -> Iterator[tuple[Operation, list[int], Sequence[int]]]:
    site = found.layout.tolist()
    wire_at = np.argsort(found.layout).tolist()
    for kind, first, second in found.actions.tolist():
        if kind == SWAP_ACTION:
            yield SwapGate(), [first, second], ()
            a, b = wire_at[first], wire_at[second]
            wire_at[first], wire_at[second], site[a], site[b] = b, a, second, first
        else:
            operation, wires, bits = items[first]
            yield operation, [site[wire] for wire in wires], bits
