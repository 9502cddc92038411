"""Devices simulated with the noise of their calibration: circuits are compiled, reduced, then run.

Errors follow gates and resets as in `novacron.specs.calibration`, and readout; idle qubits have none. The
result is exact up to `devices.EXACT_QUBITS` qubits that the compiled circuit uses; above that Clifford
circuits run on a tableau, with their noise Pauli-twirled, and others by trajectories.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from novacron.specs.base import DEFAULT_LEVEL
from shared.circuits.active import operations
from shared.circuits.record import CircuitRecord, touched
from shared.quantum import devices
from shared.quantum.backends import BACKENDS
from shared.quantum.devices import Device
from shared.quantum.wants import Want
from workers.quantum import backends
from workers.quantum.backends import programs
from workers.quantum.backends.asked import Questions
from workers.quantum.backends.base import Backend, Control, Local, Plan, refuse
from workers.quantum.backends.batch import Batch, Fields, Pub, Terms
from workers.quantum.backends.compiled_program import CompiledProgram
from workers.quantum.backends.device_programs import AveragedOnDevice, ReadOnDevice, SampledOnDevice
from workers.quantum.backends.executed import unasked
from workers.quantum.backends.measured import last, measured
from workers.quantum.backends.narrow import Narrow
from workers.quantum.backends.questions import Question
from workers.quantum.backends.records import seed_of
from workers.quantum.compiler import Compiled, Options, compile
from workers.quantum.simulation.circuits import clifford
from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.ir.refusal import CircuitError, LimitError, UnsupportedError
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.programs import MixedProgram
from workers.runtime import memory


class Fake(Local):
    """One simulated device.

    Args:
        device: its name.
        optimization_level: effort of the compilation of programs.
    """

    name = "fake"

    def __init__(self, device: str = "", optimization_level: int = DEFAULT_LEVEL) -> None:
        self._name, self._level = device, optimization_level
        self._compiled: Latest[CompiledProgram] = Latest()

    @cached_property
    def _device(self) -> Device:
        return devices.load(self._name)

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`; circuits are compiled when they first run."""
        if batch.of_programs:
            return programs.prepare(self, batch, lambda _, pub: self._asked(batch, pub))
        refuse(self.name, batch.want, BACKENDS[self.name].circuits)
        if batch.noise is not None:
            raise UnsupportedError(f"{self.name} applies the noise of its device, and no other")
        n_bytes = max((self._checked(batch, pub) for pub in batch.pubs), default=0)
        return Plan(
            batch, Questions(batch, lambda number, pub: [OnDevice(self._device, batch, number)]), n_bytes
        )

    def _asked(self, batch: Batch, pub: Pub) -> Iterator[Question]:
        """Yield the questions about a program: sampled if there are estimates or too many qubits."""
        program, rest = cast("Program", pub.circuit), batch.want - {Want.ESTIMATES}

        def compiled() -> CompiledProgram:
            return self._of(program)

        if Want.ESTIMATES in batch.want:
            yield SampledOnDevice(compiled, batch, pub)
        if program.n_qubits <= devices.EXACT_QUBITS:
            yield from programs.asked(self, replace(batch, want=rest), pub)
            return
        if rest & {Want.EXPECTATIONS, Want.GRADIENTS}:
            yield AveragedOnDevice(compiled, batch)
        if Want.SAMPLES in rest:
            yield ReadOnDevice(compiled)
        if Want.PROBABILITIES in rest:
            n, most = program.n_qubits, devices.EXACT_QUBITS
            raise LimitError(f"{n} qubits; probabilities on {self._name} are of up to {most}", n, most)

    def _checked(self, batch: Batch, pub: Pub) -> int:
        """Return the peak memory of a circuit's run in bytes, after checking that it is available.

        Raises:
            LimitError: too many qubits.
            CircuitError: some parameters have no values.
            ResourceExhaustedError: too little memory is free.
        """
        pub.check()
        record = cast("CircuitRecord", pub.circuit)
        for owner, most in ((self.name, BACKENDS[self.name].max_qubits), (self._name, self._device.size)):
            if record.n_qubits > most:
                message = f"the circuit has {record.n_qubits} qubits; {owner} takes up to {most}"
                raise LimitError(message, record.n_qubits, most)
        if len(record.parameters) != pub.points.shape[-1]:
            raise CircuitError(f"the circuit's parameters {', '.join(record.parameters)} have no values")
        used = len(touched(record.instructions)[0]) if record.measures() else record.n_qubits
        wanted = BACKENDS[devices.simulator(used, clifford=_is_clifford(record))].memory_bytes(used)
        memory.check(wanted)
        return wanted

    def check(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> int:
        """See `workers.quantum.backends.programs.Simulator`."""
        n, sampled = program.n_qubits, BACKENDS["trajectories"]
        most = min(sampled.max_qubits, self._device.size)
        if n > most:
            raise LimitError(f"{n} qubits; loops on {self._name} run on up to {most}", n, most)
        wanted = sampled.memory_bytes(n)
        if n <= devices.EXACT_QUBITS:
            wanted = BACKENDS[self.name].memory_bytes(n) + (8 * len(program.ops) << 2 * n)
        memory.check(wanted)
        return wanted

    def engine(self, program: Program, observable: PauliSum | None, noise: NoiseModel | None) -> MixedProgram:
        """See `workers.quantum.backends.programs.Simulator`; a program is compiled once."""
        return self._of(program).engine(observable)

    def _of(self, program: Program) -> CompiledProgram:
        options = Options(level=self._level)
        return self._compiled.get(id(program), lambda: CompiledProgram(program, self._device, options))


class OnDevice:
    """One circuit on a device; see `workers.quantum.backends.questions.Question`.

    Args:
        device: the device.
        batch: the batch.
        number: number of its pub in the batch.
    """

    def __init__(self, device: Device, batch: Batch, number: int) -> None:
        self._device, self._number = device, number
        self._record = cast("CircuitRecord", batch.pubs[number].circuit)
        self._options = Options(level=batch.optimization_level, seed=batch.seed)

    @cached_property
    def _compiled(self) -> Compiled:
        return compile(measured(self._record), self._device, self._options)

    @cached_property
    def _narrow(self) -> Narrow:
        record = self._compiled.record
        noise = self._device.noise_of(operations(record.to_json()["instructions"]))
        return Narrow(record, None if noise is None else noise.document)

    @cached_property
    def _simulator(self) -> Backend:
        record = self._narrow.record
        return backends.load(devices.simulator(record.n_qubits, clifford=_is_clifford(record)))

    def _plan(self, batch: Batch, pub: Pub) -> Plan:
        observables = np.empty(pub.observables.shape, dtype=object)
        for place, terms in np.ndenumerate(pub.observables):
            observables[place] = self._narrow.observable(self._moved(terms))
        mine = Pub(self._narrow.record, pub.points, observables)
        seed = seed_of(batch.seed, self._number, 0)
        return self._simulator.prepare(replace(batch, pubs=(mine,), seed=seed, noise=self._narrow.noise))

    def _moved(self, terms: Terms) -> Terms:
        """Return a sum of Pauli strings on the device's qubits."""
        found = []
        for string, coefficient in terms:
            letters = ["I"] * self._device.n_qubits
            for qubit, letter in enumerate(string):
                letters[self._compiled.final[qubit]] = letter
            found.append(("".join(letters), coefficient))
        return found

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return the number of units of the simulator."""
        return self._plan(batch, pub).n_units

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> Any:
        """Return the simulator's share."""
        plan = self._plan(batch, pub)
        with unasked():
            return self._simulator.run(plan, units, control)

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[Any], control: Control) -> Fields:
        """Return the simulator's answer, with readings of all qubits."""
        (answer,) = self._simulator.merge(self._plan(batch, pub), parts, control)
        told: Fields = {
            "notes": {**answer.notes, "simulated_by": self._simulator.name},
            "compilation": self._compiled.metadata,
        }
        if answer.expectations is not None:
            told["expectations"] = answer.expectations
        if answer.variances is not None:
            told["variances"] = answer.variances
        if answer.counts is not None:
            told["counts"] = self._whole("counts", answer.counts, batch.seed)
        if answer.distributions is not None:
            told["distributions"] = self._whole("probabilities", answer.distributions, batch.seed)
        return told

    def _whole(self, name: str, listed: NDArray[Any], seed: int) -> NDArray[Any]:
        """Return the outcomes at each point, including readings of idle qubits."""
        whole = np.empty(listed.shape, dtype=object)
        for point, (place, outcomes) in enumerate(np.ndenumerate(listed)):
            if outcomes is not None:
                found = self._narrow.widened({name: outcomes}, seed_of(seed, self._number, point))[name]
                whole[place] = found if self._record.measures() else last(found, self._record.n_qubits)
        return whole


def _is_clifford(record: CircuitRecord) -> bool:
    """Return whether every gate is a Clifford gate, at any point."""
    try:
        clifford.check(record.instructions)
    except (clifford.NotCliffordError, CircuitError):
        return False
    return not record.parameters
