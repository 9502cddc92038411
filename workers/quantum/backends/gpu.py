"""Exact simulation of programs on a CUDA device: all amplitudes, in double or single precision."""

from __future__ import annotations

from workers.quantum.backends import programs
from workers.quantum.backends.base import Local, Plan
from workers.quantum.backends.batch import Batch
from workers.quantum.simulation.cuda.device import Device, open_device
from workers.quantum.simulation.cuda.engine import DeviceEngine
from workers.quantum.simulation.cuda.memory import MemoryPlan
from workers.quantum.simulation.cuda.rows import MAX_GATE
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.cuda.tables import AMPLITUDE
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program, Unitary
from workers.quantum.simulation.ir.refusal import MemoryLimitError, UnsupportedError
from workers.quantum.simulation.noise.model import NoiseModel
from workers.runtime.outcome import UserError


class Gpu(Local):
    """The state-vector backend on a CUDA device.

    Args:
        memory_limit: Maximum device memory of a compiled program in bytes; None for what is free at
            compilation.
        precision: "double" or "single" (32-bit parts, sums in double; energies to about 1e-6).
        device: Where to run; None for CuPy's CUDA device, which is opened by the first `prepare`.

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

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`.

        Raises:
            NoDeviceError: CuPy finds no device.
        """
        if not batch.of_programs:
            raise UnsupportedError(f"{self.name} runs no circuit records; use statevector")
        return programs.prepare(self, batch)

    def check(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> int:
        """See `workers.quantum.backends.programs.Simulator`."""
        wide = [len(op.qubits) for op in program.ops if isinstance(op, Unitary) and len(op.qubits) > MAX_GATE]
        if wide:
            raise UnsupportedError(f"{self.name} runs gates on up to {MAX_GATE} qubits, not {wide[0]}")
        device, wanted = self._open(), self._memory(program, observable).wanted
        had = self._memory_limit if self._memory_limit is not None else device.free_bytes()
        if wanted > had:
            raise MemoryLimitError(
                f"{program.n_qubits} qubits want {wanted:,} bytes of device memory, {device.name} has "
                f"{had:,}; use fewer qubits or a device with more memory",
                wanted,
                had,
            )
        return wanted

    def engine(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> DeviceEngine:
        """See `workers.quantum.backends.programs.Simulator`."""
        return DeviceEngine(
            program, observable, self._precision, self._open(), self._memory(program, observable)
        )

    def _open(self) -> Device:
        self._device = self._device or open_device()
        return self._device

    def _memory(self, program: Program, observable: PauliSum | None) -> MemoryPlan:
        return MemoryPlan.of(program, observable, AMPLITUDE[self._precision].itemsize)
