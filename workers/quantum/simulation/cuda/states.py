"""States of a program on the device, from the starting state to results; only results are downloaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cuda import measurement
from workers.quantum.simulation.cuda.device import Buffer, Device
from workers.quantum.simulation.cuda.groups import Groups
from workers.quantum.simulation.cuda.launcher import Launcher
from workers.quantum.simulation.cuda.schedule import Launch, Schedule
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.cuda.tables import AMPLITUDE, Numbers, Steps, Terms
from workers.quantum.simulation.cuda.tiling import Tiling
from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.lowering.flat import FlatProgram

ANGLE = 3


@dataclass(frozen=True, eq=False)
class Course:
    """A schedule with its rows on the device, run forward or undone."""

    schedule: Schedule
    steps: Steps
    back: bool

    @classmethod
    def of(cls, program: FlatProgram, tiling: Tiling, device: Device, *, back: bool) -> Course:
        """Order and upload a program's rows."""
        schedule = Schedule.of(program, tiling)
        return cls(schedule, Steps.of(device, schedule), back)

    def blocks(self, launch: Launch) -> int:
        """Return the number of blocks of a launch, for one state."""
        tiling = self.schedule.tiling
        return tiling.wide_blocks if launch.wide else tiling.blocks


class DeviceStates:
    """A batch of states of one program.

    Args:
        program: The flat program.
        groups: The observable, or None.
        device: The device.
        precision: Precision of the amplitudes; sums are in double.
        tilings: Tilings for forward runs and for undoing on ket and bra.

    Attributes:
        amplitude: Type of the amplitudes.
        capacity: Number of allocated states; grows with larger batches.

    Raises:
        WideGateError: A fixed gate on more qubits than a row can hold.
    """

    def __init__(
        self,
        program: FlatProgram,
        groups: Groups | None,
        device: Device,
        precision: Precision,
        tilings: tuple[Tiling, Tiling],
    ) -> None:
        self._program, self._device = program, device
        self._launch = Launcher(device, precision, tilings[0].threads)
        self.amplitude = AMPLITUDE[precision]
        self._size = 1 << program.n_qubits
        self._blocks = tilings[0].wide_blocks
        self._forward = Course.of(program, tilings[0], device, back=False)
        self._back_tiling = tilings[1]
        self._back: Course | None = None
        self._numbers = Numbers.of(device, program.product, self._forward.schedule.pools, self.amplitude)
        self._terms = None if groups is None else Terms.of(device, groups)
        self.capacity = 0
        self._bra: Buffer | None = None

    def run(self, thetas: Float) -> None:
        """Compute the final states, up to the global phase; thetas: float64[batch, n_parameters]."""
        self._reserve(len(thetas))
        self._set_angles(thetas)
        launches = self._forward.schedule.launches
        if not launches or launches[0].wide:
            arguments = [self._kets, self._numbers.product, self._program.n_qubits]
            self._launch("prepare", (self._blocks, len(thetas)), arguments)
        for number, launch in enumerate(launches):
            self._step(self._forward, launch, len(thetas), fresh=number == 0, keep=True)

    def energies(self, batch: int) -> Float:
        """Return the expectation values of the first states, float64[batch]."""
        self._observe(batch, None)
        return self._device.download(self._energies, batch)

    def energy_and_slopes(self) -> tuple[float, Float]:
        """Return the expectation value of the first state and derivatives by the angles, float64[angles].

        The state is overwritten.
        """
        course = self._course_back()
        schedule = course.schedule
        self._observe(1, self._bra)
        totals = self._device.empty(max(1, len(schedule.record_angle)), np.float64)
        partials = self._device.empty(max(1, schedule.partial_count()), np.float64)
        for number, launch in reversed(list(enumerate(schedule.launches))):
            self._step(course, launch, 1, keep=number > 0, partials=partials)
            if launch.n_records:
                self._launch.total(
                    partials, totals, course.blocks(launch), launch.n_records, launch.first_record
                )
        energy = float(self._device.download(self._energies, 1)[0])
        slopes = self._device.download(totals, len(schedule.record_angle))
        return energy, np.bincount(schedule.record_angle, slopes, self._n_angles)

    def amplitudes(self, batch: int) -> Complex:
        """Return the first states [batch, 2^n], up to the global phase."""
        return self._device.download(self._kets, batch * self._size).reshape(batch, self._size)

    def probabilities(self) -> Float:
        """Return the probabilities of the basis states in the first state, float64[2^n]."""
        return measurement.probabilities(self._launch, self._kets, self._size, self._blocks)

    def sample(self, draws: Float) -> NDArray[np.int64]:
        """Return basis indices of the first state at these draws from [0, 1), int64[shots]."""
        return measurement.sample(self._launch, self._kets, self._size, self._blocks, draws)

    @property
    def _n_angles(self) -> int:
        return len(self._program.angle_offsets)

    def _reserve(self, batch: int) -> None:
        if batch <= self.capacity:
            return
        # Free the old buffers first, so that old and new never coexist.
        self._kets = self._phasors = self._angles = None
        self._kets = self._device.empty(batch * self._size, self.amplitude)
        self._angles = self._device.empty(batch * self._n_angles * ANGLE, np.float64)
        self._phasors = self._device.empty(max(1, batch * self._numbers.n_phasors), self.amplitude)
        self._shares = self._device.empty(batch * self._blocks, np.float64)
        self._energies = self._device.empty(batch, np.float64)
        self.capacity = batch

    def _course_back(self) -> Course:
        if self._bra is None:
            self._bra = self._device.empty(self._size, self.amplitude)
        if self._back is None:
            self._back = Course.of(self._program, self._back_tiling, self._device, back=True)
        return self._back

    def _set_angles(self, thetas: Float) -> None:
        angles = np.array([self._program.angles(theta) for theta in thetas])
        table = np.stack([angles, np.cos(angles / 2), np.sin(angles / 2)], axis=-1)
        self._device.refill(self._angles, table.ravel())
        numbers = self._numbers
        if numbers.n_phasors:
            grid = (-(-numbers.n_phasors // self._launch.threads), len(thetas))
            of = [numbers.values, numbers.phasor_value, numbers.phasor_angle]
            to = [self._phasors, numbers.n_phasors]
            self._launch("fill_phasors", grid, [self._angles, self._n_angles, *of, *to])

    def _observe(self, batch: int, images: Buffer | None) -> None:
        terms = self._terms
        if terms is None:
            raise LookupError("no observable")
        states = [self._kets, images, self._program.n_qubits]
        groups = [terms.flips, terms.firsts, terms.splits, terms.n_groups, terms.zs, terms.coefficients]
        self._launch("observe", (self._blocks, batch), [*states, *groups, self._shares])
        self._launch.total(self._shares, self._energies, self._blocks, batch)

    def _step(
        self,
        course: Course,
        launch: Launch,
        batch: int,
        *,
        fresh: bool = False,
        keep: bool,
        partials: Buffer | None = None,
    ) -> None:
        """Run one launch of a course.

        Args:
            course: Its course.
            launch: The launch.
            batch: Number of states.
            fresh: Whether the kets are the starting state, and are not read.
            keep: Whether its result is needed.
            partials: Buffer for the derivatives' partial sums.
        """
        tiling, steps, numbers = course.schedule.tiling, course.steps, self._numbers
        n_qubits, grid = self._program.n_qubits, (course.blocks(launch), batch)
        states = [self._kets, self._bra if course.back else None]
        pools = [
            *(self._angles, self._n_angles, numbers.matrices, steps.elements, numbers.rotations),
            *(self._phasors, numbers.n_phasors, numbers.values, numbers.levels),
        ]
        records = [partials, launch.first_record, launch.n_records]
        if launch.wide:
            arguments = [*states, steps.rows, launch.first, n_qubits, *pools, *records]
            self._launch.step("run_wide", course.back, grid, arguments)
            return
        rows = [numbers.product, steps.rows, launch.first, launch.end]
        tile = [steps.layouts, launch.layout, tiling.bits, tiling.low, n_qubits, int(fresh), int(keep)]
        tile_bytes = self.amplitude.itemsize * (2 if course.back else 1)
        arguments = [*states, *rows, *tile, *pools, *records]
        self._launch.step("run_tiles", course.back, grid, arguments, tiling.shared_bytes(tile_bytes))
