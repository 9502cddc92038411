"""Programs of loops on a simulated device, compiled once with free parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shared.circuits.binding import bound
from shared.circuits.instruction import Gate, Measure
from shared.quantum.devices import Device
from workers.quantum.backends.placed import placed
from workers.quantum.compiler import Options
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float, Program
from workers.quantum.simulation.lowering.standard_gates import parametrized
from workers.quantum.simulation.noise.averages import Averages
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
        made = placed(parametrized(program), device, options)
        self._record, self._final = made.record, made.final
        document = made.document
        self._noise = made.noise(document)
        self._before_reading = made.noise(None if document is None else {**document, "readout": []})

    def engine(self, observable: PauliSum | None) -> MixedProgram:
        """Return the program with an observable on its own qubits, ready to run."""
        wide = None if observable is None else self._moved(observable)
        return MixedProgram.of_record(self._record, wide, self._noise, self._final)

    def averages(self, observable: PauliSum) -> Averages:
        """Return an observable on the program's own qubits, ready to be averaged over trajectories."""
        return Averages(self._record, self._moved(observable), self._before_reading)

    def read(self, point: Float, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return basis indices read in `shots` trajectories, with errors of the readout."""
        outcomes = self._outcomes(point, (), self._noise, shots, rng)
        return outcomes.astype(np.int64) @ (1 << self._places)

    def sampled(
        self, point: Float, group: Group, shots: int, rng: np.random.Generator
    ) -> tuple[float, float]:
        """Return the mean of a group of terms over noisy trajectories, and the variance of that mean.

        Each shot is one trajectory. The change of basis and the reading have no errors, so that the mean
        is that of the exact expectation value; see `workers.quantum.simulation.statevector.sampling.Group`.
        """
        turns, turned_y = (mask >> self._places & 1 for mask in (group.x, group.y))
        last = []
        for qubit, site in enumerate(self._final):
            if turned_y[qubit]:
                last.append(Gate("sdg", (site,), (), noiseless=True))
            if turns[qubit]:
                last.append(Gate("h", (site,), (), noiseless=True))
        outcomes = self._outcomes(point, last, self._before_reading, shots, rng)
        supports = group.supports[:, None] >> self._places & 1
        values = (1 - 2 * (outcomes @ supports.T.astype(np.int64) % 2)) @ group.coefficients
        mean = float(values.mean())
        return mean, float(np.square(values - mean).sum()) / max(shots - 1, 1) / shots

    @property
    def _places(self) -> NDArray[np.int64]:
        """Bit of each qubit in a basis index."""
        return np.arange(self.program.n_qubits - 1, -1, -1)

    def _outcomes(
        self,
        point: Float,
        last: Sequence[Gate],
        noise: NoiseModel | None,
        shots: int,
        rng: np.random.Generator,
    ) -> NDArray[np.uint8]:
        """Return the bits read from the program's qubits after some last gates, uint8[shots, n_qubits]."""
        body = bound(self._record, point.tolist())
        reading = (Measure(site, qubit) for qubit, site in enumerate(self._final))
        record = replace(
            body,
            registers=(("read", self.program.n_qubits),),
            memory=0,
            instructions=(*body.instructions, *last, *reading),
        )
        outcomes, _ = Trajectories(record, noise, {}, int(rng.integers(1 << 62))).block(0, shots)
        return outcomes

    def _moved(self, observable: PauliSum) -> PauliSum:
        terms = []
        for string, coefficient in observable.terms():
            letters = ["I"] * self._record.n_qubits
            for qubit, letter in enumerate(string):
                letters[self._final[qubit]] = letter
            terms.append(("".join(letters), coefficient))
        return PauliSum.from_terms(terms)
