"""Selection of the determinant that fermionic ansaetze start from, for integrals of an FCIDUMP file.

It is the first available of: the one given with the job; the one that OCC and CLOSED specify, if they match
NELEC and MS2; the lowest determinant of NELEC electrons with MS2, of irrep ISYM if the file states irreps.
Among degenerate ones it fills the orbitals of lowest energy, if the file has orbital energies, and else the
first.
"""

from __future__ import annotations

from dataclasses import dataclass

from novacron.inputs.fcidump import Integrals
from workers.quantum.hamiltonians.base import HamiltonianError, basis_energy, filled
from workers.quantum.hamiltonians.determinant import Lowest, lowest
from workers.quantum.simulation.ir.pauli import PauliSum

ANOTHER_NUMBERING = ((1, 4, 2, 3), (1, 4, 3, 2), (1, 4, 6, 7, 8, 5, 3, 2))
"""Molpro's numbers of irreps 1, 2, ... in the numbering of PySCF and Psi4: C2v and C2h, D2, D2h."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A determinant.

    Attributes:
        reference: Occupation of the spin orbitals, spins interleaved.
        energy: Its energy.
        doubts: Warnings about it.
    """

    reference: str
    energy: float
    doubts: tuple[str, ...] = ()


def reference(operator: PauliSum, integrals: Integrals, given: str | None) -> Reference:
    """Select the determinant to start from.

    Args:
        operator: The Hamiltonian, spins interleaved.
        integrals: Its integrals.
        given: The occupation given with the job.
    """
    header = integrals.header
    n_up = (header.n_electrons + header.two_sz) // 2
    n_down = header.n_electrons - n_up
    best = lowest(operator, n_up, n_down)
    if best is None:
        raise HamiltonianError(f"fcidump: {header.n_electrons} electrons have too many determinants")
    doubts: list[str] = []
    determinant = given or _of_occ(integrals, n_up, n_down, doubts)
    if determinant is None:
        return _of_irrep(operator, integrals, (n_up, n_down), best, doubts)
    energy = basis_energy(operator, int(determinant, 2))
    if energy > best.energy + 1e-6:
        name = "occupation" if given else "fcidump: the determinant of OCC and CLOSED"
        doubts.append(
            f"{name} has the energy {energy:.9g}; {best.reference} (spins interleaved) lies lower, "
            f"at {best.energy:.9g}"
        )
    return Reference(determinant, energy, tuple(doubts))


def _of_occ(integrals: Integrals, n_up: int, n_down: int, doubts: list[str]) -> str | None:
    """Return the determinant of OCC and CLOSED; None if they are missing or do not match."""
    header = integrals.header
    if not any(header.occ):
        if any(header.closed):
            doubts.append("fcidump: CLOSED without OCC tells no determinant and is not used")
        return None
    irreps = header.irreps or (1,) * header.n_orbitals
    closed = header.closed or (header.occ if n_up == n_down else ())
    counts = [
        [k for irrep in sorted(set(irreps)) for k in _first(irreps, irrep, numbers)]
        for numbers in (header.occ, closed)
    ]
    many, few = (n_up, n_down) if n_up >= n_down else (n_down, n_up)
    fits = (len(counts[0]), len(counts[1])) == (sum(header.occ), sum(closed)) == (many, few)
    if not fits:
        doubts.append(
            f"fcidump: OCC and CLOSED are not those of NELEC = {header.n_electrons} and MS2 = "
            f"{header.two_sz} in these orbitals and are not used"
        )
        return None
    up, down = counts if n_up >= n_down else counts[::-1]
    return filled(header.n_orbitals, up, down)


def _first(irreps: tuple[int, ...], irrep: int, numbers: tuple[int, ...]) -> list[int]:
    """Return the first orbitals of an irrep, as many as the list of numbers specifies."""
    count = numbers[irrep - 1] if irrep <= len(numbers) else 0
    return [k for k, one in enumerate(irreps) if one == irrep][:count]


def _of_irrep(
    operator: PauliSum, integrals: Integrals, electrons: tuple[int, int], best: Lowest, doubts: list[str]
) -> Reference:
    """Return the lowest determinant, of irrep ISYM if it can be identified."""
    header = integrals.header
    best = _by_energies(operator, integrals, best)
    if header.isym is None or not header.irreps or not integrals.symmetric():
        if header.isym not in (None, 1):
            doubts.append(
                f"fcidump: ISYM is {header.isym}, and ORBSYM does not tell the irreps of D2h or a subgroup: "
                "the lowest determinant is taken, whatever its irrep; `occupation` chooses another"
            )
        return Reference(best.reference, best.energy, tuple(doubts))
    occupied = [k // 2 for k, bit in enumerate(best.reference) if bit == "1"]
    irrep = integrals.product(tuple(occupied)) + 1
    readings = _readings(header.isym, max(header.irreps))
    if irrep in readings:
        return Reference(best.reference, best.energy, tuple(doubts))
    irreps = tuple(one - 1 for one in header.irreps)
    wanted = frozenset(one - 1 for one in readings)
    found = lowest(operator, *electrons, irreps, wanted)
    message = f"fcidump: ISYM is {header.isym}, the lowest determinant has irrep {irrep} of ORBSYM"
    if found is None or (header.isym == 1 and header.two_sz):
        doubts.append(
            f"{message}: that one is used (PySCF always writes ISYM = 1); `occupation` chooses another"
        )
        return Reference(best.reference, best.energy, tuple(doubts))
    doubts.append(
        f"{message} and the energy {best.energy:.9g}; the lowest of ISYM is taken, {found.reference} (spins "
        f"interleaved) at {found.energy:.9g}; `occupation` chooses another"
    )
    return Reference(found.reference, found.energy, tuple(doubts))


def _readings(isym: int, most: int) -> set[int]:
    """Return the irreps, in ORBSYM's numbering, that ISYM may denote: the same, or as Molpro numbers it.

    Some programs write ORBSYM in their own numbering and ISYM in Molpro's.
    """
    return {isym} | {
        numbers.index(isym) + 1 for numbers in ANOTHER_NUMBERING if max(isym, most) <= len(numbers)
    }


def _by_energies(operator: PauliSum, integrals: Integrals, best: Lowest) -> Lowest:
    """Return the determinant of the orbitals of lowest energy, if its energy equals the lowest."""
    energies, header = integrals.energies, integrals.header
    if best.degeneracy < 2 or len(energies) < header.n_orbitals:
        return best
    order = sorted(range(header.n_orbitals), key=lambda k: (energies[k], k))
    n_up, n_down = best.reference[::2].count("1"), best.reference[1::2].count("1")
    aufbau = filled(header.n_orbitals, order[:n_up], order[:n_down])
    energy = basis_energy(operator, int(aufbau, 2))
    close = energy <= best.energy + 1e-9 * max(1.0, abs(best.energy))
    return Lowest(aufbau, energy, best.degeneracy) if close else best
