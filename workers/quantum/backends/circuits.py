"""What every backend that runs circuit records offers, and the memory and width it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from workers.quantum.backends.base import LimitError
from workers.quantum.simulation.circuits.outcomes import OutcomeLimitError
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.model import NoiseModel
from workers.runtime import memory

Terms = Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Asked:
    """What is asked of a circuit.

    Attributes:
        record: The circuit.
        noise: What goes wrong in it, None for nothing.
        shots: Samples; None asks for exact probabilities.
        seed: Of the samples.
        observables: Pauli terms by name; character i of a string acts on qubit i.
        analyze: Which of purity, entropy and fidelity to tell.
        checkpoint: Called between steps; raises where the work should stop.
        warn: Told what a reader of the answer should know.
    """

    record: CircuitRecord
    noise: NoiseModel | None
    shots: int | None
    seed: int
    observables: Mapping[str, Terms]
    analyze: Sequence[str]
    checkpoint: Callable[[], None]
    warn: Callable[[str], None]

    def listed(self, outcomes: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The outcomes; empty, with a warning, where they are too many to list but not all that is asked.

        Raises:
            OutcomeLimitError: There are too many, and nothing else is asked.
        """
        try:
            return outcomes()
        except OutcomeLimitError as error:
            if not self.observables and not self.analyze:
                raise
            self.warn(f"the outcomes are left out: {error}")
            return {}


class CircuitBackend(Protocol):
    """One way of running circuits."""

    name: str

    def run(self, asked: Asked) -> dict[str, Any]:
        """Run a circuit.

        Returns:
            `counts` where there are shots, else `probabilities`, left out where they are too many to list
            beside other things asked; `expectations`, `purity`, `entropy_bits` and
            `fidelity` where asked; what the receipt should say under `receipt`.

        Raises:
            LimitError: Too many qubits.
            ResourceExhaustedError: Too little memory is free.
            CircuitError: The circuit cannot be run as asked; the message says what to do.
        """
        ...


def check(name: str, record: CircuitRecord) -> None:
    """Refuse a circuit that a backend cannot hold, before anything of its size is made.

    Raises:
        LimitError: Too many qubits.
        ResourceExhaustedError: Too little memory is free.
    """
    declared = BACKENDS[name]
    if record.n_qubits > declared.max_qubits:
        message = f"the circuit has {record.n_qubits} qubits; {name} takes up to {declared.max_qubits}"
        raise LimitError(message, record.n_qubits, declared.max_qubits)
    if record.parameters:
        raise CircuitError(f"the circuit's parameters {', '.join(record.parameters)} have no values")
    memory.check(declared.memory_bytes(record.n_qubits))
