"""QAOA: the expected loss of a layered circuit, exact or as a mean over trajectories, with its gradient.

Source: Farhi, Goldstone, Gutmann, arXiv:1411.4028.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from shared.quantum import cost
from shared.quantum.backends import BACKENDS
from workers.quantum.ansatz.base import Parameter
from workers.quantum.backends.base import Backend
from workers.quantum.backends.expectation import Expectation
from workers.quantum.objective import End, Evaluation, Frequencies, Request, Screen, Stage, Vector
from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, DiagonalPhase, Program, RXLayer, Unitary
from workers.quantum.simulation.lowering.standard_gates import sizes
from workers.quantum.variational import spectrum
from workers.quantum.variational.averaged import Averaged, Means
from workers.quantum.variational.ising import Ising
from workers.quantum.variational.natural import Tangents

RAMP = 0.6
HADAMARD = np.array([[1.0, 1.0], [1.0, -1.0]], dtype=np.complex128) * 0.5**0.5


@dataclass
class Qaoa:
    """The expected loss over the angles of any number of layers.

    A point of p layers is [gamma_1 * scale, ..., gamma_p * scale, beta_1, ..., beta_p] with the problem's
    `scale`, which makes good angles similar for all problems; layer l is exp(-i beta_l sum X) exp(-i gamma_l
    gain), layer 1 first, on the uniform superposition.

    Attributes:
        problem: the maximised problem.
        backend: backend of the circuits.
        layers: p, of the last stage.
        init: initialization of the starts: "linear_ramp", "interp" or "random".
        differentiable: gradients are exact.
        natural: natural gradients are exact.
        stochastic: expectations are exact.
        constant: the loss's mean over all bitstrings.
        unit: its standard deviation over them; 1 if it is constant.
    """

    problem: Ising
    backend: Backend
    layers: int
    init: str = "linear_ramp"
    differentiable: ClassVar[bool] = True
    natural: ClassVar[bool] = True
    stochastic: ClassVar[bool] = False
    _losses: Latest[Expectation] = field(default_factory=Latest)
    _moving: Latest[Tangents] = field(default_factory=Latest)

    @cached_property
    def _whole_loss(self) -> PauliSum:
        return self.problem.loss()

    @cached_property
    def loss(self) -> PauliSum:
        """Minus the gain, without its constant: the minimised function."""
        return self._whole_loss.traceless()

    @cached_property
    def constant(self) -> float:
        """Coefficient of the identity in the loss."""
        return self._whole_loss.constant

    @cached_property
    def unit(self) -> float:
        """Standard deviation of the loss over all bitstrings; 1 if it is zero."""
        return self.loss.deviation or 1.0

    @cached_property
    def gain(self) -> Vector:
        """The gain of every bitstring above the problem's constant, float64[2^n]."""
        return 0.0 - self.loss.diagonal()

    def value(self, gain: float) -> float:
        """Return the reported value of a gain above the problem's constant."""
        return self.problem.value(gain - self.constant)

    def _expected(self, layers: int) -> Expectation:
        """Return the expected loss of so many layers; only the latest is cached, as buffers are large."""
        return self._losses.get(layers, lambda: Expectation(self.backend, self.circuit(layers), self.loss))

    def _tangents(self, layers: int) -> Tangents:
        return self._moving.get(layers, lambda: Tangents(self.circuit(layers), self.backend))

    def circuit(self, layers: int) -> Program:
        """Return the circuit of so many layers."""
        n = self.problem.n_spins
        ops: list[Any] = [Unitary((q,), HADAMARD) for q in range(n)]
        for layer in range(layers):
            ops.append(DiagonalPhase(self.gain, Angle.parameter(layer, 1.0 / self.problem.scale)))
            ops.append(RXLayer(Angle.parameter(layers + layer, 2.0)))
        return Program(n, 2 * layers, tuple(ops))

    def initial_point(self, loop: int, rng: np.random.Generator) -> Vector:
        """Return a start: start 0 is the ramp itself (or random), later starts are scattered around it."""
        depth = 1 if self.init == "interp" else self.layers
        if self.init == "random":
            return np.concatenate([rng.uniform(0.0, 2.0, depth), rng.uniform(0.0, np.pi / 2, depth)])
        ramp = linear_ramp(depth)
        return ramp if loop == 0 else ramp * rng.uniform(0.5, 1.5) + rng.normal(0.0, 0.1, ramp.size)

    def point_of(self, angles: Vector) -> Vector:
        """Return the point of these angles: float64[2p], gammas first."""
        gammas, betas = np.split(angles, 2)
        return np.concatenate([gammas * self.problem.scale, betas])

    def grow(self, stage: Stage, screen: Screen) -> Stage | End:
        """Add one layer with `interp`, until all layers are present."""
        if stage.point.size >= 2 * self.layers:
            return End()
        gammas, betas = np.split(stage.point, 2)
        return Stage(np.concatenate([interpolate(gammas), interpolate(betas)]))

    def frequencies(self, stage: Stage) -> list[Frequencies]:
        """Return the frequencies of the angles of the current layers."""
        return spectrum.of_parameters(self.circuit(stage.point.size // 2))

    def units(self, request: Request) -> int:
        """Return one: the circuit is simulated as a whole."""
        return 1

    def run_unit(self, request: Request, unit: int) -> list[float]:
        """Return the loss above the constant, and its gradient if requested."""
        layers = request.point.size // 2
        expected = self._expected(layers)
        if not request.gradient:
            return [expected.value(request.point)]
        loss, gradient = expected.value_and_gradient(request.point)
        if request.metric is not None:
            gradient = self._tangents(layers).natural(request.point, gradient, request.metric)
        return [loss, *gradient.tolist()]

    def combine(self, request: Request, results: Sequence[Sequence[float]]) -> Evaluation:
        """Return the only unit's result."""
        loss, *gradient = results[0]
        return Evaluation(loss, np.array(gradient) if request.gradient else None)

    def cost_s(self, request: Request) -> float:
        """Return the cost of a gate on every qubit and a phase per layer, tripled with the gradient."""
        if BACKENDS[self.backend.name].simulates_devices:
            circuit = self.circuit(request.point.size // 2)
            return cost.mixed_s(*sizes(circuit), circuit.n_qubits, gradient=request.gradient)
        return cost.qaoa_s(self.problem.n_spins, request.point.size // 2, gradient=request.gradient)

    def named(self, layers: int) -> list[Parameter]:
        """Return the angles of so many layers in the usual notation, gammas first."""
        turned = self.problem.loss().traceless().scaled(-1.0).written()
        mixer = " + ".join(f"X{q}" for q in range(self.problem.n_spins))
        gammas = [Parameter(f"gamma_{layer}", f"-i ({turned})") for layer in range(1, layers + 1)]
        return gammas + [Parameter(f"beta_{layer}", f"-i ({mixer})") for layer in range(1, layers + 1)]

    def point(self, parameters: Sequence[float]) -> Vector:
        """Return the point of gammas and betas in the usual notation, the inverse of `angles`."""
        half = len(parameters) // 2
        return np.array([*(gamma * self.problem.scale for gamma in parameters[:half]), *parameters[half:]])

    def angles(self, point: Sequence[float]) -> dict[str, list[float]]:
        """Return a point in the usual notation: gammas multiply the gain itself."""
        half = len(point) // 2
        return {"gammas": [gamma / self.problem.scale for gamma in point[:half]], "betas": list(point[half:])}


class AveragedQaoa(Averaged, Qaoa):
    """The expected loss on a noisy device and its gradient, as means over trajectories."""

    def __init__(self, problem: Ising, backend: Backend, layers: int, init: str, seed: int) -> None:
        super().__init__(problem, backend, layers, init)
        circuit = self.circuit
        self.means = Means(backend, self.loss, seed, lambda request: circuit(request.point.size // 2))


def linear_ramp(layers: int) -> Vector:
    """Return the point of a Trotterised anneal: gammas rise and betas fall linearly.

    Source: Sack, Serbyn, Quantum 5, 491 (2021), eq. 8.
    """
    rise = (np.arange(layers) + 0.5) / layers
    return np.concatenate([RAMP * rise, RAMP * (1.0 - rise)])


def interpolate(angles: Vector) -> Vector:
    """Interpolate angles of p layers to p + 1.

    Source: Zhou et al., Phys. Rev. X 10, 021067 (2020), eq. B1.
    """
    p = angles.size
    weight = np.arange(p + 1) / p
    return np.asarray(weight * np.append(0.0, angles) + (1.0 - weight) * np.append(angles, 0.0), np.float64)
