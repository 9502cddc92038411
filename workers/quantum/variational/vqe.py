"""The energy of an ansatz: exact, or from samples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workers.quantum.ansatz.base import Trial
from workers.quantum.backends.base import Backend, Compiled
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex
from workers.quantum.variational import seeds, spectrum
from workers.quantum.variational.latest import Latest
from workers.quantum.variational.natural import Tangents
from workers.quantum.variational.objective import Evaluation, Frequencies, Request, Stage
from workers.quantum.variational.shift import Unfolded
from workers.quantum.variational.shots import groups, sample_group

SECONDS_PER_AMPLITUDE = 2.5e-9
SECONDS_PER_SHOT = 2e-7
SECONDS_AT_LEAST = 1e-4


class Scale:
    """Zero and unit of the energies of a Hamiltonian.

    Attributes:
        constant: Coefficient of the identity, the mean of all eigenvalues.
        unit: Standard deviation of the eigenvalues; 1 where they are all the same.
    """

    def __init__(self, hamiltonian: PauliSum) -> None:
        self.constant = hamiltonian.constant
        self.unit = hamiltonian.deviation or 1.0


class ExactEnergy(Scale):
    """<H> of a trial state and its gradient, in one unit of work.

    Attributes:
        differentiable: gradients are exact.
        natural: so are natural ones.
        stochastic: energies are exact.
    """

    differentiable = True
    natural = True
    stochastic = False

    def __init__(self, trial: Trial, observable: PauliSum, backend: Backend) -> None:
        super().__init__(observable)
        self._trial, self._observable, self._backend = trial, observable.traceless(), backend
        self.initial_point, self.grow = trial.initial, trial.grow
        self._compiled: Latest[Compiled] = Latest()
        self._tangents: Latest[Tangents] = Latest()

    def frequencies(self, stage: Stage) -> list[Frequencies]:
        """Those of the circuit's angles."""
        return spectrum.of_parameters(self._trial.circuit(stage.operators))

    def units(self, request: Request) -> int:
        """One: the circuit is simulated whole."""
        return 1

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """The energy above the constant, and its gradient if asked for."""
        compiled = self.compiled(request.operators)
        if not request.gradient:
            return [compiled.energy(request.point)]
        energy, gradient = compiled.energy_and_gradient(request.point)
        if request.metric is not None:
            gradient = self.tangents(request.operators).natural(request.point, gradient, request.metric)
        return [energy, *gradient.tolist()]

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """The only unit's result."""
        energy, *gradient = results[0]
        return Evaluation(energy, np.array(gradient) if request.gradient else None)

    def cost_s(self, request: Request) -> float:
        """A sweep over the state for each op and X mask; three times as many with the gradient.

        A natural gradient takes the state twice more for each parameter.
        """
        n_ops = len(self._trial.circuit(request.operators).ops)
        sweeps = (n_ops + np.unique(self._observable.x_masks).size) * (3 if request.gradient else 1)
        if request.metric is not None:
            sweeps += 2 * n_ops * request.point.size
        return SECONDS_AT_LEAST + sweeps * 2.0**self._observable.n_qubits * SECONDS_PER_AMPLITUDE

    def compiled(self, operators: tuple[int, ...]) -> Compiled:
        """The circuit with its Hamiltonian, made ready when it is first run."""
        return self._compiled.get(
            operators, lambda: self._backend.compile(self._trial.circuit(operators), self._observable)
        )

    def tangents(self, operators: tuple[int, ...]) -> Tangents:
        """The derivatives of the circuit's state."""
        return self._tangents.get(operators, lambda: Tangents(self._trial.circuit(operators), self._backend))


class SampledEnergy(Scale):
    """<H> from `shots` measurements of every group of terms, and its gradient from shifted angles.

    Unit p * groups + g measures group g at the p-th set of angles: first the point itself, then, for a
    gradient, the shifts. Each has a random stream of its own, so that the estimate of every term is unbiased
    and errors add in squares.

    Attributes:
        differentiable: gradients come from shifts of the angles.
        natural: there are no natural ones.
        stochastic: energies come from shots.
    """

    differentiable = True
    natural = False
    stochastic = True

    def __init__(self, trial: Trial, observable: PauliSum, backend: Backend, shots: int, seed: int) -> None:
        super().__init__(observable)
        self._trial, self._backend = trial, backend
        self.initial_point, self.grow = trial.initial, trial.grow
        self._groups = groups(observable)
        self._shots, self._seed = shots, seed
        self._unfolded: Latest[Unfolded] = Latest()
        self._compiled: Latest[Compiled] = Latest()
        self._states: Latest[Complex] = Latest()

    @property
    def n_groups(self) -> int:
        """Measurements that one energy takes."""
        return len(self._groups)

    def frequencies(self, stage: Stage) -> list[Frequencies]:
        """Those of the circuit's angles."""
        return spectrum.of_parameters(self._trial.circuit(stage.operators))

    def units(self, request: Request) -> int:
        """Groups times sets of angles; one for a Hamiltonian that is a constant."""
        return max(1, len(self._groups) * self._n_points(request))

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """The mean of one group and the variance of that mean."""
        if not self._groups:
            return [0.0, 0.0]
        point, group = divmod(unit, len(self._groups))
        state = self._state(request, point)
        rng = seeds.generator(self._seed, seeds.UNIT, request.loop, request.position, unit)
        return list(sample_group(state, self._groups[group], self._shots, rng))

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Sums over the groups; the variance is that of the energy, which a single shot leaves unknown."""
        table = np.array(results, dtype=np.float64).reshape(self._n_points(request), -1, 2)
        energies = table[:, :, 0].sum(axis=1)
        gradient = self.unfolded(request).gradient(energies[1:]) if request.gradient else None
        known = self._shots > 1 or not self._groups
        return Evaluation(float(energies[0]), gradient, float(table[0, :, 1].sum()) if known else None)

    def cost_s(self, request: Request) -> float:
        """One simulation a set of angles, one set of shots a unit."""
        program = self.unfolded(request).program
        simulation = len(program.ops) * 2.0**program.n_qubits * SECONDS_PER_AMPLITUDE
        return self._n_points(request) * simulation + self.units(request) * (
            SECONDS_AT_LEAST + self._shots * SECONDS_PER_SHOT
        )

    def unfolded(self, request: Request) -> Unfolded:
        """The circuit of a request with an angle for every op."""
        return self._unfolded.get(request.operators, lambda: Unfolded(self._trial.circuit(request.operators)))

    def _n_points(self, request: Request) -> int:
        return 1 + (len(self.unfolded(request).shifts) if request.gradient else 0)

    def _state(self, request: Request, point: int) -> Complex:
        """The state at one set of angles; the latest is kept, for all its groups come in a row."""
        unfolded = self.unfolded(request)
        angles = unfolded.angles(request.point)
        if point:
            shift = unfolded.shifts[point - 1]
            angles[shift.angle] += shift.by
        compiled = self._compiled.get(request.operators, lambda: self._backend.compile(unfolded.program))
        return self._states.get((request.operators, angles.tobytes()), lambda: compiled.state(angles))
