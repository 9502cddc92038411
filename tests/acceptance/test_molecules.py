"""The page of molecules: every energy in its table is what its job gives and what PySCF found."""

import json
import re

import pytest
from pyscf import fci, gto, scf

from tests.acceptance.stack import ROOT, Stack

FOLDER = ROOT / "examples" / "molecules"
EXACT = json.loads((FOLDER / "energies.json").read_text())
ROWS = re.findall(r"^\| `(\w+)` \|(.*)\|$", (ROOT / "docs" / "molecules.md").read_text(), re.MULTILINE)


def test_every_molecule_is_listed() -> None:
    assert [name for name, _ in ROWS] == list(EXACT)
    assert (
        {path.stem for path in FOLDER.glob("*.fcidump")}
        == {path.stem for path in FOLDER.glob("*.yaml")}
        == set(EXACT)
    )


@pytest.mark.parametrize(("name", "cells"), ROWS, ids=[name for name, _ in ROWS])
def test_a_row_holds_what_the_job_gives_and_what_pyscf_found(stack: Stack, name: str, cells: str) -> None:
    n_qubits, e_hf, e_uccsd, e_exact, error_mha = (float(one) for one in cells.split("|")[1:])
    diagonalize = {
        "kind": "pure_classical",
        "function": "exact_diagonalization",
        "arguments": {"hamiltonian": {"fcidump": (FOLDER / f"{name}.fcidump").read_text()}},
    }
    found, exact = stack.finish(FOLDER / f"{name}.yaml", diagonalize)
    assert found["energy"] == pytest.approx(e_uccsd, abs=6e-8)
    assert found["n_qubits"] == n_qubits
    assert (
        found["e_hf"] == pytest.approx(EXACT[name]["e_hf"], abs=1e-8) == e_hf
        or abs(found["e_hf"] - e_hf) < 6e-8
    )
    assert EXACT[name]["e_fci"] == pytest.approx(e_exact, abs=6e-8)
    assert exact["value"]["eigenvalues"][0] == pytest.approx(EXACT[name]["e_fci"], abs=1e-7)
    assert 1e3 * (found["energy"] - EXACT[name]["e_fci"]) == pytest.approx(error_mha, abs=6e-5)


def test_a_geometry_gives_the_energy_of_its_integrals(stack: Stack) -> None:
    molecule = {"geometry": "N 0 0 0; N 0 0 1.0977", "basis": "cc-pVDZ", "active": [6, 6]}
    vqe = {"kind": "hybrid_vqe", "ansatz": "uccsd", "hamiltonian": {"molecule": molecule}}
    exact = {
        "kind": "pure_classical", "function": "exact_diagonalization",
        "arguments": {"hamiltonian": {"molecule": molecule}},
    }  # fmt: skip
    found, diagonalized = stack.finish(vqe, exact)
    assert found["e_hf"] == pytest.approx(EXACT["n2"]["e_hf"], abs=1e-8)
    assert found["e_exact"] == pytest.approx(EXACT["n2"]["e_fci"], abs=1e-8)
    assert 0 < found["energy"] - found["e_exact"] < 0.0016
    assert diagonalized["value"]["eigenvalues"][0] == pytest.approx(EXACT["n2"]["e_fci"], abs=1e-8)


def test_a_curve_computes_the_integrals_of_each_geometry_once(stack: Stack) -> None:
    molecule = {"geometry": "He 0 0 0; H 0 0 {r}", "values": {"r": 1.0}, "charge": 1}
    sweep = {
        "kind": "sweep", "over": {"hamiltonian.molecule.values.r": [0.7, 0.8, 0.9], "seed": [1, 2]},
        "job": {"kind": "hybrid_vqe", "ansatz": "uccsd", "hamiltonian": {"molecule": molecule}},
        "start_from": "hamiltonian.molecule.values.r", 
    }  # fmt: skip
    (found,) = stack.finish(sweep)
    assert (found["n_completed"], found["n_failed"]) == (6, 0)
    listed = stack.client().jobs(q="integrals of HeH", limit=100)
    assert [job.document["kind"] for job in listed] == 3 * ["pure_classical"]
    again = stack.finish(sweep | {"name": "again"})[0]
    assert again["n_cached"] == 6


def test_the_energies_of_a_curve_are_those_of_full_configuration_interaction(stack: Stack) -> None:
    made = stack.document("submit", str(ROOT / "examples" / "lih_curve.yaml"), "--watch")
    rows = stack.document("table", made["job_id"])["rows"]
    assert len(rows) == made["n_completed"] == 13
    for row in rows:
        exact = fci_energy(f"Li 0 0 0; H 0 0 {row['hamiltonian.molecule.values.r']}")
        assert row["e_exact"] == pytest.approx(exact, abs=1e-8)
        assert 0 < row["energy"] - exact < 2e-4
    lowest = min(rows, key=lambda row: row["energy"])
    assert made["result"]["best"]["value"] == lowest["energy"]


def fci_energy(geometry: str) -> float:
    """The lowest energy in STO-3G by PySCF alone, in hartree."""
    field = scf.RHF(gto.M(atom=geometry, basis="sto-3g", verbose=0)).run(conv_tol=1e-12)
    return float(fci.FCI(field).kernel()[0])
