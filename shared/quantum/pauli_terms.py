"""The Pauli terms of a spec's Hamiltonian as masks.

In a mask, qubit q of n is bit n - 1 - q. The terms are in the workers' order: the order of equal coefficients
determines the measurement settings.
"""

from __future__ import annotations

from collections.abc import Iterator

from novacron.specs.ansatz import AnyHamiltonian
from novacron.specs.hamiltonian import Fcidump, Heisenberg, Hubbard, Molecular, PauliTerms, Tfim

Terms = dict[tuple[int, int], float]
"""(x, z) -> coefficient."""
X_BIT, Z_BIT = str.maketrans("IXYZ", "0110"), str.maketrans("IXYZ", "0011")
NEGLIGIBLE = 1e-12


def terms(hamiltonian: AnyHamiltonian) -> Terms | None:
    """Return the terms; None for integrals, which only workers expand into terms."""
    match hamiltonian:
        case PauliTerms():
            return _sum((string, coefficient) for string, coefficient in hamiltonian.terms)
        case Tfim() | Heisenberg():
            return spin_chain(hamiltonian)
        case Hubbard():
            return _hubbard(hamiltonian)
        case Fcidump() | Molecular():
            return None


def spin_chain(chain: Tfim | Heisenberg) -> Terms:
    """Return the terms of a chain or ring of spins: bonds first, then fields, site by site.

    Source: Pfeuty, Ann. Phys. 57, 79 (1970), eq. 1.1, in Pauli matrices.
    """
    match chain:
        case Tfim(J=J, h=h, hz=hz):
            return _sum(_chain(chain, {"ZZ": -J}, {"X": -h, "Z": -hz}))
        case Heisenberg(Jx=Jx, Jy=Jy, Jz=Jz, h=h):
            return _sum(_chain(chain, {"XX": Jx, "YY": Jy, "ZZ": Jz}, {"Z": h}))


def _sum(strings: Iterator[tuple[str, float]]) -> Terms:
    found: Terms = {}
    for string, coefficient in strings:
        key = int(string.translate(X_BIT), 2), int(string.translate(Z_BIT), 2)
        found[key] = found.get(key, 0.0) + coefficient
    return found


def _chain(
    chain: Tfim | Heisenberg, couplings: dict[str, float], fields: dict[str, float]
) -> Iterator[tuple[str, float]]:
    n = chain.n_qubits
    for i, j in bonds(n, chain.periodic):
        for pair, coefficient in couplings.items():
            if coefficient:
                yield (
                    "".join(pair[0] if q == i else pair[1] if q == j else "I" for q in range(n)),
                    coefficient,
                )
    for i in range(n):
        for letter, coefficient in fields.items():
            if coefficient:
                yield "I" * i + letter + "I" * (n - 1 - i), coefficient


def bonds(n_sites: int, periodic: bool) -> list[tuple[int, int]]:
    """Return the nearest-neighbour pairs of a chain, or of a ring of at least three sites."""
    chain = [(site, site + 1) for site in range(n_sites - 1)]
    return [*chain, (n_sites - 1, 0)] if periodic else chain


def _hubbard(model: Hubbard) -> Terms:
    """Return hopping as XX and YY with Z between them, U n n as Z, Z and ZZ, mu n as Z; ordered by masks."""
    n = model.n_qubits
    bit = [1 << (n - 1 - q) for q in range(n)]
    found: Terms = {(0, 0): 0.0}
    for i, j in bonds(model.n_sites, model.periodic):
        for spin in (0, 1):
            first, last = sorted((2 * i + spin, 2 * j + spin))
            ends, between = bit[first] | bit[last], sum(bit[first + 1 : last])
            found[ends, between] = found[ends, ends | between] = -model.t / 2
    for q in range(n):
        found[0, bit[q]] = model.mu / 2 - model.U / 4
    for up in range(0, n, 2):
        found[0, bit[up] | bit[up + 1]] = model.U / 4
    kept = (key for key, value in found.items() if abs(value) > NEGLIGIBLE or key == (0, 0))
    return {key: found[key] for key in sorted(kept)}
