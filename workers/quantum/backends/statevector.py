"""Exact simulation in machine code: all amplitudes, or the reachable ones for programs of excitations."""

from __future__ import annotations

from typing import Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from workers.quantum.backends.base import Capabilities, LimitError, MemoryLimitError, UnsupportedError
from workers.quantum.simulation.cpu import memory_estimate
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float, Op, Program
from workers.quantum.simulation.statevector import reached_space
from workers.runtime.memory import available
from workers.runtime.outcome import UserError

MAX_QUBITS = 28
OPS = frozenset(get_args(Op))
AMPLITUDES = {"double": "complex128", "single": "complex64"}


class Space(Protocol):
    """What runs a program: all amplitudes, or the reached ones."""

    def states(self, thetas: Float) -> Complex:
        """Final states [batch, 2^n]."""
        ...

    def energies(self, thetas: Float) -> Float:
        """Expectation values [batch]."""
        ...

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and derivatives."""
        ...


class StateVector:
    """The state-vector backend.

    Programs of excitations alone run in double precision whatever is asked.

    Args:
        memory_limit: Most bytes a compiled program may take; None for the memory that is free when
            it is compiled.
        precision: "double" or "single" (32-bit parts, sums in double; energies to about 1e-6).
        threads: Threads of a run; None for NOVACRON_THREADS, else all processors. Results have the same
            bits for any number.

    Raises:
        UserError: Unknown precision.
        ValueError: Fewer than 1 thread.
    """

    name = "statevector"

    def __init__(
        self, memory_limit: int | None = None, precision: str = "double", threads: int | None = None
    ) -> None:
        if precision not in AMPLITUDES:
            raise UserError(f"precision {precision!r}; choose double or single")
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}")
        self._memory_limit = memory_limit
        self._precision = precision
        self._threads = threads

    def capabilities(self) -> Capabilities:
        """What it can do, and its limits."""
        return Capabilities(
            max_qubits=MAX_QUBITS,
            gradients=True,
            shots=True,
            mid_circuit=False,
            noise=False,
            precision=AMPLITUDES[self._precision],
            gates=frozenset(op.__name__ for op in OPS),
        )

    def memory_bytes(self, program: Program, observable: PauliSum | None = None) -> int:
        """Upper bound of the peak memory in bytes; nothing of that size is allocated."""
        if reached_space.suits(program):
            return reached_space.memory_bytes(program, observable)
        return memory_estimate.memory_bytes(program, observable, self._precision)

    def compile(self, program: Program, observable: PauliSum | None = None) -> CompiledStateVector:
        """Prepare a program.

        Raises:
            LimitError: More than `MAX_QUBITS` qubits.
            MemoryLimitError: More memory wanted than there is.
            UnsupportedError: An op kind unknown here.
            ValueError: The observable acts on another number of qubits.
        """
        if program.n_qubits > MAX_QUBITS:
            message = f"{program.n_qubits} qubits; {self.name} takes at most {MAX_QUBITS}"
            raise LimitError(message, program.n_qubits, MAX_QUBITS)
        unknown = [type(op).__name__ for op in program.ops if type(op) not in OPS]
        if unknown:
            raise UnsupportedError(f"{self.name} does not run {unknown[0]} ops")
        if observable is not None and observable.n_qubits != program.n_qubits:
            raise ValueError(
                f"the observable acts on {observable.n_qubits} qubits, the program on {program.n_qubits}"
            )
        self._check_memory(program, observable)
        return CompiledStateVector(program, self._space(program, observable), observable is not None)

    def _space(self, program: Program, observable: PauliSum | None) -> Space:
        if reached_space.suits(program):
            return _RowByRow(reached_space.ReachedSpace(program, observable))
        from workers.quantum.simulation.statevector.full_space import FullSpace

        return FullSpace(program, observable, self._precision, self._threads)

    def _check_memory(self, program: Program, observable: PauliSum | None) -> None:
        wanted = self.memory_bytes(program, observable)
        had = self._memory_limit if self._memory_limit is not None else available()
        if wanted > had:
            raise MemoryLimitError(
                f"{program.n_qubits} qubits want {wanted:,} bytes of memory, there are {had:,}; "
                "use fewer qubits or a machine with more memory",
                wanted,
                had,
            )


class _RowByRow:
    """A reached space, asked for one row of a batch at a time."""

    def __init__(self, space: reached_space.ReachedSpace) -> None:
        self._space = space
        self.energy_and_gradient = space.energy_and_gradient

    def states(self, thetas: Float) -> Complex:
        result = np.empty((len(thetas), 1 << self._space.n_qubits), dtype=np.complex128)
        for row, theta in zip(result, thetas, strict=True):
            row[:] = self._space.state(theta)
        return result

    def energies(self, thetas: Float) -> Float:
        return np.array([self._space.energy(theta) for theta in thetas], dtype=np.float64)


class CompiledStateVector:
    """A program on the state-vector backend; see `workers.quantum.backends.base.Compiled`."""

    def __init__(self, program: Program, space: Space, observed: bool) -> None:
        self.n_qubits = program.n_qubits
        self.n_parameters = program.n_parameters
        self._space = space
        self._observed = observed

    def energy(self, theta: Float) -> float:
        """Expectation value of the observable at theta[n_parameters]."""
        return float(self.energies(np.reshape(theta, (1, -1)))[0])

    def energies(self, thetas: Float) -> Float:
        """Expectation values: float64[batch, n_parameters] -> float64[batch]."""
        return self._observing().energies(self._points(thetas))

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and its exact derivatives float64[n_parameters]."""
        return self._observing().energy_and_gradient(self._points(np.reshape(theta, (1, -1)))[0])

    def state(self, theta: Float) -> Complex:
        """Final state complex128[2^n], or complex64 in single precision."""
        state: Complex = self.states(np.reshape(theta, (1, -1)))[0]
        return state

    def states(self, thetas: Float) -> Complex:
        """Final states: float64[batch, n_parameters] -> [batch, 2^n], of the type of `state`."""
        return self._space.states(self._points(thetas))

    def probabilities(self, theta: Float) -> Float:
        """Probabilities of the basis states, float64[2^n]."""
        state = self.state(theta)
        return np.asarray(np.square(state.real, dtype=np.float64) + np.square(state.imag, dtype=np.float64))

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Basis indices of `shots` measurements of all qubits, int64[shots].

        Raises:
            ValueError: Fewer than 1 shot.
        """
        if shots < 1:
            raise ValueError(f"shots must be at least 1, not {shots}")
        cumulative = np.cumsum(self.probabilities(theta))
        draws = rng.random(shots) * cumulative[-1]
        return np.asarray(np.searchsorted(cumulative, draws, side="right"), dtype=np.int64)

    def _observing(self) -> Space:
        if not self._observed:
            raise UnsupportedError("the program was compiled without an observable")
        return self._space

    def _points(self, thetas: Float) -> Float:
        points = np.ascontiguousarray(thetas, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != self.n_parameters:
            raise ValueError(f"theta has shape {points.shape[1:]}, not ({self.n_parameters},)")
        wrong = np.argwhere(~np.isfinite(points))
        if len(wrong):
            raise ValueError(f"theta[{wrong[0][1]}] is {points[tuple(wrong[0])]}, not a finite number")
        return points
