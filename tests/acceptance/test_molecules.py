"""The page of molecules: every energy in its table is what its job gives and what PySCF found."""

import json
import re

import pytest

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
