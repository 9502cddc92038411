"""Memory estimate of a full state-vector program, before anything is allocated."""

from __future__ import annotations

import numpy as np

from workers.quantum.simulation.cpu.observable import table_bytes
from workers.quantum.simulation.cpu.tables import LANE_BITS
from workers.quantum.simulation.cpu.tape import LOCAL_BITS
from workers.quantum.simulation.cpu.thread_pool import width
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import DiagonalPhase, Program

PRECISIONS: dict[str, type] = {"double": np.float64, "single": np.float32}
BUFFERS = 6
INDEX_BYTES = 8


def memory_bytes(program: Program, observable: PauliSum | None, precision: str) -> int:
    """Return the peak memory of a `FullSpace` in bytes: the state and its image (or its copy), and tables.

    The image is allocated by the first gradient; an energy alone needs one state less.
    """
    size = 1 << max(program.n_qubits, LANE_BITS)
    diagonals = {id(op.diagonal) for op in program.ops if isinstance(op, DiagonalPhase)}
    states = 4 * np.dtype(PRECISIONS[precision]).itemsize * size
    tables = table_bytes(observable) if observable is not None else 0
    buffers = width() * BUFFERS * 8 << LOCAL_BITS
    return states + len(diagonals) * INDEX_BYTES * size + tables + buffers
