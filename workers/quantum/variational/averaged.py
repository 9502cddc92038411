"""Objectives as means over trajectories: on noisy devices, with more qubits than can be exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from shared.quantum import cost
from shared.quantum.trajectories import PER_EVALUATION
from shared.quantum.wants import Want
from workers.quantum.backends.base import Backend, Plan
from workers.quantum.backends.immediate import only_part, prepared
from workers.quantum.objective import Evaluation, Request
from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.lowering.standard_gates import sizes
from workers.quantum.variational import seeds

COMMON, FRESH = range(2)


class Means:
    """Expectation values of a circuit, and their gradients, as means over trajectories.

    All points have the same random numbers, so that the difference of two values has a smaller error than
    each of them, and optimizers with line searches work; only `Request.fresh` draws others.

    Args:
        backend: a backend of simulated devices.
        observable: the observable.
        seed: the job's seed.
        circuit: returns the circuit of a request.
    """

    def __init__(
        self, backend: Backend, observable: PauliSum, seed: int, circuit: Callable[[Request], Program]
    ) -> None:
        self._backend, self._observable, self._seed, self._circuit = backend, observable, seed, circuit
        self._programs: Latest[Program] = Latest()
        self._plans: Latest[Plan] = Latest()
        self._asked: Latest[Plan] = Latest()

    def units(self, request: Request) -> int:
        """Return the number of blocks of trajectories."""
        return self._plan(request).n_units

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Return number, mean and spread of a block of values, and their mean derivatives if requested."""
        return list(only_part(self._backend.run(self._plan(request), range(unit, unit + 1)))[0])

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Return the mean with its variance, and its gradient if requested."""
        (answer,) = self._backend.merge(self._plan(request), [[(0, results)]])
        assert answer.expectations is not None and answer.variances is not None
        gradient = None if answer.gradients is None else np.asarray(answer.gradients)
        return Evaluation(float(answer.expectations), gradient, float(answer.variances))

    def cost_s(self, request: Request) -> float:
        """Return the cost of all trajectories."""
        program = self._program(request)
        return cost.trajectories_s(
            *sizes(program), program.n_qubits, PER_EVALUATION, gradient=request.gradient
        )

    def _plan(self, request: Request) -> Plan:
        key = (request.fresh, request.gradient, request.operators, request.point.tobytes())
        return self._asked.get(key, lambda: self._at(request))

    def _at(self, request: Request) -> Plan:
        want = {Want.EXPECTATIONS, *({Want.GRADIENTS} if request.gradient else ())}
        program, draw = self._program(request), FRESH if request.fresh else COMMON
        plan = self._plans.get(
            (id(program), request.gradient),
            lambda: prepared(self._backend, program, self._observable, want),
        )
        return plan.at(request.point).drawing(lambda _: seeds.generator(self._seed, seeds.TRAJECTORIES, draw))

    def _program(self, request: Request) -> Program:
        key = (request.operators, request.point.size)
        return self._programs.get(key, lambda: self._circuit(request))


class Averaged:
    """Mixin of objectives whose values are `Means`.

    Attributes:
        natural: natural gradients need pure states.
        stochastic: values come from trajectories.
    """

    natural = False
    stochastic = True
    means: Means

    def units(self, request: Request) -> int:
        """See `Means.units`."""
        return self.means.units(request)

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """See `Means.run_unit`."""
        return self.means.run_unit(request, unit)

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """See `Means.combine`."""
        return self.means.combine(request, results)

    def cost_s(self, request: Request) -> float:
        """See `Means.cost_s`."""
        return self.means.cost_s(request)
