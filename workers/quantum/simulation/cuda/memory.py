"""Device memory of a program, estimated from the program alone, and the batch size that fits."""

from __future__ import annotations

from dataclasses import dataclass

from workers.quantum.simulation.cuda.tiling import MAX_BLOCKS, THREADS
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import DiagonalPhase, Program, RXLayer, Unitary, angle_of

ROW_BYTES = 8 * 14
DIAGONAL_BYTES = 8
ANGLE_BYTES = 3 * 8
PARTIAL_BYTES = 8
TERM_BYTES = 5 * 8
LEVEL_BYTES = 16 * 4096
MAX_BATCH = (1 << 16) - 1
# Larger batches no longer improve the device's utilization.
BATCH_BYTES = 1 << 30


@dataclass(frozen=True)
class MemoryPlan:
    """Upper bounds of device memory in bytes.

    Attributes:
        fixed: Tables, and the second state of gradients if there is an observable.
        state: One state with its angles, phases and partial sums.
    """

    fixed: int
    state: int

    @classmethod
    def of(cls, program: Program, observable: PauliSum | None, amplitude_bytes: int) -> MemoryPlan:
        """Return the plan of a program; amplitude_bytes: 16 in double precision, 8 in single."""
        size = 1 << program.n_qubits
        blocks = min(-(-size // THREADS), MAX_BLOCKS)
        diagonals = {id(op.diagonal) for op in program.ops if isinstance(op, DiagonalPhase)}
        n_phases = sum(isinstance(op, DiagonalPhase) for op in program.ops)
        n_rows = sum(program.n_qubits if isinstance(op, RXLayer) else 1 for op in program.ops)
        n_records = 0 if observable is None else sum(
            program.n_qubits if isinstance(op, RXLayer) else 1 for op in program.ops if not angle_of(op).fixed
        )  # fmt: skip
        entries = sum(2 * op.matrix.size for op in program.ops if isinstance(op, Unitary))
        levels = n_phases * min(LEVEL_BYTES, 16 * size)
        fixed = len(diagonals) * DIAGONAL_BYTES * size + entries * amplitude_bytes + 3 * n_rows * ROW_BYTES
        fixed += n_records * blocks * PARTIAL_BYTES + 2 * levels
        if observable is not None:
            fixed += amplitude_bytes * size + TERM_BYTES * len(observable.coefficients)
        state = (
            amplitude_bytes * size + blocks * PARTIAL_BYTES + levels + ANGLE_BYTES * (len(program.ops) + 1)
        )
        return cls(fixed, state)

    @property
    def wanted(self) -> int:
        """Bytes for one state at a time."""
        return self.fixed + self.state

    def batch(self, states: int, free: int) -> int:
        """Return the batch size for these states, given `free` bytes beside the fixed ones."""
        return max(1, min(states, MAX_BATCH, BATCH_BYTES // self.state, free // 2 // self.state))
