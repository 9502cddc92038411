"""Hand-written UCCSD as Pauli strings, for users without a chemistry package."""

from __future__ import annotations

from itertools import combinations

Term = dict[tuple[tuple[int, str], ...], complex]
PRODUCT = {
    ("X", "Y"): (1j, "Z"), ("Y", "X"): (-1j, "Z"), ("Y", "Z"): (1j, "X"),
    ("Z", "Y"): (-1j, "X"), ("Z", "X"): (1j, "Y"), ("X", "Z"): (-1j, "Y"),
}  # fmt: skip


def _times(left: Term, right: Term) -> Term:
    product: Term = {}
    for a, x in left.items():
        for b, y in right.items():
            string, phase = dict(a), x * y
            for qubit, pauli in b:
                met = string.pop(qubit, None)
                if met is None:
                    string[qubit] = pauli
                elif met != pauli:
                    factor, string[qubit] = PRODUCT[met, pauli]
                    phase *= factor
            key = tuple(sorted(string.items()))
            product[key] = product.get(key, 0) + phase
    return product


def _ladder(mode: int, creates: bool) -> Term:
    chain = tuple((qubit, "Z") for qubit in range(mode))
    return {(*chain, (mode, "X")): 0.5, (*chain, (mode, "Y")): -0.5j if creates else 0.5j}


def excitations(n_qubits: int, n_electrons: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return doubles, then singles, that conserve the spin; even modes are alpha, odd ones beta."""
    occupied, virtual = range(n_electrons), range(n_electrons, n_qubits)
    doubles = [
        (source, target)
        for source in combinations(occupied, 2)
        for target in combinations(virtual, 2)
        if sum(mode % 2 for mode in source) == sum(mode % 2 for mode in target)
    ]
    return doubles + [((i,), (a,)) for i in occupied for a in virtual if i % 2 == a % 2]


def rotations(source: tuple[int, ...], target: tuple[int, ...]) -> list[tuple[list[int], list[int], float]]:
    """Return qubits, Paulis (X 1, Y 2, Z 3) and weight w of each exp(-i w theta / 2 P) of one excitation."""
    forward: Term = {(): 1}
    for mode in target:
        forward = _times(forward, _ladder(mode, True))
    for mode in reversed(source):
        forward = _times(forward, _ladder(mode, False))
    return [
        ([qubit for qubit, _ in string], ["IXYZ".index(pauli) for _, pauli in string], -4 * value.imag)
        for string, value in forward.items()
        if abs(value.imag) > 1e-12
    ]
