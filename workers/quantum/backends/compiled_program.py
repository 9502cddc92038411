"""Programs of loops on a simulated device: compiled once with free parameters, then run exactly."""

from __future__ import annotations

from dataclasses import replace

from shared.circuits.active import operations
from shared.circuits.instruction import Barrier, Gate, Unitary, moved
from shared.circuits.record import touched
from shared.quantum.devices import Device
from workers.quantum.compiler import Options, compile
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.lowering.standard_gates import parametrized
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.programs import MixedProgram


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
        self._noise = None if noise is None else NoiseModel(noise.document, used, device.n_qubits)

    def engine(self, observable: PauliSum | None) -> MixedProgram:
        """Return the program with an observable on its own qubits, ready to run."""
        wide = None if observable is None else self._moved(observable)
        return MixedProgram.of_record(self._record, wide, self._noise, self._final)

    def _moved(self, observable: PauliSum) -> PauliSum:
        terms = []
        for string, coefficient in observable.terms():
            letters = ["I"] * self._record.n_qubits
            for qubit, letter in enumerate(string):
                letters[self._final[qubit]] = letter
            terms.append(("".join(letters), coefficient))
        return PauliSum.from_terms(terms)
