"""Exact simulation on a CUDA device: all amplitudes, in double or single precision."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workers.quantum.backends.base import Capabilities, LimitError, MemoryLimitError, UnsupportedError
from workers.quantum.simulation.cuda.device import Device, open_device
from workers.quantum.simulation.cuda.groups import Groups
from workers.quantum.simulation.cuda.memory import MemoryPlan
from workers.quantum.simulation.cuda.rows import WideGateError
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.cuda.states import DeviceStates
from workers.quantum.simulation.cuda.tables import AMPLITUDE
from workers.quantum.simulation.cuda.tiling import Tiling
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Complex,
    DiagonalPhase,
    Excitation,
    Float,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.simulation.lowering.flat import FlatProgram, flatten
from workers.runtime.outcome import UserError

MAX_QUBITS = 33
OPS = (Unitary, PauliRotation, Excitation, DiagonalPhase, RXLayer)


class Gpu:
    """The state-vector backend on a CUDA device.

    Args:
        memory_limit: Most bytes of device memory that a compiled program may take; None for what is free when
            it is compiled.
        precision: "double" or "single" (32-bit parts, sums in double; energies to about 1e-6).
        device: Where to run; None for the CUDA device that CuPy sees, which is opened by the first `compile`.

    Raises:
        UserError: Unknown precision.
    """

    name = "gpu"

    def __init__(
        self,
        memory_limit: int | None = None,
        precision: Precision = "double",
        device: Device | None = None,
    ) -> None:
        if precision not in AMPLITUDE:
            raise UserError(f"precision {precision!r}; choose double or single")
        self._device = device
        self._precision = precision
        self._memory_limit = memory_limit

    def capabilities(self) -> Capabilities:
        """What it can do, and its limits."""
        return Capabilities(
            max_qubits=MAX_QUBITS,
            gradients=True,
            shots=True,
            mid_circuit=False,
            noise=False,
            precision=AMPLITUDE[self._precision].name,
            gates=frozenset(op.__name__ for op in OPS),
        )

    def memory_bytes(self, program: Program, observable: PauliSum | None = None) -> int:
        """Upper bound of the peak memory on the device in bytes; nothing is allocated."""
        return self._plan(program, observable).wanted

    def compile(self, program: Program, observable: PauliSum | None = None) -> CompiledGpu:
        """Prepare a program.

        Raises:
            NoDeviceError: CuPy sees no device.
            LimitError: More than `MAX_QUBITS` qubits.
            MemoryLimitError: More memory wanted than the device has free.
            UnsupportedError: A fixed gate on too many qubits.
            ValueError: The observable acts on another number of qubits.
        """
        if program.n_qubits > MAX_QUBITS:
            message = f"{program.n_qubits} qubits; {self.name} takes at most {MAX_QUBITS}"
            raise LimitError(message, program.n_qubits, MAX_QUBITS)
        if observable is not None and observable.n_qubits != program.n_qubits:
            raise ValueError(
                f"the observable acts on {observable.n_qubits} qubits, the program on {program.n_qubits}"
            )
        device, plan = self._device or open_device(), self._plan(program, observable)
        self._check_memory(device, program.n_qubits, plan.wanted)
        flat, tilings = flatten(program), self._tilings(device, program.n_qubits)
        groups = None if observable is None else Groups.of(observable)
        try:
            states = DeviceStates(flat, groups, device, self._precision, tilings)
        except WideGateError as error:
            raise UnsupportedError(f"{self.name} does not run the program: {error}") from None
        return CompiledGpu(flat, groups is not None, states, plan, device)

    def _plan(self, program: Program, observable: PauliSum | None) -> MemoryPlan:
        return MemoryPlan.of(program, observable, AMPLITUDE[self._precision].itemsize)

    def _tilings(self, device: Device, n_qubits: int) -> tuple[Tiling, Tiling]:
        """For running forwards, and for undoing on ket and bra."""
        amplitude_bytes, shared = AMPLITUDE[self._precision].itemsize, device.shared_bytes
        forward = Tiling.fitting(n_qubits, shared, amplitude_bytes)
        return forward, Tiling.fitting(n_qubits, shared, 2 * amplitude_bytes)

    def _check_memory(self, device: Device, n_qubits: int, wanted: int) -> None:
        had = self._memory_limit if self._memory_limit is not None else device.free_bytes()
        if wanted > had:
            raise MemoryLimitError(
                f"{n_qubits} qubits want {wanted:,} bytes of device memory, {device.name} has {had:,}; "
                "use fewer qubits or a device with more memory",
                wanted,
                had,
            )


class CompiledGpu:
    """A program on the device; see `workers.quantum.backends.base.Compiled`."""

    def __init__(
        self, flat: FlatProgram, observed: bool, states: DeviceStates, plan: MemoryPlan, device: Device
    ) -> None:
        self.n_qubits = flat.n_qubits
        self.n_parameters = flat.n_parameters
        self._flat = flat
        self._observed = observed
        self._states = states
        self._plan = plan
        self._device = device

    def energy(self, theta: Float) -> float:
        """Expectation value of the observable at theta[n_parameters]."""
        return float(self.energies(_row(theta))[0])

    def energies(self, thetas: Float) -> Float:
        """Expectation values: float64[batch, n_parameters] -> float64[batch]."""
        self._need_observable()
        found = [self._states.energies(len(part)) for part in self._parts(thetas)]
        return np.concatenate([np.empty(0), *found])

    def energy_and_gradient(self, theta: Float) -> tuple[float, Float]:
        """Expectation value and its exact derivatives float64[n_parameters]."""
        self._need_observable()
        self._states.run(self._points(_row(theta)))
        energy, slopes = self._states.energy_and_slopes()
        return energy, self._flat.gradient(slopes)

    def state(self, theta: Float) -> Complex:
        """Final state complex128[2^n], or complex64 in single precision; global phase included."""
        state: Complex = self.states(_row(theta))[0]
        return state

    def states(self, thetas: Float) -> Complex:
        """Final states: float64[batch, n_parameters] -> [batch, 2^n], of the type of `state`."""
        result: Complex = np.empty((len(thetas), 1 << self.n_qubits), self._states.amplitude)
        first = 0
        for part in self._parts(thetas):
            rows = result[first : first + len(part)]
            rows[:] = self._states.amplitudes(len(part))
            rows *= np.exp([[-0.5j * self._flat.angles(theta)[0]] for theta in part])
            first += len(part)
        return result

    def probabilities(self, theta: Float) -> Float:
        """Probabilities of the basis states, float64[2^n]."""
        self._states.run(self._points(_row(theta)))
        return self._states.probabilities()

    def sample(self, theta: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Basis indices of `shots` measurements of all qubits, int64[shots].

        Raises:
            ValueError: Fewer than 1 shot.
        """
        if shots < 1:
            raise ValueError(f"shots must be at least 1, not {shots}")
        self._states.run(self._points(_row(theta)))
        return self._states.sample(rng.random(shots))

    def _parts(self, thetas: Float) -> Iterator[Float]:
        """The points in parts that fit the device, each after it was run."""
        points = self._points(thetas)
        size = max(1, len(points))
        if size > max(1, self._states.capacity):
            size = self._plan.batch(size, self._device.free_bytes())
        for first in range(0, len(points), size):
            part = points[first : first + size]
            self._states.run(part)
            yield part

    def _need_observable(self) -> None:
        if not self._observed:
            raise UnsupportedError("the program was compiled without an observable")

    def _points(self, thetas: Float) -> Float:
        points = np.ascontiguousarray(thetas, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != self.n_parameters:
            raise ValueError(f"theta has shape {points.shape[1:]}, not ({self.n_parameters},)")
        wrong = np.argwhere(~np.isfinite(points))
        if len(wrong):
            raise ValueError(f"theta[{wrong[0][1]}] is {points[tuple(wrong[0])]}, not a finite number")
        return points


def _row(theta: Float) -> Float:
    return np.reshape(theta, (1, -1))
