"""Runs programs through the backend interface, one quantity at a time."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from shared.quantum.wants import Want
from workers.quantum.backends.base import Backend, Plan
from workers.quantum.backends.batch import Answer
from workers.quantum.backends.expectation import Expectation
from workers.quantum.backends.immediate import finished, prepared
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.noise.model import NoiseModel


class Asking:
    """A program on a backend, with an observable or none.

    Args:
        backend: the backend.
        program: the program.
        observable: the observable.
        noise: the noise model.
    """

    def __init__(
        self,
        backend: Backend,
        program: Program,
        observable: PauliSum | None = None,
        noise: NoiseModel | None = None,
    ) -> None:
        self._backend, self._program, self._observable, self._noise = backend, program, observable, noise
        self._plans: dict[frozenset[Want], Plan] = {}

    @property
    def n_parameters(self) -> int:
        """Number of the program's parameters."""
        return self._program.n_parameters

    @property
    def memory_bytes(self) -> int:
        """Peak memory of a run in bytes."""
        return self._plan(Want.PROBABILITIES).memory_bytes

    def energy(self, theta: Any) -> float:
        """Return the expectation value at a point, as loops take it."""
        return self._expectation.value(np.asarray(theta))

    def energies(self, thetas: Any) -> Any:
        """Return the expectation values at points."""
        return self._answer(thetas, Want.EXPECTATIONS).expectations

    def energy_and_gradient(self, theta: Any) -> tuple[float, Any]:
        """Return the expectation value at a point, and its derivatives, as loops take them."""
        return self._expectation.value_and_gradient(np.asarray(theta))

    def state(self, theta: Any) -> Any:
        """Return the final state at a point."""
        return self._answer(theta, Want.STATES).states

    states = state
    """The states at points."""

    def probabilities(self, theta: Any) -> Any:
        """Return the probabilities of the basis states at a point."""
        return self._answer(theta, Want.PROBABILITIES).probabilities

    def sample(self, theta: Any, shots: int, rng: np.random.Generator) -> Any:
        """Return measured basis states at a point."""
        plan = prepared(self._backend, self._program, None, {Want.SAMPLES}, self._noise, shots)
        (answer,) = finished(self._backend, plan.at(theta).drawing(lambda unit: rng))
        return answer.samples

    @cached_property
    def _expectation(self) -> Expectation:
        assert self._observable is not None
        return Expectation(self._backend, self._program, self._observable, self._noise)

    def _answer(self, points: Any, *want: Want) -> Answer:
        (answer,) = finished(self._backend, self._plan(*want).at(points))
        return answer

    def _plan(self, *want: Want) -> Plan:
        key = frozenset(want)
        if key not in self._plans:
            self._plans[key] = prepared(self._backend, self._program, self._observable, key, self._noise)
        return self._plans[key]
