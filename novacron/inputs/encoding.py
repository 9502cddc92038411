"""Encoding of spin orbitals in qubits: the mapping, and the order of the spins.

Masks are integers: of n qubits, qubit q is bit n - 1 - q. A mapping stores sums modulo 2 of occupations in
qubits, so each occupation is a sum of some qubits: n_k = (1 - Z^mask_k) / 2.

Source: Seeley, Richard, Love, J. Chem. Phys. 137, 224109 (2012), section III; the Bravyi-Kitaev sets are
those of a Fenwick tree over the spin orbitals, as in OpenFermion, Qiskit Nature and PennyLane.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Literal

Mapping = Literal["jordan_wigner", "parity", "bravyi_kitaev"]
SpinOrder = Literal["interleaved", "blocked"]
Term = tuple[int, int, float]
"""X mask, Z mask and coefficient of a Pauli string."""

MAPPINGS: tuple[Mapping, ...] = ("jordan_wigner", "parity", "bravyi_kitaev")
SPIN_ORDERS: tuple[SpinOrder, ...] = ("interleaved", "blocked")
TOLERANCE = 1e-5
"""Norm of a commutator, relative to that of the particle-moving terms, below which it counts as zero."""

_X_BITS, _Z_BITS = str.maketrans("IXYZ", "0110"), str.maketrans("IXYZ", "0011")


def masks(string: str) -> tuple[int, int]:
    """Return X mask and Z mask of a Pauli string of I, X, Y and Z."""
    return int(string.translate(_X_BITS), 2), int(string.translate(_Z_BITS), 2)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A mapping and an order of the spins, for a number of qubits.

    Attributes:
        n_qubits: number of spin orbitals.
        mapping: how occupations are stored.
        spin_order: up and down alternate, or all spin-up orbitals come first; the latter requires an even
            number.
    """

    n_qubits: int
    mapping: Mapping = "jordan_wigner"
    spin_order: SpinOrder = "interleaved"

    @property
    def plain(self) -> bool:
        """Whether qubit 2k stores orbital k up and qubit 2k + 1 orbital k down, each directly."""
        return self.mapping == "jordan_wigner" and self.spin_order == "interleaved"

    def places(self) -> list[int]:
        """Return the position in this spin order of each spin orbital, indexed with spins interleaved."""
        n = self.n_qubits
        if self.spin_order == "interleaved":
            return list(range(n))
        return [orbital // 2 + (orbital % 2) * (n // 2) for orbital in range(n)]

    def occupations(self) -> list[int]:
        """Return the Z masks that measure the spin orbitals' occupations, indexed with spins interleaved."""
        return [self._mask(self.summed(place)) for place in self.places()]

    def basis_state(self, occupied: str) -> int:
        """Return a determinant's basis index; character k of `occupied` is spin orbital k, interleaved."""
        places = self.places()
        filled = {places[orbital] for orbital, bit in enumerate(occupied) if bit == "1"}
        ones = (q for q in range(self.n_qubits) if len(filled.intersection(self.stored(q))) % 2)
        return self._mask(ones)

    def interleaved(self, bits: str) -> str:
        """Convert an occupation from this spin order to interleaved spins."""
        return "".join(bits[place] for place in self.places())

    def _mask(self, qubits: Iterable[int]) -> int:
        return sum(1 << (self.n_qubits - 1 - q) for q in qubits)

    def stored(self, qubit: int) -> range:
        """Return the positions whose occupations the qubit stores the sum of."""
        if self.mapping == "jordan_wigner":
            return range(qubit, qubit + 1)
        if self.mapping == "parity":
            return range(qubit + 1)
        return range(qubit + 1 - _low_bit(qubit + 1), qubit + 1)

    def summed(self, place: int) -> list[int]:
        """Return the qubits whose sum is the occupation of a position."""
        if self.mapping == "parity":
            return [place, place - 1][: place + 1]
        found = [place]
        if self.mapping == "bravyi_kitaev":
            child, end = place, place + 1 - _low_bit(place + 1)
            while child > end:
                found.append(child - 1)
                child -= _low_bit(child)
        return found


def _low_bit(number: int) -> int:
    return number & -number


def energy(terms: Iterable[Term], state: int) -> float:
    """Return <b|H|b> of a sum of Pauli strings in the basis state of this index."""
    return sum(value * (1 - 2 * ((z & state).bit_count() & 1)) for x, z, value in terms if not x)


def spins(n_qubits: int) -> list[int]:
    """Return 1 for each spin-up orbital and -1 for each spin-down one, indexed with spins interleaved."""
    return [1 - 2 * (orbital % 2) for orbital in range(n_qubits)]


def conserves(terms: Iterable[Term], masks: Iterable[int], weights: Iterable[int]) -> bool:
    """Return whether a sum of Pauli strings commutes with sum_k weights_k n_k.

    Args:
        terms: sum of Pauli strings.
        masks: Z masks that measure n_k.
        weights: one weight per mask.
    """
    weighted = list(zip(masks, weights, strict=True))
    # The occupations that a string of this X mask changes: many strings share one.
    changed: dict[int, list[tuple[int, int]]] = {}
    found: dict[tuple[int, int], complex] = {}
    moving = 0.0
    for x, z, coefficient in terms:
        if x:
            moving += coefficient * coefficient
            # A string is i^(number of Y) X^x Z^z, and X^x Z^z Z^mask = X^x Z^(z ^ mask).
            value = coefficient * (1, 1j, -1, -1j)[(x & z).bit_count() % 4]
            if x not in changed:
                changed[x] = [(mask, weight) for mask, weight in weighted if (x & mask).bit_count() & 1]
            for mask, weight in changed[x]:
                key = x, z ^ mask
                found[key] = found.get(key, 0.0) + weight * value
    return sum(abs(value) ** 2 for value in found.values()) <= TOLERANCE**2 * moving


def conserves_particles(terms: Iterable[Term], encoding: Encoding) -> bool:
    """Return whether a sum of Pauli strings commutes with the particle number of an encoding."""
    return conserves(terms, encoding.occupations(), [1] * encoding.n_qubits)


def conserves_spin(terms: Iterable[Term], encoding: Encoding) -> bool:
    """Return whether a sum of Pauli strings commutes with S_z of an encoding."""
    return conserves(terms, encoding.occupations(), spins(encoding.n_qubits))


def fitting(terms: list[Term], n_qubits: int) -> Iterator[Encoding]:
    """Yield the encodings under which a sum of Pauli strings conserves the particle number and S_z."""
    orders = SPIN_ORDERS if n_qubits % 2 == 0 else SPIN_ORDERS[:1]
    for mapping, order in product(MAPPINGS, orders):
        encoding = Encoding(n_qubits, mapping, order)
        if conserves_particles(terms, encoding) and conserves_spin(terms, encoding):
            yield encoding
