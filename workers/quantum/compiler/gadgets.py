"""Circuits as Pauli rotations, followed by a Clifford operation: the form of UCCSD and of Trotter steps.

Source: Litinski, Quantum 3, 128 (2019), section 1: Clifford gates are moved to the end of the circuit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import pi

import stim

from shared.circuits.instruction import (
    Affine,
    Angle,
    Barrier,
    Gate,
    Unitary,
    UnitaryInstruction,
    added,
    scaled,
)
from workers.quantum.simulation.circuits.clifford import NotCliffordError, clifford

AXES = {
    "rx": "X", "ry": "Y", "rz": "Z", "p": "Z", "t": "Z", "tdg": "Z",
    "rxx": "XX", "ryy": "YY", "rzz": "ZZ", "rzx": "ZX",
}  # fmt: skip
"""Gates that are Pauli rotations, up to a global phase: name -> the string."""
FIXED = {"t": pi / 4, "tdg": -pi / 4}
DIGITS = 9
"""Decimals of an angle that are compared."""


@dataclass(frozen=True)
class Gadgets:
    """A circuit up to its global phase.

    Attributes:
        rotations: (P, angle) for exp(-i angle/2 P), in order; P has a letter for each qubit, 0 leftmost.
        clifford: the operation after them.
    """

    rotations: tuple[tuple[str, Angle], ...]
    clifford: stim.Tableau

    @property
    def n_wide(self) -> int:
        """Number of rotations about strings on more than two qubits."""
        return sum(len(string) - string.count("I") > 2 for string, _ in self.rotations)

    def is_reordered(self, other: Gadgets) -> bool:
        """Return whether the other has the same rotations in any order, and the same Clifford operation."""
        return self._angles() == other._angles() and self.clifford == other.clifford

    def _angles(self) -> dict[str, object]:
        """Return the whole angle of each string, rounded."""
        total: dict[str, Angle] = {}
        for string, angle in self.rotations:
            total[string] = added(total.get(string, 0.0), angle)
        return {string: rounded for string, angle in total.items() if (rounded := _rounded(angle))}


def gadgets(gates: Iterable[UnitaryInstruction], n_qubits: int) -> Gadgets | None:
    """Return gates as Pauli rotations, None if one of them is neither a rotation nor a Clifford gate.

    Args:
        gates: in order; their qubits are below `n_qubits`.
        n_qubits: number of qubits.
    """
    simulator, rotations = stim.TableauSimulator(), []
    simulator.set_num_qubits(n_qubits)
    for item in gates:
        if isinstance(item, Barrier):
            return None
        if not item.qubits:
            continue
        tableau = _tableau(item)
        if tableau is not None:
            simulator.do_tableau(tableau, list(item.qubits))
        elif isinstance(item, Gate) and item.name in AXES:
            axis = stim.PauliString(n_qubits)
            for letter, qubit in zip(AXES[item.name], item.qubits, strict=True):
                axis[qubit] = letter
            string = simulator.current_inverse_tableau()(axis)
            angle = item.params[0] if item.params else FIXED[item.name]
            rotations.append((str(string)[1:].replace("_", "I"), scaled(angle, string.sign.real)))
        else:
            return None
    return Gadgets(tuple(rotations), simulator.current_inverse_tableau().inverse())


def _tableau(item: Gate | Unitary) -> stim.Tableau | None:
    if isinstance(item, Gate) and any(isinstance(angle, Affine) for angle in item.params):
        return None
    try:
        return clifford(item).tableau
    except NotCliffordError:
        return None


def _rounded(angle: Angle) -> object:
    """Return an angle that compares equal to those that differ by rounding errors; a false value for 0."""
    if not isinstance(angle, Affine):
        return round(angle, DIGITS)
    terms = tuple(sorted((name, round(factor, DIGITS)) for name, factor in angle.terms))
    return terms, round(angle.offset, DIGITS)
