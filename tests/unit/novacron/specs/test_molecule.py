"""What a molecule may be, and what its Hamiltonian says before the integrals are known."""

import pytest

from novacron import VQE
from novacron.errors import BadInput
from novacron.specs import parse_spec
from novacron.specs.basis_sets import ELEMENTS, FUNCTIONS, n_functions
from novacron.specs.hamiltonian import Molecular

LIH = {"geometry": "Li 0 0 0; H 0 0 {r}", "values": {"r": 1.5957}}
N2 = {"geometry": "N 0 0 0\nN 0 0 1.0977", "basis": "cc-pVDZ"}
TWO = "H 0 0 0; H 0 0 0.74"


def job(molecule, **beside):
    return {"kind": "hybrid_vqe", "ansatz": "uccsd", "hamiltonian": {"molecule": molecule, **beside}}


@pytest.mark.parametrize(
    ("molecule", "n_qubits", "n_electrons", "n_alpha", "occupation"),
    [
        (LIH, 12, 4, 2, "111100000000"),
        (LIH | {"active": [2, 5]}, 10, 2, 1, "1100000000"),
        (N2 | {"active": [6, 6]}, 12, 6, 3, "111111000000"),
        ({"geometry": "O 0 0 0", "spin": 2}, 10, 8, 5, "1111111010"),
        ({"geometry": TWO, "charge": 1, "spin": 1}, 4, 1, 1, "1000"),
        ({"geometry": "h 0 0 -{d}; H 0 0 {d}", "values": {"d": 0.7}, "unit": "bohr"}, 4, 2, 1, "1100"),
    ],
)  # fmt: skip
def test_sizes_are_known_before_the_integrals(molecule, n_qubits, n_electrons, n_alpha, occupation):
    spec = parse_spec(job(molecule))
    assert isinstance(spec, VQE) and isinstance(spec.hamiltonian, Molecular)
    assert (spec.n_qubits, spec.n_electrons, spec.hamiltonian.n_alpha) == (n_qubits, n_electrons, n_alpha)
    assert spec.hamiltonian.molecule.occupation == occupation
    assert spec.n_parameters is not None and spec.n_terms is None and spec.hamiltonian.fcidump is None


@pytest.mark.parametrize(
    ("change", "field", "rule", "hint"),
    [
        ({"values": {}}, "values.r", "is required: {r} is in the geometry", "values: {r: ...}"),
        ({"values": {"r": 1, "q": 2}}, "values.q", "is not in the geometry; names in braces there: r", "{q}"),
        ({"values": {"r": float("nan")}}, "values.r", "finite", None),
        ({"geometry": "Li 0 0; H 0 0 {r}"}, "geometry", "has 2 coordinates in 'Li 0 0'", "Li 0 0 {r}"),
        ({"geometry": "Li 0 0 x; H 0 0 {r}"}, "geometry", "has a coordinate that is no number, 'x'", None),
        ({"geometry": "Li 0 0 0; H 0 1e9 {r}"}, "geometry", "has a coordinate beyond 1000", None),
        ({"geometry": "Lo 0 0 0; H 0 0 {r}"}, "geometry", "must be one of H, He, Li", None),
        ({"geometry": " ; "}, "values.r", "is not in the geometry; names in braces there: none", None),
        ({"geometry": " ; ", "values": {}}, "geometry", "holds no atom", None),
        ({"values": {"r": 0.05}}, "geometry", "has atoms closer than 0.1 angstrom: 1 and 2, Li and H", None),
        ({"basis": "sto3"}, "basis", "must be one of sto-3g", "did you mean 'sto-3g'?"),
        ({"geometry": "Kr 0 0 {r}", "basis": "6-31g"}, "basis", "has no functions for Kr", None),
        ({"charge": 4}, "charge", "leaves no electron: the neutral molecule has 4", None),
        ({"charge": 1}, "spin", "cannot be the unpaired ones of 3 electrons", "an odd one an odd spin"),
        ({"spin": 6}, "spin", "cannot be the unpaired ones of 4 electrons", None),
        ({"basis": "cc-pvtz"}, "basis", "makes 44 orbitals, 88 qubits; the limit is 15", "active: [4, 6]"),
        ({"active": [3, 4]}, "active[0]", "must be at most 4 and leave an even number in the core", None),
        ({"active": [6, 4]}, "active[0]", "must be at most 4", None),
        ({"active": [2, 6]}, "active[1]", "is more than the 5 orbitals that sto-3g has above the core", None),
        ({"active": [2, 4], "spin": 4}, "active[0]", "must be at least the 4 unpaired electrons", None),
        ({"active": [4, 1]}, "active[1]", "has 1 orbitals, too few for 2 electrons with spin up", None),
        ({"active": [4, 16]}, "active[1]", "makes 16 orbitals", None),
        ({"bassis": "sto-3g"}, "bassis", "unknown key", "did you mean 'basis'?"),
    ],
)  # fmt: skip
def test_what_is_refused(change, field, rule, hint):
    with pytest.raises(BadInput) as caught:
        parse_spec(job(LIH | change))
    error = caught.value
    assert error.field == f"hamiltonian.molecule.{field}"
    assert rule in error.rule
    assert hint is None or hint in (error.hint or "")


@pytest.mark.parametrize("name", ["STO-3G", "sto3g", "STO_3G"])
def test_a_basis_has_one_name(name):
    assert parse_spec(job(LIH | {"basis": name})) == parse_spec(job(LIH))


def test_integrals_are_the_schedulers():
    with pytest.raises(BadInput) as caught:
        parse_spec(job(LIH, integrals="&FCI"))
    assert (caught.value.field, caught.value.rule) == (
        "hamiltonian.integrals", "is computed from the molecule",
    )  # fmt: skip


def test_the_basis_sets_have_the_functions_that_pyscf_has():
    from pyscf import gto

    for basis in FUNCTIONS:
        for element in ("H", "Li", "B", "O", "Na", "Cl", "Ca", "Fe", "Kr"):
            if n := n_functions(basis, element):
                spin = ELEMENTS.index(element) % 2 == 0
                assert gto.M(atom=f"{element} 0 0 0", basis=basis, spin=int(spin), verbose=0).nao == n


def test_a_geometry_may_be_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "h2.xyz").write_text("2\nhydrogen\nH 0 0 0\nH  0.0 0.0 0.74  0.1\n")
    spec = VQE(hamiltonian={"molecule": {"geometry": "h2.xyz"}}, ansatz="uccsd")
    assert isinstance(spec.hamiltonian, Molecular)
    assert spec.hamiltonian.molecule.geometry == "H 0 0 0; H 0.0 0.0 0.74"
    (tmp_path / "h2.xyz").write_text("3\nhydrogen\nH 0 0 0\nH 0 0 0.74\n")
    with pytest.raises(BadInput, match="has 2 atoms below a first line '3'") as caught:
        VQE(hamiltonian={"molecule": {"geometry": "h2.xyz"}}, ansatz="uccsd")
    assert caught.value.file == str(tmp_path / "h2.xyz")
