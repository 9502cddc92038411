"""Symmetry verification: observables of the noisy state projected onto a sector of known numbers of ones.

The projection is not carried out by selecting outcomes, which works for observables of one basis only, but by
measuring the projected observables: tr(rho P O)/tr(rho P), with P and P O expanded in Pauli strings.

Sources: Bonet-Monroig et al., Phys. Rev. A 98, 062339 (2018), section III C; Cai, Quantum 5, 548 (2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

from novacron.specs.mitigation import Sector
from workers.quantum.backends.batch import Terms
from workers.quantum.simulation.ir.pauli import masks, string

MOST_PROJECTED = 6
"""Sectors on more qubits are verified by their parity only, of two strings instead of 2^n."""
NEGLIGIBLE = 1e-12


def projector(sectors: Sequence[Sector], n_letters: int) -> dict[int, float]:
    """Return the projector onto all sectors as Z masks with coefficients; letter i of n is bit n - 1 - i."""
    found = {0: 1.0}
    for sector in sectors:
        bits = [1 << (n_letters - 1 - qubit) for qubit in sector.qubits]
        strings = _sector(bits, sector.ones)
        product: dict[int, float] = {}
        for left, a in found.items():
            for right, b in strings.items():
                product[left ^ right] = product.get(left ^ right, 0.0) + a * b
        found = product
    return {z: c for z, c in found.items() if abs(c) > NEGLIGIBLE}


def _sector(bits: Sequence[int], ones: int) -> dict[int, float]:
    """Return the projector onto a number of ones, or onto its parity."""
    n = len(bits)
    if n > MOST_PROJECTED:
        return {0: 0.5, sum(bits): 0.5 * (-1) ** ones}
    found: dict[int, float] = {}
    for size in range(n + 1):
        # Krawtchouk polynomial: the sum over all outcomes with that number of ones of the string's sign.
        sign = sum((-1) ** j * comb(size, j) * comb(n - size, ones - j) for j in range(min(size, ones) + 1))
        found |= {sum(chosen): sign / 2**n for chosen in combinations(bits, size)}
    return found


def projected(terms: Terms, projection: dict[int, float]) -> list[tuple[str, float]]:
    """Return the Hermitian part of the projector times a sum of Pauli strings."""
    n = len(terms[0][0])
    found: dict[tuple[int, int], float] = {}
    for letters, coefficient in terms:
        x, z = masks(letters)
        for other, weight in projection.items():
            if (other & x).bit_count() % 2:
                continue  # anticommutes: the product is anti-Hermitian
            # Z X = iY and Z Y = -iX: the phase is real for an even number of these.
            turns = (other & x & ~z).bit_count() - (other & x & z).bit_count()
            sign = -1.0 if turns % 4 else 1.0
            key = (x, z ^ other)
            found[key] = found.get(key, 0.0) + sign * coefficient * weight
    kept = [(string(x, z, n), c) for (x, z), c in found.items() if abs(c) > NEGLIGIBLE]
    return kept or [("I" * n, 0.0)]
