"""Exact simulation in machine code: programs on state vectors, circuit records over their histories."""

from __future__ import annotations

from typing import get_args

from workers.quantum.backends import programs, records
from workers.quantum.backends.base import Local, Plan
from workers.quantum.backends.batch import Batch
from workers.quantum.backends.pure_state import PureState
from workers.quantum.simulation.cpu import memory_estimate
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Op, Program
from workers.quantum.simulation.ir.refusal import MemoryLimitError, UnsupportedError
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.statevector import reached_space
from workers.quantum.simulation.statevector.engine import StateVectorEngine
from workers.runtime.memory import available
from workers.runtime.outcome import UserError

OPS = frozenset(get_args(Op))
PRECISIONS = ("double", "single")


class StateVector(Local):
    """The state-vector backend.

    Programs of excitations alone, and circuit records, always run in double precision.

    Args:
        memory_limit: Maximum memory of a compiled program in bytes; None for what is free at compilation.
        precision: "double" or "single" (32-bit parts, sums in double; energies to about 1e-6).
        threads: Threads of a run; None for NOVACRON_THREADS, else all processors. Results are bitwise
            identical for any number.

    Raises:
        UserError: Unknown precision.
        ValueError: Fewer than 1 thread.
    """

    name = "statevector"

    def __init__(
        self, memory_limit: int | None = None, precision: str = "double", threads: int | None = None
    ) -> None:
        if precision not in PRECISIONS:
            raise UserError(f"precision {precision!r}; choose double or single")
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}")
        self._memory_limit = memory_limit
        self._precision = precision
        self._threads = threads

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`."""
        if batch.of_programs:
            return programs.prepare(self, batch)
        return records.prepare(PureState(), batch)

    def check(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> int:
        """See `workers.quantum.backends.programs.Simulator`."""
        unknown = [type(op).__name__ for op in program.ops if type(op) not in OPS]
        if unknown:
            raise UnsupportedError(f"{self.name} does not run {unknown[0]} ops")
        return self._fitting(program, observable)

    def engine(
        self, program: Program, observable: PauliSum | None, noise: NoiseModel | None
    ) -> StateVectorEngine:
        """See `workers.quantum.backends.programs.Simulator`."""
        return StateVectorEngine(program, observable, self._precision, self._threads)

    def _fitting(self, program: Program, observable: PauliSum | None) -> int:
        """Return the memory of a run in bytes, after checking that it is available."""
        if reached_space.suits(program):
            wanted = reached_space.memory_bytes(program, observable)
        else:
            wanted = memory_estimate.memory_bytes(program, observable, self._precision)
        had = self._memory_limit if self._memory_limit is not None else available()
        if wanted > had:
            raise MemoryLimitError(
                f"{program.n_qubits} qubits want {wanted:,} bytes of memory, there are {had:,}; "
                "use fewer qubits or a machine with more memory",
                wanted,
                had,
            )
        return wanted
