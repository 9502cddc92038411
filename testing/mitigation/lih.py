"""LiH on 12 qubits: the double excitation that lowers the energy most, from the Hartree-Fock state."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
from scipy.optimize import minimize_scalar

from novacron.specs.hamiltonian import PauliTerms
from testing.mitigation.problems import DATA, Case, noise
from workers.quantum import backends
from workers.quantum.ansatz.pool import pool, program
from workers.quantum.backends.expectation import Expectation
from workers.quantum.hamiltonians import hamiltonian
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.problem import Problem
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.lowering.standard_gates import parametrized


@cache
def lih() -> Case:
    """Return LiH with one double excitation; 48 CX with the noise of `noise`."""
    known = json.loads((DATA / "lih_sto3g_1.5957.json").read_text())
    molecule = hamiltonian(PauliTerms(terms=known["terms"], n_electrons=known["n_electrons"]))
    best: tuple[float, Program | None, float] = (0.0, None, 0.0)
    for pair in pool("adapt", "singles_doubles", molecule):
        made = program(molecule, [pair])
        energy = Expectation(backends.load("statevector"), made, molecule.operator)
        found = minimize_scalar(
            lambda angle, e=energy: e.value(np.array([angle])), bounds=(-1, 1), method="bounded"
        )
        if found.fun < best[0]:
            best = (float(found.fun), made, float(found.x))
    exact, chosen, angle = best
    assert chosen is not None
    isa = Isa(parametrized(chosen), tuple(range(12)), noise(12))
    return Case(Problem(isa.at((angle,)), [molecule.operator.terms()], isa.at((0.0,))), exact)
