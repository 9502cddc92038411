"""A compiled program, which can be run at many points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float


class Engine(Protocol):
    """A program, optionally with an observable, compiled to run.

    Equal calls give bitwise identical results; a row of a batch equals the single call.
    """

    n_qubits: int
    n_parameters: int

    def energies(self, thetas: Float) -> Float:
        """Return expectation values: float64[batch, n_parameters] -> float64[batch]."""
        ...

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Return the expectation value and its exact derivatives float64[n_parameters]."""
        ...

    def states(self, thetas: Float) -> Complex:
        """Return final states, with global phase: float64[batch, n_parameters] -> complex128[batch, 2^n]."""
        ...

    def probabilities(self, theta: Float) -> Float:
        """Return the probabilities of the basis states, float64[2^n]."""
        ...

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return basis indices of `shots` measurements of all qubits, int64[shots]."""
        ...


def checked(n_parameters: int, thetas: Float) -> Float:
    """Return points in the form engines require, float64[batch, n_parameters].

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
    """The engines of one program, by observable; only the latest, as large as a state, is cached.

    Args:
        make: creates the engine of an observable, or of none.
    """

    def __init__(self, make: Callable[[PauliSum | None], Engine]) -> None:
        self._make = make
        self._latest: Latest[Engine] = Latest()

    def of(self, observable: PauliSum | None) -> Engine:
        """Return the engine of an observable, created on first use."""
        return self._latest.get(id(observable), lambda: self._make(observable))

    def of_any(self) -> Engine:
        """Return the latest engine, whatever its observable: states are the same in all."""
        return self._latest.kept or self.of(None)
