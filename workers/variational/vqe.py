"""The energy of an ansatz: exact, or from samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from workers.backends.base import Backend, Compiled
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Complex, Program
from workers.variational import seeds
from workers.variational.objective import Evaluation, Request, Vector
from workers.variational.shift import Unfolded
from workers.variational.shots import groups, sample_group

Start = Callable[[int, np.random.Generator], Vector]

SECONDS_PER_AMPLITUDE = 2.5e-9
SECONDS_PER_SHOT = 2e-7
SECONDS_AT_LEAST = 1e-4


class ExactEnergy:
    """<H> of an ansatz and its gradient, in one unit.

    Attributes:
        differentiable: gradients are exact.
        stochastic: energies are exact.
    """

    differentiable = True
    stochastic = False

    def __init__(self, program: Program, observable: PauliSum, backend: Backend, start: Start) -> None:
        self._program, self._observable = program, observable
        self._backend, self._start = backend, start

    @cached_property
    def compiled(self) -> Compiled:
        """The ansatz with its Hamiltonian, made ready when it is first run."""
        return self._backend.compile(self._program, self._observable)

    def initial_point(self, loop: int, rng: np.random.Generator) -> Vector:
        """The ansatz's own choice."""
        return self._start(loop, rng)

    def grow(self, point: Vector) -> Vector | None:
        """There is one stage."""
        return None

    def units(self, request: Request) -> int:
        """One: the circuit is simulated whole."""
        return 1

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """The energy, and its gradient if asked for."""
        if not request.gradient:
            return [self.compiled.energy(request.point)]
        energy, gradient = self.compiled.energy_and_gradient(request.point)
        return [energy, *gradient.tolist()]

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """The only unit's result."""
        energy, *gradient = results[0]
        return Evaluation(energy, np.array(gradient) if request.gradient else None)

    def cost_s(self, request: Request) -> float:
        """A sweep over the state for each op and X mask; three times as many with the gradient."""
        sweeps = len(self._program.ops) + np.unique(self._observable.x_masks).size
        sweeps *= 3 if request.gradient else 1
        return SECONDS_AT_LEAST + sweeps * 2.0**self._program.n_qubits * SECONDS_PER_AMPLITUDE


class SampledEnergy:
    """<H> from `shots` measurements of every group of terms, and its gradient from shifted angles.

    Unit p * groups + g measures group g at the p-th set of angles: first the point itself, then, for a
    gradient, the shifts. Each has a random stream of its own, so that the estimate of every term is unbiased
    and errors add in squares.

    Attributes:
        differentiable: gradients come from shifts of the angles.
        stochastic: energies come from shots.
    """

    differentiable = True
    stochastic = True

    def __init__(
        self, program: Program, observable: PauliSum, backend: Backend, start: Start, shots: int, seed: int
    ) -> None:
        self._unfolded = Unfolded(program)
        self._program, self._backend, self._start = program, backend, start
        self._groups, self._constant = groups(observable), observable.constant
        self._shots, self._seed = shots, seed
        self._latest: tuple[bytes, Complex] = (b"", np.zeros(0, np.complex128))

    @property
    def n_groups(self) -> int:
        """Measurements that one energy takes."""
        return len(self._groups)

    def initial_point(self, loop: int, rng: np.random.Generator) -> Vector:
        """The ansatz's own choice."""
        return self._start(loop, rng)

    def grow(self, point: Vector) -> Vector | None:
        """There is one stage."""
        return None

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
        """Sums over the groups; the variance is that of the energy, not of the gradient."""
        table = np.array(results, dtype=np.float64).reshape(self._n_points(request), -1, 2)
        energies = self._constant + table[:, :, 0].sum(axis=1)
        gradient = self._unfolded.gradient(energies[1:]) if request.gradient else None
        return Evaluation(float(energies[0]), gradient, float(table[0, :, 1].sum()))

    def cost_s(self, request: Request) -> float:
        """One simulation a set of angles, one set of shots a unit."""
        simulation = len(self._program.ops) * 2.0**self._program.n_qubits * SECONDS_PER_AMPLITUDE
        return self._n_points(request) * simulation + self.units(request) * (
            SECONDS_AT_LEAST + self._shots * SECONDS_PER_SHOT
        )

    def _n_points(self, request: Request) -> int:
        return 1 + (len(self._unfolded.shifts) if request.gradient else 0)

    @cached_property
    def _compiled(self) -> Compiled:
        return self._backend.compile(self._unfolded.program)

    def _state(self, request: Request, point: int) -> Complex:
        """The state at one set of angles; the latest is kept, for all its groups come in a row."""
        angles = self._unfolded.angles(request.point)
        if point:
            shift = self._unfolded.shifts[point - 1]
            angles[shift.angle] += shift.by
        key = angles.tobytes()
        if self._latest[0] != key:
            self._latest = (key, self._compiled.state(angles))
        return self._latest[1]
