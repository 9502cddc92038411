"""Molecular integrals in FCIDUMP files to qubit Hamiltonians.

Source: Knowles and Handy, Comput. Phys. Commun. 54, 75 (1989), section 3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from workers.hamiltonians.base import Hamiltonian, HamiltonianError, basis_energy, filled
from workers.hamiltonians.jordan_wigner import Ladders, jordan_wigner
from workers.simulation.program import Float

MAX_ORBITALS = 15
AGREEMENT = 1e-8
FIELD = re.compile(r"([A-Za-z_]\w*)\s*=\s*(.*?)\s*(?=,?\s*[A-Za-z_]\w*\s*=|$)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Integrals:
    """What an FCIDUMP file holds, for real restricted orbitals.

    Attributes:
        n_orbitals: Spatial orbitals.
        n_electrons: Electrons.
        two_sz: n_up - n_down.
        core: Core energy, hartree.
        one_body: float64[orbitals, orbitals], hartree.
        two_body: float64[orbitals] * 4, (pq|rs) in chemists' notation, hartree.
    """

    n_orbitals: int
    n_electrons: int
    two_sz: int
    core: float
    one_body: Float
    two_body: Float


def fcidump(text: str) -> Hamiltonian:
    """The Jordan-Wigner Hamiltonian of an FCIDUMP file, with interleaved spins.

    Its reference occupies the first orbitals of the file, as NELEC and MS2 say.

    Args:
        text: The file.

    Raises:
        HamiltonianError: Not such a file; names the line.
    """
    integrals = read(text)
    n = integrals.n_orbitals
    operator = jordan_wigner(2 * n, integrals.core, [_one_body(integrals), _two_body(integrals)])
    n_up = (integrals.n_electrons + integrals.two_sz) // 2
    reference = filled(n, list(range(n_up)), list(range(integrals.n_electrons - n_up)))
    e_hf = basis_energy(operator, reference)
    return Hamiltonian(operator, integrals.n_electrons, reference, e_hf=e_hf)


def read(text: str) -> Integrals:
    """The integrals of an FCIDUMP file.

    Raises:
        HamiltonianError: A header without end, NORB or NELEC; unrestricted or complex integrals; a line that
            is not a number and four orbital numbers; an integral given twice with two values.
    """
    lines = text.splitlines()
    end, header = _header(lines)
    n = _integer(header, "NORB", 1, MAX_ORBITALS)
    n_electrons = _integer(header, "NELEC", 0, 2 * n)
    two_sz = _integer(header, "MS2", -n, n, default=n_electrons % 2)
    if (n_electrons + two_sz) % 2 or not 0 <= n_electrons - abs(two_sz) <= 2 * (n - abs(two_sz)):
        raise HamiltonianError(
            f"fcidump header: MS2={two_sz} is impossible for NELEC={n_electrons} in NORB={n} orbitals"
        )
    if header.get("IUHF", "0") != "0" or "T" in header.get("UHF", "F").upper():
        raise HamiltonianError(
            "fcidump header: unrestricted orbitals (UHF) are not supported; use RHF or ROHF"
        )
    core = 0.0
    one_body, two_body = np.full((n, n), np.nan), np.full((n, n, n, n), np.nan)
    for number, line in enumerate(lines[end:], start=end + 1):
        if not line.strip():
            continue
        value, indices = _entry(line, number, n)
        if all(indices):
            _store(two_body, _equivalents(indices), value, number)
        elif all(indices[:2]) and not any(indices[2:]):
            i, j = indices[0] - 1, indices[1] - 1
            _store(one_body, [(i, j), (j, i)], value, number)
        elif not any(indices):
            core = value
        elif any(indices[1:]):
            raise HamiltonianError(f"fcidump line {number}: orbital numbers {indices} name no integral")
    return Integrals(n, n_electrons, two_sz, core, np.nan_to_num(one_body), np.nan_to_num(two_body))


def _header(lines: list[str]) -> tuple[int, dict[str, str]]:
    """Number of header lines, and the fields of the namelist in capitals."""
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    if not lines or not re.match(r"\s*[&$]FCI\b", lines[first], re.IGNORECASE):
        raise HamiltonianError(f"fcidump line {first + 1}: a file starts with &FCI")
    for k, line in enumerate(lines[first:], start=first):
        closed = re.search(r"[&$]END\b|/", line, re.IGNORECASE)
        if closed:
            inside = "\n".join([*lines[first:k], line[: closed.start()]])
            body = re.sub(r"^\s*[&$]FCI\b", "", inside, flags=re.IGNORECASE)
            return k + 1, {m[1].upper(): m[2].rstrip(", \n\t") for m in FIELD.finditer(body)}
    raise HamiltonianError(f"fcidump line {len(lines)}: the header has no end (/ or &END)")


def _integer(header: dict[str, str], name: str, low: int, high: int, default: int | None = None) -> int:
    if name not in header:
        if default is None:
            raise HamiltonianError(f"fcidump header: {name} is missing")
        return default
    try:
        value = int(header[name])
    except ValueError:
        raise HamiltonianError(f"fcidump header: {name}={header[name]!r} is not a whole number") from None
    if not low <= value <= high:
        raise HamiltonianError(f"fcidump header: {name}={value}; {low} to {high} are possible")
    return value


def _entry(line: str, number: int, n_orbitals: int) -> tuple[float, tuple[int, ...]]:
    fields = line.split()
    try:
        value = float(fields[0].replace("D", "E").replace("d", "e"))
        indices = tuple(int(field) for field in fields[1:])
    except ValueError:
        raise HamiltonianError(
            f"fcidump line {number}: {line.strip()!r} is not a real number and four orbital numbers"
        ) from None
    if len(indices) != 4 or not np.isfinite(value):
        raise HamiltonianError(
            f"fcidump line {number}: {line.strip()!r} is not a finite number and four orbital numbers"
        )
    if not all(0 <= index <= n_orbitals for index in indices):
        raise HamiltonianError(f"fcidump line {number}: orbital numbers {indices} exceed NORB={n_orbitals}")
    return value, indices


def _equivalents(indices: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """The eight places of one two-electron integral over real orbitals."""
    i, j, k, m = (index - 1 for index in indices)
    half = [(i, j, k, m), (j, i, k, m), (i, j, m, k), (j, i, m, k)]
    return half + [(c, d, a, b) for a, b, c, d in half]


def _store(array: Float, places: list[Any], value: float, number: int) -> None:
    known = array[places[0]]
    if np.isfinite(known) and abs(known - value) > AGREEMENT:
        raise HamiltonianError(f"fcidump line {number}: this integral was {known} before, now {value}")
    for place in places:
        array[place] = value


def _one_body(integrals: Integrals) -> Ladders:
    p, q = np.nonzero(integrals.one_body)
    modes = np.concatenate([np.stack([2 * p + spin, 2 * q + spin], axis=1) for spin in (0, 1)])
    return Ladders((True, False), modes, np.tile(integrals.one_body[p, q], 2))


def _two_body(integrals: Integrals) -> Ladders:
    """1/2 sum (pq|rs) a+_p,s a+_r,t a_s,t a_q,s over both spins."""
    p, q, r, s = np.nonzero(integrals.two_body)
    values = 0.5 * integrals.two_body[p, q, r, s]
    spins = [(0, 0), (0, 1), (1, 0), (1, 1)]
    modes = [np.stack([2 * p + a, 2 * r + b, 2 * s + b, 2 * q + a], axis=1) for a, b in spins]
    return Ladders((True, True, False, False), np.concatenate(modes), np.tile(values, 4))
