"""What a simulator makes of a program once, to run it at many points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float


class Engine(Protocol):
    """A program, and perhaps an observable, made ready to run.

    Equal calls give equal bits; a row of a batch has the bits of the single call.
    """

    n_qubits: int
    n_parameters: int

    def energies(self, thetas: Float) -> Float:
        """Expectation values: float64[batch, n_parameters] -> float64[batch]."""
        ...

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and its exact derivatives float64[n_parameters]."""
        ...

    def states(self, thetas: Float) -> Complex:
        """Final states: float64[batch, n_parameters] -> complex128[batch, 2^n], global phase included."""
        ...

    def probabilities(self, theta: Float) -> Float:
        """Probabilities of the basis states, float64[2^n]."""
        ...

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Basis indices of `shots` measurements of all qubits, int64[shots]."""
        ...


def checked(n_parameters: int, thetas: Float) -> Float:
    """Points as engines take them, float64[batch, n_parameters].

    Raises:
        ValueError: another shape, or a number that is not finite.
    """
    points = np.ascontiguousarray(thetas, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != n_parameters:
        raise ValueError(f"theta has shape {points.shape[1:]}, not ({n_parameters},)")
    finite = np.isfinite(points)
    if not finite.all():
        wrong = np.argwhere(~finite)
        raise ValueError(f"theta[{wrong[0][1]}] is {points[tuple(wrong[0])]}, not a finite number")
    return points


class Engines:
    """The engines of one program, by observable: the latest is kept, for its buffers are as large as a state.

    Args:
        make: makes the engine of an observable, or of none.
    """

    def __init__(self, make: Callable[[PauliSum | None], Engine]) -> None:
        self._make = make
        self._latest: Latest[Engine] = Latest()

    def of(self, observable: PauliSum | None) -> Engine:
        """The engine of an observable, made when it is first asked for."""
        return self._latest.get(id(observable), lambda: self._make(observable))

    def of_any(self) -> Engine:
        """The latest engine, whatever its observable: states are the same in all."""
        return self._latest.kept or self.of(None)
