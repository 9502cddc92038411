"""Programs on state vectors in machine code: all amplitudes, or only those reachable by excitations."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.engine import checked
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float, Program
from workers.quantum.simulation.statevector import reached_space


class Space(Protocol):
    """Runs a program on all amplitudes, or on the reachable ones."""

    def states(self, thetas: Float) -> Complex:
        """Return final states [batch, 2^n]."""
        ...

    def energies(self, thetas: Float) -> Float:
        """Return expectation values [batch]."""
        ...

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Return the expectation value and its derivatives."""
        ...


def space(
    program: Program, observable: PauliSum | None, precision: str = "double", threads: int | None = None
) -> Space:
    """Return the smallest space that can run a program."""
    if reached_space.suits(program):
        return _RowByRow(reached_space.ReachedSpace(program, observable))
    from workers.quantum.simulation.statevector.full_space import FullSpace

    return FullSpace(program, observable, precision, threads)


class _RowByRow:
    """A space of reachable states, called for one row of a batch at a time."""

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


class StateVectorEngine:
    """A program on state vectors; see `workers.quantum.simulation.ir.engine.Engine`.

    Args:
        program: The program.
        observable: The observable, None for none.
        precision: "double" or "single".
        threads: Threads of a run, None for the default.
    """

    def __init__(
        self,
        program: Program,
        observable: PauliSum | None,
        precision: str = "double",
        threads: int | None = None,
    ) -> None:
        self.n_qubits = program.n_qubits
        self.n_parameters = program.n_parameters
        self._space = space(program, observable, precision, threads)
        self._observed = observable is not None

    def energies(self, thetas: Float) -> Float:
        """Return expectation values: float64[batch, n_parameters] -> float64[batch]."""
        return self._observing().energies(checked(self.n_parameters, thetas))

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Return the expectation value and its exact derivatives float64[n_parameters]."""
        return self._observing().energy_and_gradient(
            checked(self.n_parameters, np.reshape(theta, (1, -1)))[0]
        )

    def states(self, thetas: Float) -> Complex:
        """Return final states: float64[batch, n_parameters] -> complex[batch, 2^n] of the precision."""
        return self._space.states(checked(self.n_parameters, thetas))

    def probabilities(self, theta: Float) -> Float:
        """Return the probabilities of the basis states, float64[2^n]."""
        state = self.states(np.reshape(theta, (1, -1)))[0]
        return np.asarray(np.square(state.real, dtype=np.float64) + np.square(state.imag, dtype=np.float64))

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return basis indices of `shots` measurements of all qubits, int64[shots].

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
            raise LookupError("the program was compiled without an observable")
        return self._space
