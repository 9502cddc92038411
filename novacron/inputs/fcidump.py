"""FCIDUMP files: a namelist and the integrals below it, in the dialects of common programs.

Source: Knowles, Handy, Comput. Phys. Commun. 54, 75 (1989), section 3; the dialects of Molpro, Psi4, PySCF,
NECI and OpenMolcas.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import TypeVar

from novacron.inputs.namelist import COMMENT, FcidumpError, Header, begins, read_header

__all__ = ["FcidumpError", "Header", "Integrals", "begins", "read_header", "read_integrals"]

AGREEMENT = 1e-8
"""Tolerance for repeated values of one integral, or of the core energy."""

Orbitals = TypeVar("Orbitals", int, tuple[int, int], tuple[int, int, int, int])
One = tuple[int, int]
Two = tuple[int, int, int, int]
_EXPONENT = str.maketrans("dDeE", "eeee")
_BARE_EXPONENT = re.compile(r"(?<=[0-9.])(?=[+-][0-9]{3}$)")
"""Position where Fortran omits the exponent letter: before three-digit exponents."""


@dataclass(slots=True)
class Integrals:
    """The content of an FCIDUMP file, orbitals counted from 0; integrals that are not listed are zero.

    Attributes:
        header: the namelist.
        core: energy of the nuclei and of a frozen core, hartree; None if the file has none.
        one_body: (p, q), p >= q, to h_pq, hartree.
        two_body: (p, q, r, s), p >= q, r >= s, (p, q) >= (r, s), to (pq|rs) in chemists' notation, hartree.
        energies: orbital to orbital energy, hartree.
        warnings: doubtful points of the file.
    """

    header: Header
    core: float | None = None
    one_body: dict[One, float] = field(default_factory=dict)
    two_body: dict[Two, float] = field(default_factory=dict)
    energies: dict[int, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def product(self, orbitals: tuple[int, ...]) -> int:
        """Return the irrep of a product of orbitals minus 1; 0 is totally symmetric.

        Irreps of D2h and its subgroups multiply as their numbers minus 1 combine by XOR, in the numbering of
        Molpro and in that of PySCF and Psi4.
        """
        total = 0
        for orbital in orbitals:
            total ^= self.header.irreps[orbital] - 1
        return total

    def symmetric(self) -> bool:
        """Return whether the integrals agree with the irreps in the header."""
        found: Iterator[tuple[Two | One, float]] = iter([*self.one_body.items(), *self.two_body.items()])
        return not any(abs(value) > 1e-6 and self.product(orbitals) for orbitals, value in found)


def read_integrals(text: str) -> Integrals:
    """Read and check an FCIDUMP file.

    The lines below the header come in any order; an integral may be repeated, also by a permutation of its
    orbitals, with the same value. Comments begin with `!` or `#`.

    Raises:
        FcidumpError: a header that is missing, incomplete or contradicts itself; complex or unrestricted
            integrals; a line that is not a number and four orbitals; an integral or a core energy with two
            values; a truncated file.
    """
    header = read_header(text)
    found, last = Integrals(header, warnings=list(header.warnings)), 0
    for number, line in enumerate(text.splitlines()[header.n_lines :], start=header.n_lines + 1):
        line = COMMENT.sub("", line).strip()
        if line:
            value, orbitals = _entry(line, number, header.n_orbitals)
            _store(found, value, orbitals, number)
            last = sum(map(bool, orbitals))
    _check_complete(found, last)
    return found


def _entry(line: str, number: int, n_orbitals: int) -> tuple[float, tuple[int, ...]]:
    if line.startswith("("):
        raise FcidumpError("complex integrals are not supported; write them in real orbitals", number, line)
    fields = line.replace(",", " ").split()
    if len(fields) < 5:
        raise FcidumpError("must be a number and four orbitals: the line is cut short", number, line)
    try:
        value = float(_BARE_EXPONENT.sub("e", fields[0].translate(_EXPONENT)))
        orbitals = tuple(map(int, fields[1:]))
    except ValueError:
        raise FcidumpError("must be a number and four orbitals", number, line) from None
    if len(orbitals) != 4:
        raise FcidumpError(f"must be a number and four orbitals, not {len(orbitals)}", number, line)
    if not isfinite(value):
        raise FcidumpError("must be finite", number, line)
    if min(orbitals) < 0 or max(orbitals) > n_orbitals:
        raise FcidumpError(f"orbitals must be between 0 and NORB = {n_orbitals}", number, line)
    return value, orbitals


def _store(found: Integrals, value: float, orbitals: tuple[int, ...], number: int) -> None:
    p, q, r, s = (orbital - 1 for orbital in orbitals)
    match tuple(map(bool, orbitals)):
        case (True, True, True, True):
            bra, ket = (max(p, q), min(p, q)), (max(r, s), min(r, s))
            first, second = max(bra, ket), min(bra, ket)
            _set(found.two_body, (*first, *second), value, number)
        case (True, True, False, False):
            _set(found.one_body, (max(p, q), min(p, q)), value, number)
        case (True, False, False, False):
            _set(found.energies, p, value, number)
        case (False, False, False, False):
            _set_core(found, value, number)
        case _:
            raise FcidumpError(f"orbitals {orbitals} name no integral", number)


def _set(values: dict[Orbitals, float], key: Orbitals, value: float, number: int) -> None:
    known = values.setdefault(key, value)
    if abs(known - value) > AGREEMENT * max(1.0, abs(known)):
        raise FcidumpError(f"this integral was {known!r} before and is {value!r} here", number)


def _set_core(found: Integrals, value: float, number: int) -> None:
    if found.core is not None and abs(found.core - value) > AGREEMENT * max(1.0, abs(value)):
        rule = f"the core energy was {found.core!r} before and is {value!r} here; one is needed"
        raise FcidumpError(rule, number, hint=_BLOCKS if 0.0 in (found.core, value) else None)
    found.core = value


def _check_complete(found: Integrals, last: int) -> None:
    """Refuse a truncated file, as far as it can be detected, and record warnings.

    Args:
        found: everything read so far.
        last: number of orbitals on the last line.
    """
    n = found.header.n_orbitals
    bare = [p + 1 for p in range(n) if (p, p) not in found.one_body]
    lone = [p + 1 for p in range(n) if (p, p, p, p) not in found.two_body]
    if found.header.n_electrons and found.core is None:
        if not found.one_body:
            raise FcidumpError(
                "holds no one-electron integral and no core energy: the file was cut short", hint=_WHOLE
            )
        if 0 < len(bare) < n:
            rule = f"holds no one-electron integral of orbital {bare[0]} and no core energy: it was cut short"
            raise FcidumpError(rule, hint=_WHOLE)
    if last == 4 and 0 < len(lone) < n:
        raise FcidumpError(
            f"ends among the two-electron integrals and lacks ({lone[0]} {lone[0]}|{lone[0]} {lone[0]}): "
            "the file was cut short", hint=_WHOLE,
        )  # fmt: skip
    found.warnings += _doubts(found, bare, lone)


_BLOCKS = "zeros between blocks part the spins of unrestricted orbitals: write it in those of RHF or ROHF"
_WHOLE = "write it again; where these are zero, add the lines `0.0 i i 0 0` and `0.0 0 0 0 0`"


def _doubts(found: Integrals, bare: list[int], lone: list[int]) -> Iterator[str]:
    n, electrons = found.header.n_orbitals, found.header.n_electrons
    if found.core is None:
        yield "fcidump: there is no core energy (a line `value 0 0 0 0`); it is taken to be 0"
    if electrons and not found.one_body:
        yield "fcidump: there is no one-electron integral (a line `value i j 0 0`)"
    elif 0 < len(bare) < n:
        yield f"fcidump: orbital {bare[0]} has no one-electron integral ({bare[0]} {bare[0]} 0 0)"
    if electrons > 1 and not found.two_body:
        yield "fcidump: there is no two-electron integral: the electrons do not repel each other"
    elif 0 < len(lone) < n:
        p = lone[0]
        yield f"fcidump: orbital {p} has no repulsion integral ({p} {p}|{p} {p})"
    pairs = [(p, q) for p in range(n) for q in range(p)]
    missing = [(p, q) for p, q in pairs if (p, p, q, q) not in found.two_body]
    if missing and 2 * len(missing) < len(pairs):
        p, q = missing[0][0] + 1, missing[0][1] + 1
        yield (
            f"fcidump: {len(missing)} of {len(pairs)} Coulomb integrals are missing, ({p} {p}|{q} {q}) the "
            "first of them; in a molecule none of them is zero"
        )
    if found.header.irreps and not found.symmetric():
        yield "fcidump: ORBSYM contradicts the integrals (some are not totally symmetric) and is not used"
