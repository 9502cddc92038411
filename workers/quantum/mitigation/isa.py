"""The compiled circuit that is mitigated, on its own qubits, with the noise of its backend."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.circuits.binding import bound
from shared.circuits.instruction import Barrier, Gate, Instruction, Measure, Unitary
from shared.circuits.record import CircuitRecord
from workers.quantum.simulation.noise.model import NoiseModel

REGISTER = "read"
TURNS = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
"""Basis changes before a measurement of the letter; they have no errors."""


@dataclass(frozen=True, eq=False)
class Isa:
    """A unitary circuit in the gates that its backend executes.

    Attributes:
        record: gates and barriers only; its parameters may be free.
        sites: its qubit of each letter of an observable.
        noise: noise model on its qubits, None for none.
    """

    record: CircuitRecord
    sites: tuple[int, ...]
    noise: NoiseModel | None = None

    @property
    def n_letters(self) -> int:
        """Length of the observables' Pauli strings."""
        return len(self.sites)

    def moved(self, letters: str) -> str:
        """Return a Pauli string on the circuit's own qubits."""
        found = ["I"] * self.record.n_qubits
        for site, letter in zip(self.sites, letters, strict=True):
            found[site] = letter
        return "".join(found)

    def at(self, point: tuple[float, ...]) -> Isa:
        """Return the circuit with its parameters bound to values in radians.

        Binding after compilation keeps all gates: a reference compiled by itself would lose most of them.
        """
        return replace(self, record=bound(self.record, point))

    def with_gates(self, instructions: tuple[Instruction, ...]) -> Isa:
        """Return a circuit of other gates on the same qubits."""
        return replace(self, record=replace(self.record, instructions=instructions))

    def measured(self, letters: str, flips: int = 0) -> CircuitRecord:
        """Return the circuit with a measurement of every letter's qubit, into classical bits in order.

        Args:
            letters: X, Y or Z for each; I is measured as Z.
            flips: mask of the letters that are flipped before they are read; letter i of n is bit n - 1 - i.
        """
        body = list(self.record.instructions)
        for place, (site, letter) in enumerate(zip(self.sites, letters, strict=True)):
            names = TURNS["Z" if letter == "I" else letter]
            body += [Gate(name, (site,), (), noiseless=True) for name in names]
            if flips >> (len(letters) - 1 - place) & 1:
                body.append(Gate("x", (site,), (), noiseless=True))
        body += [Measure(site, place) for place, site in enumerate(self.sites)]
        registers = ((REGISTER, len(letters)),)
        return replace(self.record, registers=registers, memory=0, instructions=tuple(body))

    def prepared(self, bits: int) -> CircuitRecord:
        """Return the preparation and measurement of a basis state of the letters' qubits."""
        return self.with_gates(()).measured("Z" * self.n_letters, flips=bits)


def gates(record: CircuitRecord) -> tuple[Instruction, ...]:
    """Return the gates and barriers of a circuit whose measurements are all at its end."""
    return tuple(item for item in record.instructions if isinstance(item, Gate | Unitary | Barrier))
