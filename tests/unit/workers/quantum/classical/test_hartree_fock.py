import json
from pathlib import Path

import pytest

from workers.quantum.classical import hartree_fock
from workers.runtime.outcome import UserError

TERMS: list[list[str | float]] = [
    ["II", 0.5],
    ["ZI", -1.0],
    ["IZ", 0.25],
    ["ZZ", 2.0],
    ["XX", 7.0],
    ["YY", 7.0],
]


def run(**hamiltonian):
    return hartree_fock.run({"hamiltonian": {"terms": TERMS, **hamiltonian}}, 0, lambda: None)


def test_the_energy_is_the_diagonal_element():
    found = run(hf_bitstring="01", e_exact=-9.0)
    assert found["energy"] == pytest.approx(0.5 - 1.0 - 0.25 - 2.0)
    assert found["correlation_energy"] == pytest.approx(-9.0 - found["energy"])
    assert (found["bitstring"], found["n_electrons"]) == ("01", 1)


def test_a_molecule_has_its_published_energy():
    data = Path(__file__).parents[4] / "data" / "hamiltonians" / "lih_sto3g_1.5957.json"
    molecule = json.loads(data.read_text())
    found = run(**{key: molecule[key] for key in ("terms", "n_electrons", "hf_bitstring")})
    assert found["energy"] == pytest.approx(molecule["e_hf"], abs=1e-9)


def test_without_a_state_it_is_the_lowest_of_its_electrons():
    found = run(n_electrons=1)
    assert found["bitstring"] == "10" and found["energy"] == pytest.approx(0.5 + 1.0 + 0.25 - 2.0)
    assert found["correlation_energy"] is None


def test_without_electrons_there_is_nothing_to_fill():
    with pytest.raises(UserError, match="n_electrons is needed"):
        run()
