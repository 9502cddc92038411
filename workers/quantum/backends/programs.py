"""Batches of programs, on a simulator that compiles them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast

from shared.quantum.wants import Want
from workers.quantum.backends.asked import Questions
from workers.quantum.backends.base import Plan, refuse
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.questions import Arrays, Estimated, Exact, Question
from workers.quantum.simulation.ir.engine import Engine, Engines
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.noise.model import NoiseModel

VALUES = frozenset({Want.EXPECTATIONS, Want.ESTIMATES, Want.GRADIENTS})
ARRAYS = {Want.STATES: "states", Want.PROBABILITIES: "probabilities", Want.SAMPLES: "samples"}


class Simulator(Protocol):
    """What compiles programs."""

    name: str
    wants: frozenset[Want]

    def check(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> int:
        """Bytes that a run takes at most; nothing of that size is allocated.

        Raises:
            LimitError: Too many qubits.
            MemoryLimitError: More memory wanted than there is.
            UnsupportedError: An op, or noise, that the simulator does not run.
            ValueError: The observable acts on another number of qubits.
        """
        ...

    def engine(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> Engine:
        """A program made ready."""
        ...


def prepare(simulator: Simulator, batch: Batch) -> Plan:
    """A batch of programs; see `workers.quantum.backends.base.Backend.prepare`."""
    refuse(simulator.name, batch.want, simulator.wants)
    n_bytes = 0
    for pub in batch.pubs:
        pub.check()
        if batch.want & VALUES and not pub.observables.size:
            raise ValueError("expectation values take an observable")
        for observable in pub.observables.flat if pub.observables.size else [None]:
            program = cast("Program", pub.circuit)
            n_bytes = max(n_bytes, simulator.check(program, observable, batch.noise))
    return Plan(batch, Questions(batch, lambda number, pub: _asked(simulator, batch, pub)), n_bytes)


def _asked(simulator: Simulator, batch: Batch, pub: Pub) -> Iterator[Question]:
    program = cast("Program", pub.circuit)
    engines = Engines(lambda observable: simulator.engine(program, observable, batch.noise))
    if batch.want & {Want.EXPECTATIONS, Want.GRADIENTS}:
        yield Exact(engines, Want.GRADIENTS in batch.want)
    if Want.ESTIMATES in batch.want:
        yield Estimated(engines, batch, pub)
    for want, field in ARRAYS.items():
        if want in batch.want:
            yield Arrays(engines, field)
