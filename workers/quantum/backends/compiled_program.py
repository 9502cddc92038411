"""Programs of loops on a simulated device: compiled once with free parameters, run exactly or by shots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shared.circuits.active import operations
from shared.circuits.binding import bound
from shared.circuits.instruction import Barrier, Gate, Instruction, Measure, Unitary, moved
from shared.circuits.record import touched
from shared.quantum.devices import Device
from workers.quantum.compiler import Options, compile
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float, Program
from workers.quantum.simulation.lowering.standard_gates import parametrized
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.programs import MixedProgram
from workers.quantum.simulation.noise.trajectories import Trajectories
from workers.quantum.simulation.statevector.sampling import Group


class CompiledProgram:
    """A program on a device, on the device's qubits that it uses.

    Args:
        program: the program.
        device: the device.
        options: options of the compiler.
    """

    def __init__(self, program: Program, device: Device, options: Options) -> None:
        self.program = program
        made = compile(parametrized(program), device, options)
        used = sorted(touched(made.record.instructions)[0].union(made.final))
        places = {site: place for place, site in enumerate(used)}
        body = [
            moved(item, places)
            for item in made.record.instructions
            if isinstance(item, Gate | Unitary | Barrier)
        ]
        self._record = replace(made.record, n_qubits=len(used), instructions=tuple(body))
        self._final = tuple(places[site] for site in made.final)
        performed = [*operations(made.record.to_json()["instructions"])]
        noise = device.noise_of([*performed, *(("measure", (site,)) for site in made.final)])
        self._noise = self._before_reading = None
        if noise is not None:
            self._noise = NoiseModel(noise.document, used, device.n_qubits)
            self._before_reading = NoiseModel({**noise.document, "readout": []}, used, device.n_qubits)

    def engine(self, observable: PauliSum | None) -> MixedProgram:
        """Return the program with an observable on its own qubits, ready to run."""
        wide = None if observable is None else self._moved(observable)
        return MixedProgram.of_record(self._record, wide, self._noise, self._final)

    def sampled(
        self, point: Float, group: Group, shots: int, rng: np.random.Generator
    ) -> tuple[float, float]:
        """Return the mean of a group of terms over noisy trajectories, and the variance of that mean.

        Each shot is one trajectory. The change of basis and the reading have no errors, so that the mean
        is that of the exact expectation value; see `workers.quantum.simulation.statevector.sampling.Group`.
        """
        width = self.program.n_qubits
        place = np.arange(width - 1, -1, -1)
        turns, turned_y = (mask >> place & 1 for mask in (group.x, group.y))
        last: list[Instruction] = []
        for qubit, site in enumerate(self._final):
            if turned_y[qubit]:
                last.append(Gate("sdg", (site,), (), noiseless=True))
            if turns[qubit]:
                last.append(Gate("h", (site,), (), noiseless=True))
            last.append(Measure(site, qubit))
        body = bound(self._record, point.tolist())
        record = replace(
            body, registers=(("read", width),), memory=0, instructions=(*body.instructions, *last)
        )
        runs = Trajectories(record, self._before_reading, {}, int(rng.integers(1 << 62)))
        outcomes, _ = runs.block(0, shots)
        supports = group.supports[:, None] >> place & 1
        values = (1 - 2 * (outcomes @ supports.T.astype(np.int64) % 2)) @ group.coefficients
        mean = float(values.mean())
        return mean, float(np.square(values - mean).sum()) / max(shots - 1, 1) / shots

    def _moved(self, observable: PauliSum) -> PauliSum:
        terms = []
        for string, coefficient in observable.terms():
            letters = ["I"] * self._record.n_qubits
            for qubit, letter in enumerate(string):
                letters[self._final[qubit]] = letter
            terms.append(("".join(letters), coefficient))
        return PauliSum.from_terms(terms)
