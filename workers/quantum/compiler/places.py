"""The qubits of a circuit and of its compiled form in one numbering, for simulations of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from shared.circuits.instruction import Instruction
from shared.circuits.record import touched
from workers.quantum.compiler.compiled import Candidate


@dataclass(frozen=True)
class Places:
    """Numbers from 0 for the device qubits that hold a qubit of the source, or that are acted on.

    Attributes:
        begin: number of each source qubit that is acted on, before the compiled circuit.
        end: the same after it.
        of_site: number of each device qubit, ascending.
    """

    begin: Mapping[int, int]
    end: Mapping[int, int]
    of_site: Mapping[int, int]

    @classmethod
    def of(cls, before: Iterable[Instruction], after: Iterable[Instruction], made: Candidate) -> Places:
        """Number the qubits of the source's and of the compiled instructions."""
        qubits = sorted(touched(before)[0])
        held = {sites[qubit] for sites in (made.layout, made.final) for qubit in qubits}
        of_site = {site: number for number, site in enumerate(sorted(held | touched(after)[0]))}
        begin, end = (
            {qubit: of_site[sites[qubit]] for qubit in qubits} for sites in (made.layout, made.final)
        )
        return cls(begin, end, of_site)

    @property
    def width(self) -> int:
        """How many there are."""
        return len(self.of_site)

    @cached_property
    def moved(self) -> list[int]:
        """Number before the compiled circuit of what is at each number after it, in the source."""
        at_end = {self.end[qubit]: number for qubit, number in self.begin.items()}
        spare = iter(sorted(set(range(self.width)) - set(self.begin.values())))
        return [at_end[number] if number in at_end else next(spare) for number in range(self.width)]
