"""Programs on a CUDA device: full state vectors, in double or single precision."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cuda.device import Device
from workers.quantum.simulation.cuda.groups import Groups
from workers.quantum.simulation.cuda.memory import MemoryPlan
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.cuda.states import DeviceStates
from workers.quantum.simulation.cuda.tables import AMPLITUDE
from workers.quantum.simulation.cuda.tiling import Tiling
from workers.quantum.simulation.ir.engine import checked
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float, Program
from workers.quantum.simulation.lowering.flat import flatten


class DeviceEngine:
    """A program on a device; see `workers.quantum.simulation.ir.engine.Engine`.

    Args:
        program: The program.
        observable: The observable, None for none.
        precision: "double" or "single".
        device: The device.
        plan: Its memory plan.

    Raises:
        WideGateError: A fixed gate on too many qubits.
    """

    def __init__(
        self,
        program: Program,
        observable: PauliSum | None,
        precision: Precision,
        device: Device,
        plan: MemoryPlan,
    ) -> None:
        self.n_qubits = program.n_qubits
        self.n_parameters = program.n_parameters
        self._flat = flatten(program)
        self._observed = observable is not None
        groups = None if observable is None else Groups.of(observable)
        tilings = _tilings(device, program.n_qubits, AMPLITUDE[precision].itemsize)
        self._states = DeviceStates(self._flat, groups, device, precision, tilings)
        self._plan = plan
        self._device = device

    def energies(self, thetas: Float) -> Float:
        """Return expectation values: float64[batch, n_parameters] -> float64[batch]."""
        self._need_observable()
        found = [self._states.energies(len(part)) for part in self._parts(thetas)]
        return np.concatenate([np.empty(0), *found])

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Return the expectation value and its exact derivatives float64[n_parameters]."""
        self._need_observable()
        self._states.run(checked(self.n_parameters, _row(theta)))
        energy, slopes = self._states.energy_and_slopes()
        return energy, self._flat.gradient(slopes)

    def states(self, thetas: Float) -> Complex:
        """Return final states: float64[batch, n_parameters] -> complex[batch, 2^n] of the precision."""
        result: Complex = np.empty((len(thetas), 1 << self.n_qubits), self._states.amplitude)
        first = 0
        for part in self._parts(thetas):
            rows = result[first : first + len(part)]
            rows[:] = self._states.amplitudes(len(part))
            rows *= np.exp([[-0.5j * self._flat.angles(theta)[0]] for theta in part])
            first += len(part)
        return result

    def probabilities(self, theta: Float) -> Float:
        """Return the probabilities of the basis states, float64[2^n]."""
        self._states.run(checked(self.n_parameters, _row(theta)))
        return self._states.probabilities()

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return basis indices of `shots` measurements of all qubits, int64[shots].

        Raises:
            ValueError: Fewer than 1 shot.
        """
        if shots < 1:
            raise ValueError(f"shots must be at least 1, not {shots}")
        self._states.run(checked(self.n_parameters, _row(theta)))
        return self._states.sample(rng.random(shots))

    def _parts(self, thetas: Float) -> Iterator[Float]:
        """Run the points in parts that fit the device; yield each part after its run."""
        points = checked(self.n_parameters, thetas)
        size = max(1, len(points))
        if size > max(1, self._states.capacity):
            size = self._plan.batch(size, self._device.free_bytes())
        for first in range(0, len(points), size):
            part = points[first : first + size]
            self._states.run(part)
            yield part

    def _need_observable(self) -> None:
        if not self._observed:
            raise LookupError("the program was compiled without an observable")


def _row(theta: Float) -> Float:
    return np.reshape(theta, (1, -1))


def _tilings(device: Device, n_qubits: int, amplitude_bytes: int) -> tuple[Tiling, Tiling]:
    """Return the tilings for forward runs, and for undoing on ket and bra."""
    forward = Tiling.fitting(n_qubits, device.shared_bytes, amplitude_bytes)
    return forward, Tiling.fitting(n_qubits, device.shared_bytes, 2 * amplitude_bytes)
