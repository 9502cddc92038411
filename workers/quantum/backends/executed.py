"""Metrics of executed circuits: number, depth, gates, and run time."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeAlias

from shared.circuits.record import CircuitRecord
from shared.metrics.tally import TALLY
from workers.quantum.backends.batch import Circuit, Pub
from workers.quantum.simulation.ir.program import Excitation, Op, PauliRotation, Unitary

NAMES = {
    "Unitary": "unitary", "PauliRotation": "pauli_rotation", "Excitation": "excitation",
    "DiagonalPhase": "diagonal_phase", "RXLayer": "rx",
}  # fmt: skip
"""Gate types of the operations of a program."""
MOST_KNOWN = 64
"""Maximum number of circuits with cached metrics: loops run one circuit many times."""
MOST_RUNS = 4096
"""Maximum number of runs that are kept until the tally is read."""
NO_GATES = ("measure", "reset")


@dataclass(frozen=True, slots=True)
class Shape:
    """Metrics of a circuit, with a reference to the circuit that keeps its identity valid.

    Attributes:
        circuit: the circuit.
        depth: the longest chain of dependent instructions.
        gates: number of gates by type.
    """

    circuit: Circuit
    depth: int
    gates: Counter[str]


Run: TypeAlias = tuple[str, tuple[Pub, ...], float, float]
"""A run that is not tallied yet: the arguments of `count`."""
_runs: deque[Run] = deque()
_unasked: ContextVar[bool] = ContextVar("unasked", default=False)
_known: dict[int, Shape] = {}


@contextmanager
def unasked() -> Iterator[None]:
    """Disable counting in this thread within the block, for runs that no job requested."""
    before = _unasked.set(True)
    try:
        yield
    finally:
        _unasked.reset(before)


def counted() -> bool:
    """Return whether counting is enabled."""
    return TALLY.on and not _unasked.get()


def count(backend: str, pubs: tuple[Pub, ...], part: float, took_s: float) -> None:
    """Record a run; it is tallied later, since a run of a small circuit takes a few microseconds.

    Args:
        backend: its name.
        pubs: the executed pubs, each at all of its points.
        part: fraction of the batch, from 0 to 1, if its units are distributed over tasks.
        took_s: run time in seconds.
    """
    _runs.append((backend, pubs, part, took_s))
    if len(_runs) > MOST_RUNS:
        tally()


def tally() -> None:
    """Add the runs since the last call to the tally of the process."""
    took: dict[str, list[float]] = defaultdict(list)
    points: dict[tuple[str, int], float] = defaultdict(float)
    circuits: dict[int, Circuit] = {}
    while _runs:
        backend, pubs, part, took_s = _runs.popleft()
        took[backend].append(took_s)
        for pub in pubs:
            circuits[id(pub.circuit)] = pub.circuit
            points[backend, id(pub.circuit)] += pub.n_points * part
    for backend, seconds in took.items():
        TALLY.observe_each("quantum_circuit_execution_duration", seconds, backend)
    for (backend, number), n in points.items():
        shape = shape_of(circuits[number])
        TALLY.add("quantum_circuits_executed_total", n, backend)
        TALLY.observe("quantum_circuit_depth", shape.depth, backend, times=n)
        for gate, times in shape.gates.items():
            TALLY.add("quantum_gates_executed_total", n * times, gate, backend)


TALLY.pull(tally)


def shape_of(circuit: Circuit) -> Shape:
    """Return the metrics of a circuit."""
    found = _known.get(id(circuit))
    if found is None:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        found = _known[id(circuit)] = _shape(circuit)
    return found


def _shape(circuit: Circuit) -> Shape:
    if isinstance(circuit, CircuitRecord):
        gates = {name: n for name, n in circuit.gate_counts().items() if name not in NO_GATES}
        return Shape(circuit, circuit.depth(), Counter(gates))
    levels = [0] * circuit.n_qubits
    gates = Counter[str]()
    for op in circuit.ops:
        wires = _wires(op, circuit.n_qubits)
        gates[NAMES[type(op).__name__]] += circuit.n_qubits if type(op).__name__ == "RXLayer" else 1
        level = max((levels[wire] for wire in wires), default=0) + 1
        for wire in wires:
            levels[wire] = level
    return Shape(circuit, max(levels), gates)


def _wires(op: Op, n_qubits: int) -> list[int]:
    """Return the qubits on which an operation of a program acts."""
    match op:
        case Unitary():
            return list(op.qubits)
        case PauliRotation():
            return [qubit for qubit in range(n_qubits) if (op.x | op.z) >> (n_qubits - 1 - qubit) & 1]
        case Excitation():
            first, last = min(*op.sources, *op.targets), max(*op.sources, *op.targets)
            return list(range(first, last + 1))  # Jordan-Wigner: includes the parity of the modes between
        case _:
            return list(range(n_qubits))
