"""The energy of an ansatz: exact, from samples, or as a mean over trajectories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.quantum import cost
from shared.quantum.backends import BACKENDS
from shared.quantum.wants import Want
from workers.quantum.ansatz.base import Trial
from workers.quantum.backends.base import Backend, Plan
from workers.quantum.backends.expectation import Expectation
from workers.quantum.backends.immediate import only_part, prepared
from workers.quantum.objective import Evaluation, Frequencies, Request, Stage
from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.lowering.standard_gates import sizes
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.variational import seeds, spectrum
from workers.quantum.variational.averaged import Averaged, Means
from workers.quantum.variational.natural import Tangents
from workers.quantum.variational.parameter_shift import ParameterShift


class Scale:
    """Zero and unit of the energies of a Hamiltonian.

    Attributes:
        constant: Coefficient of the identity, the mean of all eigenvalues.
        unit: Standard deviation of the eigenvalues; 1 if they are all equal.
    """

    def __init__(self, hamiltonian: PauliSum) -> None:
        self.constant = hamiltonian.constant
        self.unit = hamiltonian.deviation or 1.0


class ExactEnergy(Scale):
    """<H> of a trial state and its gradient, in one unit of work.

    Attributes:
        differentiable: gradients are exact.
        natural: natural gradients are exact.
        stochastic: energies are exact.
    """

    differentiable = True
    natural = True
    stochastic = False

    def __init__(
        self, trial: Trial, observable: PauliSum, backend: Backend, noise: NoiseModel | None = None
    ) -> None:
        super().__init__(observable)
        self._trial, self._observable, self._backend = trial, observable.traceless(), backend
        self._noise = noise
        self.initial_point, self.grow = trial.initial, trial.grow
        self._energies: Latest[Expectation] = Latest()
        self._tangents: Latest[Tangents] = Latest()

    def frequencies(self, stage: Stage) -> list[Frequencies]:
        """Return the frequencies of the circuit's angles."""
        return spectrum.of_parameters(self._trial.circuit(stage.operators))

    def units(self, request: Request) -> int:
        """Return one: the circuit is simulated as a whole."""
        return 1

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Return the energy above the constant, and its gradient if requested."""
        energy = self._energy(request.operators)
        if not request.gradient:
            return [energy.value(request.point)]
        value, gradient = energy.value_and_gradient(request.point)
        if request.metric is not None:
            gradient = self.tangents(request.operators).natural(request.point, gradient, request.metric)
        return [value, *gradient.tolist()]

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Return the only unit's result."""
        energy, *gradient = results[0]
        return Evaluation(energy, np.array(gradient) if request.gradient else None)

    def cost_s(self, request: Request) -> float:
        """Return the cost of a sweep over the state per op and X mask; three times as many with the gradient.

        A natural gradient adds two states per parameter.
        """
        n_ops = len(self._trial.circuit(request.operators).ops)
        n_masks, n_qubits = np.unique(self._observable.x_masks).size, self._observable.n_qubits
        if BACKENDS[self._backend.name].simulates_devices:
            program = self._trial.circuit(request.operators)
            return cost.mixed_s(*sizes(program), n_qubits, gradient=request.gradient)
        growth = BACKENDS[self._backend.name].growth
        exact_s = cost.exact_s(n_ops, n_masks, n_qubits, gradient=request.gradient, growth=growth)
        if request.metric is None:
            return exact_s
        return exact_s + cost.metric_s(n_ops, request.point.size, n_qubits)

    def tangents(self, operators: tuple[int, ...]) -> Tangents:
        """Return the derivatives of the circuit's state."""
        return self._tangents.get(operators, lambda: Tangents(self._trial.circuit(operators), self._backend))

    def _energy(self, operators: tuple[int, ...]) -> Expectation:
        """Return the energy of the circuit with these operators, compiled at its first run."""
        return self._energies.get(
            operators,
            lambda: Expectation(self._backend, self._trial.circuit(operators), self._observable, self._noise),
        )


class AveragedEnergy(Averaged, ExactEnergy):
    """<H> of a trial state on a noisy device and its gradient, as means over trajectories."""

    def __init__(self, trial: Trial, observable: PauliSum, backend: Backend, seed: int) -> None:
        super().__init__(trial, observable, backend)
        circuit = trial.circuit
        self.means = Means(backend, self._observable, seed, lambda request: circuit(request.operators))


class SampledEnergy(Scale):
    """<H> from `shots` measurements of every setting of its terms, and its gradient from shifted angles.

    A request is a batch: the circuit at the point itself and, for a gradient, at its shifts. Each unit has
    its own random stream, so that the estimates of terms are unbiased and independent.

    Attributes:
        differentiable: gradients come from shifts of the angles.
        natural: natural gradients are unsupported.
        stochastic: energies come from shots.
    """

    differentiable = True
    natural = False
    stochastic = True

    def __init__(self, trial: Trial, observable: PauliSum, backend: Backend, shots: int, seed: int) -> None:
        super().__init__(observable)
        self._trial, self._observable, self._backend = trial, observable.traceless(), backend
        self.initial_point, self.grow = trial.initial, trial.grow
        self._shots, self._seed = shots, seed
        self._shifting: Latest[ParameterShift] = Latest()
        self._plans: Latest[Plan] = Latest()
        self._asked: Latest[Plan] = Latest()

    def frequencies(self, stage: Stage) -> list[Frequencies]:
        """Return the frequencies of the circuit's angles."""
        return spectrum.of_parameters(self._trial.circuit(stage.operators))

    def units(self, request: Request) -> int:
        """Return settings times parameter vectors."""
        return self.asked(request).n_units

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Return the mean of one setting and the variance of that mean."""
        plan = self.asked(request)
        return list(only_part(self._backend.run(plan, range(unit, unit + 1)))[0])

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Return the energy with its variance, unknown for a single shot, and its gradient if requested."""
        (answer,) = self._backend.merge(self.asked(request), [[(0, results)]])
        assert answer.expectations is not None and answer.variances is not None
        gradient = self.shifting(request).gradient(answer.expectations[1:]) if request.gradient else None
        energy, variance = float(answer.expectations[0]), float(answer.variances[0])
        return Evaluation(energy, gradient, None if np.isnan(variance) else variance)

    def cost_s(self, request: Request) -> float:
        """Return the cost of one simulation per parameter vector, and one set of shots per unit.

        On a device with noise every shot is a trajectory.
        """
        program, plan = self.shifting(request).program, self.asked(request)
        if BACKENDS[self._backend.name].simulates_devices:
            each_s = cost.trajectories_s(*sizes(program), program.n_qubits, self._shots)
            return plan.n_units * each_s
        return cost.estimate_s(
            len(program.ops),
            program.n_qubits,
            n_points=plan.batch.pubs[0].n_points,
            n_units=plan.n_units,
            shots=self._shots,
        )

    def shifting(self, request: Request) -> ParameterShift:
        """Return the circuit of a request with a separate angle for every op."""
        operators = request.operators
        return self._shifting.get(operators, lambda: ParameterShift(self._trial.circuit(operators)))

    def asked(self, request: Request) -> Plan:
        """Return the batch of a request: the latest is cached, since its units are run consecutively."""
        key = (request.loop, request.position, request.operators, request.gradient, request.point.tobytes())
        return self._asked.get(key, lambda: self._batch(request))

    def _batch(self, request: Request) -> Plan:
        shifting = self.shifting(request)
        points = shifting.points(request.point) if request.gradient else shifting.angles(request.point)[None]

        def stream(unit: int) -> np.random.Generator:
            return seeds.generator(self._seed, seeds.UNIT, request.loop, request.position, unit)

        return self._plan(request.operators, shifting.program).at(points).drawing(stream)

    def _plan(self, operators: tuple[int, ...], program: Program) -> Plan:
        want = {Want.ESTIMATES}
        return self._plans.get(
            operators,
            lambda: prepared(self._backend, program, self._observable, want, shots=self._shots),
        )
