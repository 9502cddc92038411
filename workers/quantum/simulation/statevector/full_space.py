"""A program, optionally with an observable, on all 2^n amplitudes, in machine code.

Gates are fused, low bits are kept in cache, gradients are by adjoint differentiation.
Source: Jones and Gacon, arXiv:2009.02823 (2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu import aligned
from workers.quantum.simulation.cpu.evaluate import ENERGY, EVALUATE, SLOPES, STATE
from workers.quantum.simulation.cpu.kernels.sweeps import SLOTS
from workers.quantum.simulation.cpu.memory_estimate import PRECISIONS
from workers.quantum.simulation.cpu.observable import BLOCK_BITS, NOTHING, prepare
from workers.quantum.simulation.cpu.split import Split
from workers.quantum.simulation.cpu.tables import LANES
from workers.quantum.simulation.cpu.tape import CODE, DENSE, LOCAL_BITS, SECOND, THIRD, Tape, record
from workers.quantum.simulation.cpu.thread_pool import together, width
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float, Program
from workers.quantum.simulation.lowering.flat import flatten

NO_SUMS: Float = np.zeros((1, 0))


class FullSpace:
    """A program on state vectors of 2^n amplitudes.

    Results are bitwise independent of the number of threads.

    Args:
        program: The program.
        observable: The observable of energies.
        precision: "double", or "single": amplitudes in 32-bit parts, sums still in double.
        threads: Threads to use; None for all available.
    """

    def __init__(
        self,
        program: Program,
        observable: PauliSum | None,
        precision: str = "double",
        threads: int | None = None,
    ) -> None:
        self._n_qubits = program.n_qubits
        self._dtype = PRECISIONS[precision]
        self._parts = Split(flatten(program))
        self._tape = record(self._parts, self._dtype, LOCAL_BITS)
        self._observable = prepare(observable) if observable is not None else NOTHING
        self._threads = threads or width()
        self._shared = program.n_qubits > LOCAL_BITS
        self._desks = [Desk(self._tape) for _ in range(self._threads)]

    def state(self, theta: Float) -> Complex:
        """Return the final state complex128[2^n], or complex64 in single precision."""
        state: Complex = self.states(np.reshape(theta, (1, -1)))[0]
        return state

    def states(self, thetas: Float) -> Complex:
        """Return the final states, [batch, 2^n]."""
        kind = np.result_type(self._dtype, np.complex64)
        result = np.empty((len(thetas), 1 << self._n_qubits), dtype=kind)

        def write(row: int, theta: Float, desks: Sequence[Desk]) -> None:
            angles = self._parts.angles(theta)
            state = self._run(STATE, angles, desks)
            size = result.shape[1]
            result[row].real, result[row].imag = state[0, :size], state[1, :size]
            phase = self._parts.phase - 0.5 * angles[0]
            if phase:
                result[row] *= np.exp(1j * phase).astype(kind)

        self._each(write, thetas)
        return result

    def energy(self, theta: Float) -> float:
        """Return the expectation value of the observable."""
        return float(self.energies(np.reshape(theta, (1, -1)))[0])

    def energies(self, thetas: Float) -> Float:
        """Return the expectation values, float64[batch]."""
        result = np.empty(len(thetas))

        def write(row: int, theta: Float, desks: Sequence[Desk]) -> None:
            energies = np.zeros(SLOTS)
            self._run(ENERGY, self._parts.angles(theta), desks, energies)
            result[row] = energies.sum()

        self._each(write, thetas)
        return result

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Return the expectation value and derivatives float64[n_parameters]."""
        angles = self._parts.angles(theta)
        energies = np.zeros(SLOTS)
        sums = np.zeros((SLOTS, len(angles)))
        self._run(SLOPES, angles, self._desks if self._shared else self._desks[:1], energies, sums)
        return float(energies.sum()), self._parts.program.gradient(sums.sum(axis=0))

    def _run(
        self,
        depth: int,
        angles: Float,
        desks: Sequence[Desk],
        energies: Float = NO_SUMS[0],
        sums: Float = NO_SUMS,
    ) -> NDArray[Any]:
        """Run one evaluation, its slots distributed over the desks; the state is the first desk's."""
        state = desks[0].state(4 if depth == SLOPES else 2)
        claims = np.zeros((2 * len(self._tape.groups) + 1, 2), dtype=np.int64)
        shared = depth, state, self._tape, angles, self._observable
        own = [(desk.buffers, desk.table, claims, energies, sums) for desk in desks]
        together([partial(EVALUATE[self._dtype], *shared, *arguments) for arguments in own])
        return state

    def _each(self, write: Callable[[int, Float, Sequence[Desk]], None], thetas: Float) -> None:
        """Compute every row: large states one after another on all desks, small ones in parallel."""
        if self._shared or len(thetas) == 1:
            for row, theta in enumerate(thetas):
                write(row, theta, self._desks if self._shared else self._desks[:1])
            return

        def part(desk: Desk, rows: range) -> None:
            for row in rows:
                write(row, thetas[row], (desk,))

        count = min(len(self._desks), max(1, len(thetas)))
        together([partial(part, self._desks[k], range(k, len(thetas), count)) for k in range(count)])


class Desk:
    """The buffers of one thread.

    Attributes:
        buffers: real[5, ...], see `evaluate`.
        table: float64[...], buffer for a block of the observable's coefficients.
    """

    def __init__(self, tape: Tape) -> None:
        self._size = 1 << tape.outer.shape[1]
        dense = tape.rows[tape.rows[:, CODE] == DENSE]
        scratch = int((2 * LANES << (dense[:, SECOND] + dense[:, THIRD])).max(initial=0))
        block = min(1 << BLOCK_BITS, self._size)
        width = max(1 << min(LOCAL_BITS, tape.outer.shape[1]), block, scratch)
        self.buffers: NDArray[Any] = aligned.rows(5, width, tape.tables.dtype)
        self.table = aligned.empty((block,), np.float64)
        self._state: NDArray[Any] = np.empty((0, self._size), dtype=tape.tables.dtype)

    def state(self, rows: int) -> NDArray[Any]:
        """Return a buffer for a state (2 rows) or a state and its image (4 rows), reused between calls."""
        if len(self._state) < rows:
            self._state = np.empty((0, self._size), dtype=self._state.dtype)
            self._state = aligned.rows(rows, self._size, self._state.dtype)
        return self._state
