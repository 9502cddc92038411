"""Exact simulation of mixed states in double precision: programs, and circuit records with their noise."""

from __future__ import annotations

from workers.quantum.backends import programs, records
from workers.quantum.backends.base import Local, Plan
from workers.quantum.backends.batch import Batch
from workers.quantum.backends.mixed_circuit import MixedCircuit
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.ir.refusal import LimitError
from workers.quantum.simulation.noise import programs as mixed_programs
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.programs import MAX_QUBITS, MixedProgram
from workers.runtime import memory


class DensityMatrix(Local):
    """The density-matrix backend."""

    name = "density_matrix"

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`; all but counts, samples and estimates is exact."""
        if batch.of_programs:
            return programs.prepare(self, batch)
        return records.prepare(MixedCircuit(), batch)

    def check(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> int:
        """See `workers.quantum.backends.programs.Simulator`."""
        n = program.n_qubits
        if n > MAX_QUBITS:
            raise LimitError(f"{n} qubits; {self.name} runs loops of up to {MAX_QUBITS}", n, MAX_QUBITS)
        mixed_programs.check(program)
        memory.check(wanted := mixed_programs.memory_bytes(program))
        return wanted

    def engine(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> MixedProgram:
        """See `workers.quantum.backends.programs.Simulator`."""
        return MixedProgram.of(program, observable, noise)
