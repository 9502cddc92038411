"""Exact simulation with NumPy: all amplitudes, or the reachable ones for programs of excitations."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workers.backends.base import Capabilities, LimitError, MemoryLimitError, UnsupportedError
from workers.memory import available
from workers.simulation import full_space, reached_space
from workers.simulation.kernels import BUILDERS
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Complex, Float, Program

MAX_QUBITS = 28


class Space(Protocol):
    """What runs a program: all amplitudes, or the reached ones."""

    def state(self, theta: Float) -> Complex:
        """Final state complex128[2^n]."""
        ...

    def energy(self, theta: Float) -> float:
        """Expectation value."""
        ...

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and derivatives."""
        ...


class StateVector:
    """The state-vector backend.

    Args:
        memory_limit: Most bytes a compiled program may take; None for the memory that is free when
            it is compiled.
    """

    name = "statevector"

    def __init__(self, memory_limit: int | None = None) -> None:
        self._memory_limit = memory_limit

    def capabilities(self) -> Capabilities:
        """What it can do, and its limits."""
        return Capabilities(
            max_qubits=MAX_QUBITS,
            gradients=True,
            shots=True,
            mid_circuit=False,
            noise=False,
            precision="complex128",
            gates=frozenset(op.__name__ for op in BUILDERS),
        )

    def memory_bytes(self, program: Program, observable: PauliSum | None = None) -> int:
        """Upper bound of the peak memory in bytes; nothing of that size is allocated."""
        if reached_space.suits(program):
            return reached_space.memory_bytes(program, observable)
        return full_space.memory_bytes(program, observable)

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
        unknown = [type(op).__name__ for op in program.ops if type(op) not in BUILDERS]
        if unknown:
            raise UnsupportedError(f"{self.name} does not run {unknown[0]} ops")
        if observable is not None and observable.n_qubits != program.n_qubits:
            raise ValueError(
                f"the observable acts on {observable.n_qubits} qubits, the program on {program.n_qubits}"
            )
        self._check_memory(program, observable)
        space = reached_space.ReachedSpace if reached_space.suits(program) else full_space.FullSpace
        return CompiledStateVector(program, space(program, observable), observable is not None)

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


class CompiledStateVector:
    """A program on the state-vector backend; see `workers.backends.base.Compiled`."""

    def __init__(self, program: Program, space: Space, observed: bool) -> None:
        self.n_qubits = program.n_qubits
        self.n_parameters = program.n_parameters
        self._space = space
        self._observed = observed

    def energy(self, theta: Float) -> float:
        """Expectation value of the observable at theta[n_parameters]."""
        return self._observing().energy(self._point(theta))

    def energies(self, thetas: Float) -> Float:
        """Expectation values: float64[batch, n_parameters] -> float64[batch]."""
        return np.array([self.energy(theta) for theta in thetas], dtype=np.float64)

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and its exact derivatives float64[n_parameters]."""
        return self._observing().energy_and_gradient(self._point(theta))

    def state(self, theta: Float) -> Complex:
        """Final state complex128[2^n]."""
        return self._space.state(self._point(theta))

    def states(self, thetas: Float) -> Complex:
        """Final states: float64[batch, n_parameters] -> complex128[batch, 2^n]."""
        result = np.empty((len(thetas), 1 << self.n_qubits), dtype=np.complex128)
        for row, theta in zip(result, thetas, strict=True):
            row[:] = self.state(theta)
        return result

    def probabilities(self, theta: Float) -> Float:
        """Probabilities of the basis states, float64[2^n]."""
        state = self.state(theta)
        return np.asarray(state.real**2 + state.imag**2)

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

    def _point(self, theta: Float) -> Float:
        point = np.asarray(theta, dtype=np.float64)
        if point.shape != (self.n_parameters,):
            raise ValueError(f"theta has shape {point.shape}, not ({self.n_parameters},)")
        if not np.isfinite(point).all():
            raise ValueError(f"theta[{int(np.flatnonzero(~np.isfinite(point))[0])}] is not a finite number")
        return point
