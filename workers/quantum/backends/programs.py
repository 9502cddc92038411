"""Batches of programs, on a simulator that compiles them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast

from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.backends.asked import Asking, Questions
from workers.quantum.backends.base import Plan, refuse
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.questions import Array, Arrays, Estimated, Exact, Question, Spread
from workers.quantum.simulation.ir.engine import Engine, Engines
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.ir.refusal import LimitError, UnsupportedError
from workers.quantum.simulation.noise.model import NoiseModel

VALUES = frozenset({Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS, Want.SPREADS})
ARRAYS: dict[Want, Array] = {
    Want.STATES: "states",
    Want.PROBABILITIES: "probabilities",
    Want.SAMPLES: "samples",
}


class Simulator(Protocol):
    """A simulator that compiles programs."""

    name: str

    def check(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> int:
        """Return the peak memory of a run in bytes, without allocating it; the declaration's limits apply.

        Raises:
            LimitError: Too many qubits for its loops.
            MemoryLimitError: More memory needed than available.
            UnsupportedError: An op that the simulator does not support.
        """
        ...

    def engine(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> Engine:
        """Return a compiled program."""
        ...


def prepare(simulator: Simulator, batch: Batch, asking: Asking | None = None) -> Plan:
    """Prepare a batch of programs; see `workers.quantum.backends.base.Backend.prepare`.

    Args:
        simulator: the simulator.
        batch: the batch.
        asking: questions that the batch asks of a pub; by default those answered by the compiled program.
    """
    row = BACKENDS[simulator.name]
    refuse(row.name, batch.want, row.programs)
    if batch.noise is not None and not row.noise:
        raise UnsupportedError(f"{row.name} applies no noise; use density_matrix")
    n_bytes = 0
    for pub in batch.pubs:
        pub.check()
        if batch.want & VALUES and not pub.observables.size:
            raise ValueError("expectation values take an observable")
        program = cast("Program", pub.circuit)
        if program.n_qubits > row.max_qubits:
            message = f"{program.n_qubits} qubits; {row.name} takes at most {row.max_qubits}"
            raise LimitError(message, program.n_qubits, row.max_qubits)
        for observable in pub.observables.flat if pub.observables.size else [None]:
            if observable is not None and observable.n_qubits != program.n_qubits:
                widths = f"{observable.n_qubits} qubits, the program on {program.n_qubits}"
                raise ValueError(f"the observable acts on {widths}")
            n_bytes = max(n_bytes, simulator.check(program, observable, batch.noise))
    return Plan(batch, Questions(batch, asking or (lambda _, pub: asked(simulator, batch, pub))), n_bytes)


def asked(simulator: Simulator, batch: Batch, pub: Pub) -> Iterator[Question]:
    """Yield the questions that a batch asks of a program, answered by the compiled program."""
    program = cast("Program", pub.circuit)
    engines = Engines(lambda observable: simulator.engine(program, observable, batch.noise))
    if batch.want & {Want.EXPECTATIONS, Want.GRADIENTS}:
        yield Exact(engines, Want.GRADIENTS in batch.want)
    if Want.ESTIMATES in batch.want:
        yield Estimated(engines, batch, pub)
    if Want.SPREADS in batch.want:
        yield Spread(engines)
    for want, field in ARRAYS.items():
        if want in batch.want:
            yield Arrays(engines, field)
