"""An expectation value as a function of a program's parameters: what a loop evaluates thousands of times."""

from __future__ import annotations

from time import perf_counter

from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.backends import executed
from workers.quantum.backends.asked import Questions
from workers.quantum.backends.base import Backend, Local
from workers.quantum.backends.immediate import finished, prepared
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float, Program
from workers.quantum.simulation.noise.model import NoiseModel


class Expectation:
    """The exact expectation value of an observable, and its gradient, at one point after the other.

    A program compiled in this process is called directly: for a small circuit, making a batch and taking its
    answer apart costs as much as the simulation. The values are those of the batch, to the bit.

    Args:
        backend: the backend.
        program: the program.
        observable: the observable.
        noise: the noise model, None for none.

    Raises:
        LimitError: too many qubits.
        MemoryLimitError: more memory needed than available.
        UnsupportedError: the backend gives no expectation values of this program.
    """

    def __init__(
        self, backend: Backend, program: Program, observable: PauliSum, noise: NoiseModel | None = None
    ) -> None:
        want = {Want.EXPECTATIONS, *({Want.GRADIENTS} & BACKENDS[backend.name].programs)}
        self._backend = backend
        self._plan = prepared(backend, program, observable, want, noise)
        questions = self._plan.prepared if isinstance(backend, Local) else None
        self._engine = questions.engine(self._plan.batch) if isinstance(questions, Questions) else None

    def value(self, point: Float) -> float:
        """Return the value at a point, float64[n_parameters] in radians."""
        if self._engine is None:
            return self._answer(point)[0]
        begun_s = perf_counter()
        value = float(self._engine.energies(point.reshape(1, -1))[0])
        self._count(begun_s)
        return value

    def value_and_gradient(self, point: Float) -> tuple[float, Float]:
        """Return the value at a point and its derivatives, float64[n_parameters]."""
        if self._engine is None:
            value, gradient = self._answer(point)
            assert gradient is not None
            return value, gradient
        begun_s = perf_counter()
        found = self._engine.energy_and_gradient(point)
        self._count(begun_s)
        return found

    def _answer(self, point: Float) -> tuple[float, Float | None]:
        """Return the value, and the gradient of a backend that has gradients, by a batch."""
        (answer,) = finished(self._backend, self._plan.at(point))
        assert answer.expectations is not None
        return float(answer.expectations.item()), answer.gradients

    def _count(self, begun_s: float) -> None:
        if executed.counted():
            executed.count(self._backend.name, self._plan.batch.pubs, 1.0, perf_counter() - begun_s)
