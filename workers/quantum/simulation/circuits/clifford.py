"""Recognizes Clifford gates by their action on Pauli strings, whatever their name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import stim
from numpy.typing import NDArray

from shared.circuits.instruction import Gate, If, Instruction, Unitary, While, memory_angles
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.ir.transfer import transfer
from workers.quantum.simulation.statevector.fusion import matrix

TOLERANCE = 1e-8
"""Maximum deviation of transfer matrix entries from -1, 0 or 1."""
KEPT = 4096


class NotCliffordError(CircuitError):
    """A gate that does not map every Pauli string to a Pauli string."""


@dataclass(frozen=True, eq=False)
class Clifford:
    """A Clifford gate on k qubits.

    Attributes:
        signs: float64[4^k, 4^k], its transfer matrix, one entry of 1 or -1 in each row and column.
    """

    signs: Float

    @property
    def n_qubits(self) -> int:
        """Number of qubits it acts on."""
        return (len(self.signs).bit_length() - 1) // 2

    @cached_property
    def tableau(self) -> stim.Tableau:
        """The equivalent Stim tableau."""
        k = self.n_qubits
        images = [[self._image(letter << 2 * (k - 1 - qubit)) for qubit in range(k)] for letter in (1, 3)]
        return stim.Tableau.from_conjugated_generators(xs=images[0], zs=images[1])

    @cached_property
    def gates(self) -> list[tuple[str, list[int]]]:
        """Equivalent Stim gates, in order, on qubits 0 to k - 1."""
        operations = self.tableau.to_circuit()
        return [(one.name, [target.value for target in one.targets_copy()]) for one in operations]

    @cached_property
    def pauli(self) -> str | None:
        """The Pauli string that the gate equals up to a phase, None if it is none."""
        if np.count_nonzero(np.diag(self.signs)) < len(self.signs):
            return None
        return str(self.tableau.to_pauli_string())[1:].replace("_", "I")

    def before(self, string: int) -> tuple[int, float]:
        """Return the Pauli string that the gate maps to +-`string`, and the sign; digits in base 4."""
        other = int(np.flatnonzero(self.signs[string])[0])
        return other, float(self.signs[string, other])

    def _image(self, string: int) -> stim.PauliString:
        column = self.signs[:, string]
        image = int(np.flatnonzero(column)[0])
        letters = ["IXYZ"[image >> 2 * (self.n_qubits - 1 - qubit) & 3] for qubit in range(self.n_qubits)]
        return stim.PauliString(("+" if column[image] > 0 else "-") + "".join(letters))


def clifford(item: Gate | Unitary) -> Clifford:
    """Return the Clifford gate of an instruction.

    Raises:
        NotCliffordError: It is not Clifford.
        FreeParameterError: An angle depends on a parameter.
    """
    places = tuple(range(len(item.qubits)))
    return _found(replace(item, qubits=places))


@lru_cache(maxsize=KEPT)
def _found(item: Gate | Unitary) -> Clifford:
    signs = transfer(matrix(item)[None])
    rounded = np.rint(signs)
    if np.max(np.abs(signs - rounded)) > TOLERANCE or not _permutes(rounded):
        raise NotCliffordError(f"{_shown(item)} is not Clifford")
    return Clifford(rounded)


def _permutes(signs: NDArray[np.float64]) -> bool:
    ones = np.abs(signs)
    return bool(np.all(ones.sum(axis=0) == 1) and np.all(ones.sum(axis=1) == 1))


def _shown(item: Gate | Unitary) -> str:
    if isinstance(item, Unitary):
        return "the gate with a matrix"
    angles = ", ".join(f"{angle:.12g}" for angle in item.params if isinstance(angle, float))
    return f"{item.name}({angles})" if angles else item.name


def check(instructions: tuple[Instruction, ...], at: str = "instructions") -> None:
    """Reject the first gate of a circuit that is not Clifford.

    Raises:
        NotCliffordError: It names the gate and its position in the record.
    """
    for index, item in enumerate(instructions):
        place = f"{at}[{index}]"
        if isinstance(item, If):
            check(item.then, f"{place}.then")
            check(item.otherwise, f"{place}.else")
        elif isinstance(item, While):
            check(item.body, f"{place}.body")
        elif isinstance(item, Gate) and item.qubits and memory_angles(item):
            raise NotCliffordError(
                f"the angle of {item.name} at {place} of the circuit depends on measured bits, so it may "
                "not be Clifford; use backend: statevector, or trajectories with noise"
            )
        elif isinstance(item, Gate | Unitary) and item.qubits:
            try:
                clifford(item)
            except NotCliffordError as error:
                hint = "use backend: statevector, or trajectories with noise"
                raise NotCliffordError(f"{error}, at {place} of the circuit; {hint}") from None
