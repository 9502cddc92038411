"""Circuit records on state vectors, exactly or by sampling: outcomes, expectation values, final states."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from shared.circuits.instruction import Gate, Unitary
from shared.circuits.record import CircuitRecord
from workers.quantum.simulation.circuits.branching import Branches, Follower, Split, exact, sampled
from workers.quantum.simulation.circuits.outcomes import Counts, Distribution, draw, generator, marginal
from workers.quantum.simulation.circuits.readout import Readout, readout
from workers.quantum.simulation.ir import program
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.statevector.fusion import matrix
from workers.runtime import memory

Key = TypeVar("Key", bound=Hashable)

# The number of histories tracked at once determines how a circuit is sampled: it depends on the circuit only.
MAX_BRANCHES, FEWEST_BRANCHES = 4096, 16
BRANCHED_AMPLITUDES = 1 << 26
WIDE_QUBITS = 16
"""From this number of qubits, gate-only circuits run compiled: below, NumPy finishes before compiled code is
loaded.
"""
MAX_QUBITS = 30
BYTES_PER_AMPLITUDE = 16
COPIES = 3


def _nothing() -> None:
    pass


@dataclass(frozen=True, eq=False)
class Followed:
    """All measurement histories of a circuit, up to the final measurements."""

    record: CircuitRecord
    ends: Readout
    branches: Branches

    def probabilities(self) -> dict[str, float]:
        """Return exact probabilities of the outcomes above 1e-14, by outcome string ascending.

        Raises:
            OutcomeLimitError: More than 2^20 outcomes.
        """
        found = Distribution(self.ends.places)
        parts = zip(self.branches.states, self.branches.weights, self.branches.bits, strict=True)
        for state, weight, bits in parts:
            found.add(self.ends.frame(bits), float(weight) * marginal(state, self.ends.qubits))
        return found.probabilities()

    def expectations(self, observables: Mapping[Key, PauliSum]) -> dict[Key, float]:
        """Return expectation values by name at the end of the circuit, averaged over measurement histories.

        Final measurements are ignored: the value is that of the state before them.

        Raises:
            CircuitError: The number of qubits of an observable differs.
        """
        for name, observable in observables.items():
            if observable.n_qubits != self.record.n_qubits:
                raise CircuitError(
                    f"observable {name!r} acts on {observable.n_qubits} qubits, the circuit has "
                    f"{self.record.n_qubits}"
                )
        total = float(self.branches.weights.sum())
        return {name: self._average(observable) / total for name, observable in observables.items()}

    def _average(self, observable: PauliSum) -> float:
        values = [observable.expectation(state) for state in self.branches.states]
        return sum(float(weight) * value for weight, value in zip(self.branches.weights, values, strict=True))


def followed(record: CircuitRecord, checkpoint: Callable[[], None] = _nothing) -> Followed:
    """Track a circuit exactly.

    Raises:
        CircuitError: Too many qubits or measurement histories, or a free parameter.
        ResourceExhaustedError: Too little memory is free.
    """
    return Followed(record, *_follow(record, exact, 1.0, checkpoint))


def probabilities(record: CircuitRecord, checkpoint: Callable[[], None] = _nothing) -> dict[str, float]:
    """Return exact probabilities of the outcomes, using `followed`."""
    return followed(record, checkpoint).probabilities()


def counts(
    record: CircuitRecord, shots: int, seed: int, checkpoint: Callable[[], None] = _nothing
) -> dict[str, int]:
    """Return the counts in `shots` runs, by outcome string ascending; a seed determines all.

    Raises:
        CircuitError: Too many qubits or measurement histories, or a free parameter.
        ResourceExhaustedError: Too little memory is free.
    """
    rng = generator(seed)
    ends, branches = _follow(record, sampled(rng), float(shots), checkpoint)
    found = Counts(ends.places)
    for state, weight, bits in zip(branches.states, branches.weights, branches.bits, strict=True):
        found.add(ends.frame(bits), *draw(marginal(state, ends.qubits), int(weight), rng))
    return found.sorted()


def state_vector(record: CircuitRecord) -> Complex:
    """Return the final state of a gate-only circuit, complex128[2^n], qubit 0 the most significant index bit.

    Raises:
        CircuitError: The circuit measures, resets or branches; too many qubits; a free parameter.
        ResourceExhaustedError: Too little memory is free.
    """
    if not record.is_unitary():
        raise CircuitError(
            "the circuit has measurements, resets or conditions, so it has no single final state"
        )
    _, branches = _follow(record, exact, 1.0, _nothing)
    state: Complex = branches.states[0]
    return state


def memory_bytes(record: CircuitRecord) -> int:
    """Return the minimum memory of a run of the circuit in bytes."""
    return COPIES * BYTES_PER_AMPLITUDE << record.n_qubits


def _follow(
    record: CircuitRecord, split: Split, weight: float, checkpoint: Callable[[], None]
) -> tuple[Readout, Branches]:
    if record.n_qubits > MAX_QUBITS:
        raise CircuitError(
            f"the circuit has {record.n_qubits} qubits; this simulator takes up to {MAX_QUBITS}"
        )
    if record.parameters:
        raise CircuitError(f"the circuit's parameters {', '.join(record.parameters)} have no values")
    memory.check(memory_bytes(record))
    most = max(FEWEST_BRANCHES, BRANCHED_AMPLITUDES >> record.n_qubits)
    ends = readout(record)
    if ends.unitary and record.n_qubits >= WIDE_QUBITS:
        checkpoint()
        bits = np.zeros((1, record.n_cells), dtype=np.uint8)
        return ends, Branches(_compiled(record.n_qubits, ends)[None], np.array([weight]), bits)
    follower = Follower(record.n_qubits, split, min(MAX_BRANCHES, most), checkpoint)
    start = Branches.start(record.n_qubits, record.n_cells, weight)
    return ends, follower.run(ends.instructions, start)


def _compiled(n_qubits: int, ends: Readout) -> Complex:
    """Return the final state of a gate-only circuit, in one compiled run."""
    from workers.quantum.simulation.statevector.full_space import FullSpace

    gates = [item for item in ends.instructions if isinstance(item, Gate | Unitary)]
    ops = [program.Unitary(item.qubits, matrix(item)) for item in gates if item.qubits]
    phase = np.prod([matrix(item)[0, 0] for item in gates if not item.qubits])
    state = FullSpace(program.Program(n_qubits, 0, ops), None).state(np.zeros(0))
    state *= phase
    return state
