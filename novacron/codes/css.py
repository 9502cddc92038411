"""Stabilizer codes of Calderbank, Shor and Steane: each stabilizer is a product of X, or of Z."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Pauli = Literal["X", "Z"]
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Operator:
    """A product of X, or of Z, on some data qubits.

    Attributes:
        pauli: X or Z.
        qubits: numbers of the data qubits.
    """

    pauli: Pauli
    qubits: tuple[int, ...]

    @property
    def bits(self) -> int:
        """Its qubits as bits of a number."""
        return sum(1 << qubit for qubit in self.qubits)


@dataclass(frozen=True, slots=True)
class Stabilizer(Operator):
    """A measured stabilizer.

    Attributes:
        at: its place (x, y), among the data qubits that it acts on.
        colour: that of its face in a colour code: red, green or blue.
    """

    at: Place
    colour: str | None = None


@dataclass(frozen=True)
class Code:
    """A code with a place in the plane for everything; y grows downwards.

    Attributes:
        name: family.
        distance: code distance, of a repetition code against bit flips.
        places: (x, y) of each data qubit.
        stabilizers: those that a round measures.
        logicals: logical operators: X and Z of the first logical qubit, of the next, and so on. X and Z of
            one logical qubit anticommute, all others commute.
        period: width and height of the torus on which the code lies, None on a plane.
        stretch: unit of y in units of x.
    """

    name: str
    distance: int
    places: tuple[Place, ...]
    stabilizers: tuple[Stabilizer, ...]
    logicals: tuple[Operator, ...]
    period: Place | None = None
    stretch: float = 1.0

    @property
    def n(self) -> int:
        """Number of data qubits."""
        return len(self.places)

    @cached_property
    def k(self) -> int:
        """Number of logical qubits: that of data qubits without that of independent stabilizers."""
        return self.n - sum(
            len(echelon(one.bits for one in self.stabilizers if one.pauli == pauli)) for pauli in ("X", "Z")
        )

    @property
    def d(self) -> int:
        """The fewest Pauli errors that no stabilizer detects and a logical qubit suffers from."""
        return min(self.distance, *(len(one.qubits) for one in self.logicals))

    @property
    def parameters(self) -> str:
        """The parameters [[n, k, d]]."""
        return f"[[{self.n}, {self.k}, {self.d}]]"

    @property
    def document(self) -> dict[str, Any]:
        """The code as JSON."""
        return {
            "code": self.name, "distance": self.distance, "parameters": self.parameters,
            "n": self.n, "k": self.k, "d": self.d,
            "qubits": [list(place) for place in self.places],
            "stabilizers": [
                {"pauli": one.pauli, "qubits": [*one.qubits], "at": [*one.at], "colour": one.colour}
                for one in self.stabilizers
            ],
            "logicals": [{"pauli": one.pauli, "qubits": [*one.qubits]} for one in self.logicals],
            "period": self.period and [*self.period], "stretch": self.stretch,
        }  # fmt: skip


def echelon(rows: Iterable[int]) -> dict[int, int]:
    """Return a basis of the span of rows over GF(2), by the lowest bit of each, which is that of no other."""
    found: dict[int, int] = {}
    for row in rows:
        while row:
            pivot = row & -row
            if pivot not in found:
                found[pivot] = row
                break
            row ^= found[pivot]
    return found


def kernel(rows: Iterable[int], n: int) -> list[int]:
    """Return a basis of the vectors of n bits that have an even overlap with all rows."""
    basis: dict[int, int] = {}
    for pivot, row in sorted(echelon(rows).items(), reverse=True):
        for other, reduced in basis.items():
            row ^= reduced if row & other else 0
        basis[pivot] = row
    free = [1 << bit for bit in range(n) if 1 << bit not in basis]
    return [bit | sum(pivot for pivot, row in basis.items() if row & bit) for bit in free]


def logicals(stabilizers: Sequence[Stabilizer], n: int) -> list[Operator]:
    """Return logical operators of any code, in pairs: X and Z of each logical qubit."""
    own = {pauli: [one.bits for one in stabilizers if one.pauli == pauli] for pauli in ("X", "Z")}
    z = _independent(own["Z"], kernel(own["X"], n))
    x = _paired(_independent(own["X"], kernel(own["Z"], n)), z)
    return [
        one for pair in zip(x, z, strict=True) for one in (_operator("X", pair[0]), _operator("Z", pair[1]))
    ]


def _independent(stabilizers: Iterable[int], candidates: Iterable[int]) -> list[int]:
    """Return the candidates that are independent of the stabilizers and of each other."""
    found: list[int] = []
    own = [*stabilizers]
    rank = len(echelon(own))
    for one in candidates:
        if len(echelon([*own, *found, one])) > rank + len(found):
            found.append(one)
    return found


def _paired(x: Sequence[int], z: Sequence[int]) -> list[int]:
    """Return sums of the X operators, of which the i-th overlaps oddly with the i-th Z operator alone."""
    # Gauss-Jordan elimination of the overlaps, which sit above the bits of the operators.
    width = max(one.bit_length() for one in (*x, *z))
    tagged = [
        sum(((one & other).bit_count() & 1) << width + at for at, other in enumerate(z)) | one for one in x
    ]
    for at in range(len(z)):
        found = next(one for one in tagged[at:] if one >> width + at & 1)
        tagged.remove(found)
        tagged = [one ^ found if one >> width + at & 1 else one for one in tagged]
        tagged.insert(at, found)
    return [one & (1 << width) - 1 for one in tagged]


def _operator(pauli: Pauli, bits: int) -> Operator:
    return Operator(pauli, tuple(at for at in range(bits.bit_length()) if bits >> at & 1))
