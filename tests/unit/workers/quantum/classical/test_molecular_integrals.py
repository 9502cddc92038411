"""Integrals by PySCF, against the energies that it gives itself."""

import json
import sys
from pathlib import Path

import pytest

from novacron.specs.integrals import Fcidump
from novacron.specs.molecule import Molecule
from workers.quantum.classical import exact_diagonalization, hartree_fock, molecular_integrals
from workers.runtime.outcome import MissingExtraError, UserError

ENERGIES = json.loads((Path(__file__).parents[5] / "examples" / "molecules" / "energies.json").read_text())


def run(**molecule):
    return molecular_integrals.run({"molecule": molecule}, 0, lambda: None)


def energies(found, molecule):
    system = {"fcidump": found["fcidump"], "occupation": Molecule(**molecule).occupation}
    arguments: exact_diagonalization.Arguments = {
        "hamiltonian": system, "k": 1, "n_electrons": None, "two_sz": None, "sector": "declared",
    }  # fmt: skip
    lowest = hartree_fock.run({"hamiltonian": system}, 0, lambda: None)["energy"]
    return lowest, exact_diagonalization.run(arguments, 0, lambda: None)["eigenvalues"][0]


@pytest.mark.parametrize(
    ("name", "molecule"),
    [
        ("h2", {"geometry": "H 0 0 0; H 0 0 0.7414"}),
        ("lih", {"geometry": "Li 0 0 0; H 0 0 1.5957"}),
        ("n2", {"geometry": "N 0 0 0; N 0 0 1.0977", "basis": "cc-pvdz", "active": [6, 6]}),
    ],
)
def test_energies_are_those_of_the_examples(name, molecule):
    found = run(**molecule)
    e_hf, e_exact = energies(found, molecule)
    assert found["energy"] == pytest.approx(ENERGIES[name]["e_hf"], abs=2e-7)
    assert e_hf == pytest.approx(found["energy"], abs=1e-9)
    assert e_exact == pytest.approx(ENERGIES[name]["e_fci"], abs=2e-7)


def test_unpaired_electrons_and_a_core():
    from pyscf import fci, gto, mcscf, scf

    molecule = {"geometry": "O 0 0 0; O 0 0 1.2", "spin": 2, "active": [8, 6]}
    field = scf.ROHF(gto.M(atom="O 0 0 0; O 0 0 1.2", spin=2, verbose=0)).run()
    space = mcscf.CASCI(field, 6, (5, 3))
    space.fcisolver = fci.direct_spin1.FCI()
    found = run(**molecule)
    e_hf, e_exact = energies(found, molecule)
    assert (found["n_orbitals"], found["n_electrons"]) == (6, 8)
    assert e_hf == pytest.approx(field.e_tot, abs=1e-7)
    assert e_exact == pytest.approx(space.kernel()[0], abs=1e-6)


def test_units_and_values():
    bohr = run(geometry="H 0 0 -{d}; H 0 0 {d}", values={"d": 0.7005}, unit="bohr")
    angstrom = run(geometry="H 0 0 0; H 0 0 0.74137736")
    assert bohr["energy"] == pytest.approx(angstrom["energy"], abs=1e-7)


def test_the_same_molecule_gives_the_same_bits_and_neighbours_the_same_signs():
    one, again, next_one = (
        Fcidump(fcidump=run(geometry=f"Li 0 0 0; H 0 0 {r}")["fcidump"]) for r in (1.6, 1.6, 1.61)
    )
    assert one.fcidump == again.fcidump
    large = {place: value for place, value in one.integrals.two_body.items() if abs(value) > 0.01}
    assert all(next_one.integrals.two_body[place] * value > 0 for place, value in large.items())


def test_hartree_fock_that_does_not_converge(monkeypatch):
    monkeypatch.setattr(molecular_integrals, "MOST_CYCLES", 1)
    monkeypatch.setattr("pyscf.soscf.newton_ah._CIAH_SOSCF.max_cycle", 0, raising=False)
    with pytest.raises(UserError, match="did not converge in 1 iterations"):
        run(geometry="O 0 0 0; H 0 0 0.96; H 0 0.93 -0.24")


def test_without_pyscf_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyscf", None)
    with pytest.raises(MissingExtraError) as caught:
        run(geometry="H 0 0 0; H 0 0 0.74")
    assert caught.value.extra == "chem" and "pip install 'novacron[chem]'" in (caught.value.hint or "")
