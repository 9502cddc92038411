"""The energy of an ansatz on a provider's device: the evaluations of a step are one job of the provider."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workers.quantum.backends.base import Backend, Plan
from workers.quantum.backends.batch import Result
from workers.quantum.objective import Evaluation, Request
from workers.quantum.simulation.ir.program import Float
from workers.quantum.variational.vqe import SampledEnergy


class HardwareEnergy(SampledEnergy):
    """<H> from shots on a device; a unit is one parameter vector, with all its measurement settings."""

    @property
    def backend(self) -> Backend:
        """The device."""
        return self._backend

    def units(self, request: Request) -> int:
        """Return the number of parameter vectors: the point, and its shifts for a gradient."""
        return len(self._points(request))

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Raise an error: a device answers later, to all units of a step together.

        Raises:
            TypeError: always.
        """
        raise TypeError("evaluations on a device are tasks of their own")

    def step(self, requests: Sequence[Request]) -> Plan:
        """Return the circuits of the evaluations of one step, which have the same operators."""
        points = np.concatenate([self._points(request) for request in requests])
        return self._plan(requests[0].operators, self.shifting(requests[0]).program).at(points)

    def results(self, answered: Result) -> list[list[float | None]]:
        """Return the mean of each unit of a step, and its variance; None if a single shot cannot tell it."""
        (answer,) = answered
        assert answer.expectations is not None and answer.variances is not None
        variances = [None if np.isnan(one) else one for one in answer.variances.tolist()]
        return [
            [mean, variance] for mean, variance in zip(answer.expectations.tolist(), variances, strict=True)
        ]

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Return the energy with its variance, unknown for a single shot, and its gradient if requested."""
        means = np.array([mean for mean, _ in results], dtype=np.float64)
        gradient = self.shifting(request).gradient(means[1:]) if request.gradient else None
        return Evaluation(float(means[0]), gradient, results[0][1])

    def _points(self, request: Request) -> Float:
        shifting = self.shifting(request)
        return shifting.points(request.point) if request.gradient else shifting.angles(request.point)[None]
