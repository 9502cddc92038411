"""Planning `pure_quantum`."""

from __future__ import annotations

from novacron.specs import Circuit
from novacron.specs.circuit_text import ParsedCircuit
from scheduler.kinds.base import Work
from shared.tasks import TaskSpec

SECONDS_PER_AMPLITUDE_GATE = 1.5e-8
SECONDS_PER_GATE = 2e-5


def plan(spec: Circuit, queue: str, memory_bytes: int) -> Work:
    """One task: the circuit is run once, whatever the number of shots."""
    n_qubits = spec.n_qubits or 0
    assert isinstance(spec.circuit, ParsedCircuit)
    gates = len(spec.circuit.record["instructions"])
    cost_s = 0.001 + gates * (SECONDS_PER_GATE + SECONDS_PER_AMPLITUDE_GATE * 2**n_qubits)
    task = TaskSpec("circuit", queue, {}, (), cost_s, memory_bytes)
    return Work([task], "single", "a circuit is one task", f"circuit/{n_qubits}/{gates}/{spec.shots}", cost_s)
