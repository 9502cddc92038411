"""One circuit on one device: the compiler beside Qiskit's level 3."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from itertools import chain
from statistics import median
from time import process_time
from typing import Any

from qiskit import QuantumCircuit, qasm3, transpile

from novacron.specs.refusal import validated
from shared.circuits.gates import GATES
from shared.circuits.reader import read
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from shared.quantum.devices import Device
from workers.quantum.compiler import Options, compile
from workers.quantum.compiler.conversion import to_record
from workers.quantum.compiler.cost import two_qubit_count
from workers.quantum.compiler.region import region_of

PEER_SEEDS = 3
CX_BASIS, CZ_BASIS = ("cx", "rz", "sx", "x"), ("cz", "rz", "sx", "x")
ERROR = 0.01


@dataclass(frozen=True)
class Comparison:
    """Two-qubit gates of a circuit on a device.

    Attributes:
        circuit: name of the circuit.
        device: name of the device.
        n_qubits: width of the circuit.
        peer: median of Qiskit's level 3 over `PEER_SEEDS` seeds.
        ours: of the compiler's result.
        exact: of its result for every input, the same unless the known input is used.
        seconds: processor time of the compiler.
        verified: how the result was compared with the source.
        strategy: which strategy won.
    """

    circuit: str
    device: str
    n_qubits: int
    peer: float
    ours: int
    exact: int
    seconds: float
    verified: str
    strategy: str

    @property
    def ratio(self) -> float:
        """Our two-qubit gates over the peer's; 1 if neither has any."""
        return (self.ours or 0.5) / (self.peer or 0.5)

    @property
    def exact_ratio(self) -> float:
        """The same for every input."""
        return (self.exact or 0.5) / (self.peer or 0.5)

    def to_json(self) -> dict[str, Any]:
        """Return the row of the results."""
        return asdict(self)

    def __str__(self) -> str:
        counts = f"{self.n_qubits:>4}{self.peer:>8.0f}{self.ours:>7}{self.exact:>7}"
        counts += f"{self.ratio:>7.2f}{self.seconds:>7.1f}"
        return f"{self.circuit:<26}{self.device:<11}{counts}  {self.verified}, {self.strategy}"


HEADER = (
    f"{'circuit':<26}{'device':<11}{'n':>4}{'peer':>8}{'ours':>7}{'exact':>7}{'ratio':>7}{'s':>7}  "
    "verified, strategy"
)


def compare(name: str, circuit: QuantumCircuit, device: Device, options: Options) -> Comparison:
    """Compile a circuit with both; equal inputs, equal targets."""
    source = from_qiskit(circuit)
    target = region_of(device).target
    peer = median(
        two_qubit_count(
            from_qiskit(transpile(circuit, target=target, optimization_level=3, seed_transpiler=k))
        )
        for k in range(PEER_SEEDS)
    )
    began = process_time()
    made = compile(source, device, options)
    seconds, exact = process_time() - began, made
    if made.metadata["from_zero"]:
        exact = compile(source, device, replace(options, exact_unitary=True))
    return Comparison(
        name, device.name, circuit.num_qubits, peer, made.metadata["two_qubit_count"],
        exact.metadata["two_qubit_count"], seconds, made.verified, made.metadata["strategy"],
    )  # fmt: skip


def from_qiskit(circuit: QuantumCircuit) -> CircuitRecord:
    """Return the record of a circuit in gates that records know, its classical bits in one register."""
    names = [*(name for name in GATES if name != "gphase"), "measure", "reset", "if_else"]
    plain = transpile(circuit, basis_gates=names, optimization_level=0)
    if "if_else" in plain.count_ops():
        return read(qasm3.dumps(plain))
    n, bits = circuit.num_qubits, circuit.num_clbits
    return to_record(plain, CircuitRecord(n, (), (("c", bits),) if bits else (), ()), range(n), n)


def uniform(name: str, n_qubits: int, edges: Iterable[tuple[int, int]], basis: tuple[str, ...]) -> Device:
    """Return a device with equal errors on all pairs."""
    pairs = sorted({(min(pair), max(pair)) for pair in edges})
    both = chain.from_iterable(([a, b], [b, a]) for a, b in pairs)
    told = {
        "name": name, "provider": "none", "date": "2026-11-29", "basis_gates": list(basis),
        "qubits": [{}] * n_qubits, "coupling": list(both),
        "gates": [{"gate": basis[0], "qubits": list(pair), "error": ERROR} for pair in pairs],
    }  # fmt: skip
    return validated(Device, told)


def heron() -> Device:
    """Return the 156-qubit heavy-hex map of IBM's Heron processors."""
    return uniform("heron 156", 156, devices.load("kingston").coupling, CZ_BASIS)


def grid(side: int) -> Device:
    """Return a square grid."""
    places = range(side * side)
    across = [(k, k + 1) for k in places if (k + 1) % side]
    down = [(k, k + side) for k in places if k + side < side * side]
    return uniform(f"grid {side}x{side}", side * side, [*across, *down], CX_BASIS)
