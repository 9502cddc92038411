"""The interface of a pass, and the circuit that passes hand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import process_time
from typing import Protocol

from qiskit import QuantumCircuit

from workers.quantum.compiler.compiled import Options, Stage
from workers.quantum.compiler.region import Region

TWO_QUBIT, ROUTED, BASIS = "two_qubit", "routed", "basis"
"""Properties of a circuit: gates on at most two qubits; all on coupled qubits; all in the device's basis."""


class PipelineError(Exception):
    """Passes in an order that their needs do not permit: an error of the compiler."""


@dataclass(frozen=True, eq=False)
class Work:
    """A circuit between two passes.

    Attributes:
        circuit: on the source's qubits, or on those of the region once it is routed.
        region: where it is compiled to.
        options: the job's.
        layout: qubit of the region of each source qubit at the beginning, None before routing.
        final: the same at the end.
        from_zero: whether the circuit equals the source only for the input |0...0>.
        reordered: the source with its Pauli rotations in another order, None if it is their own.
        has: its properties.
        stages: the passes so far.
    """

    circuit: QuantumCircuit
    region: Region
    options: Options
    layout: tuple[int, ...] | None = None
    final: tuple[int, ...] | None = None
    from_zero: bool = False
    reordered: QuantumCircuit | None = None
    has: frozenset[str] = frozenset()
    stages: tuple[Stage, ...] = field(default=())


class Pass(Protocol):
    """One step of a pipeline."""

    @property
    def name(self) -> str:
        """Name shown in the metadata."""
        ...

    @property
    def needs(self) -> frozenset[str]:
        """Properties that the circuit must have."""
        ...

    @property
    def gives(self) -> frozenset[str]:
        """Properties that it has afterwards."""
        ...

    def estimate(self, work: Work) -> float:
        """Return the expected number of two-qubit gates that it removes; at 0 the pass is skipped."""
        ...

    def run(self, work: Work) -> Work:
        """Return the rewritten circuit."""
        ...


def run(passes: Sequence[Pass], work: Work) -> Work:
    """Run passes in order; those that give no new property and expect no gain are skipped.

    Raises:
        PipelineError: a pass needs a property that none before it gives.
    """
    for one in passes:
        if missing := one.needs - work.has:
            raise PipelineError(f"{one.name} needs {', '.join(sorted(missing))}")
        if one.gives <= work.has and one.estimate(work) <= 0:
            continue
        began, before = process_time(), n_two_qubit(work.circuit)
        work = one.run(work)
        stage = Stage(one.name, before - n_two_qubit(work.circuit), process_time() - began)
        work = replace(work, has=work.has | one.gives, stages=(*work.stages, stage))
    return work


def n_two_qubit(circuit: QuantumCircuit) -> int:
    """Return the number of gates on two or more qubits."""
    return sum(len(item.qubits) > 1 and item.operation.name != "barrier" for item in circuit.data)
