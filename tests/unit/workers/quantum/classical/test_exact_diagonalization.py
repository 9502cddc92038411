import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigvalsh

from novacron.errors import BadInput
from workers.quantum.classical import exact_diagonalization, sector
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.runtime.outcome import Stopped, UserError

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0, -1.0]),
}
DATA = Path(__file__).parents[4] / "data" / "hamiltonians"
H2 = json.loads((DATA / "h2_sto3g_0.7414.json").read_text())


def dense(terms):
    total = 0
    for string, coefficient in terms:
        matrix = np.ones((1, 1))
        for letter in string:
            matrix = np.kron(matrix, PAULI[letter])
        total = total + coefficient * matrix
    return total


def diagonalize(hamiltonian, k=1, n_electrons=None, two_sz=None, checkpoint=lambda: None):
    arguments: exact_diagonalization.Arguments = {
        "hamiltonian": hamiltonian, "k": k, "n_electrons": n_electrons, "two_sz": two_sz,
        "sector": "declared",
    }  # fmt: skip
    return exact_diagonalization.run(arguments, 0, checkpoint)


sums = st.integers(1, 5).flatmap(
    lambda n: st.lists(
        st.tuples(st.text("IXYZ", min_size=n, max_size=n), st.floats(-2, 2)), min_size=1, max_size=8
    )
)


@given(sums)
@settings(max_examples=50, deadline=None)
def test_eigenvalues_are_those_of_the_kronecker_product(terms):
    k = min(3, 2 ** len(terms[0][0]))
    found = diagonalize({"terms": terms}, k)
    np.testing.assert_allclose(found["eigenvalues"], eigvalsh(dense(terms))[:k], atol=1e-10)


@given(sums, st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_the_sparse_matrix_is_the_kronecker_product(terms, seed):
    n = len(terms[0][0])
    matrix = sector.matrix(PauliSum.from_terms(terms), sector.basis(n, None), lambda: None)
    np.testing.assert_allclose(matrix.toarray(), dense(terms), atol=1e-12)


def test_lanczos_agrees_with_dense_also_where_eigenvalues_come_in_multiples(monkeypatch):
    monkeypatch.setattr(exact_diagonalization, "_DENSE", 1)
    ring = {
        "model": "heisenberg",
        "n_qubits": 8,
        "Jx": -1.0,
        "Jy": -1.0,
        "Jz": -1.0,
        "h": 0.0,
        "periodic": True,
    }
    found = diagonalize(ring, 12)
    assert found["method"] == "lanczos" and found["residual"] < 1e-7
    np.testing.assert_allclose(found["eigenvalues"][:9], -8.0, atol=1e-9)
    assert min(found["eigenvalues"][9:]) > -8.0 + 1e-3
    assert diagonalize(ring, 12) == found


def test_an_open_ising_chain_has_its_free_fermion_energy():
    n = 11
    chain = {"model": "tfim", "n_qubits": n, "J": 1.0, "h": 1.0, "hz": 0.0, "periodic": False}
    modes = np.linalg.svd(2 * (np.eye(n) + np.eye(n, k=1)), compute_uv=False)
    found = diagonalize(chain, 2)
    assert found["method"] == "lanczos" and found["dimension"] == 2048
    ground = -modes.sum() / 2
    np.testing.assert_allclose(found["eigenvalues"], [ground, ground + modes[-1]], atol=1e-9)


@pytest.mark.parametrize(("name", "dimension"), [("h2_sto3g_0.7414", 4), ("lih_sto3g_1.5957", 225)])
def test_molecules_have_their_full_ci_energy(name, dimension):
    molecule = json.loads((DATA / f"{name}.json").read_text())
    found = diagonalize({"terms": molecule["terms"]}, 1, n_electrons=molecule["n_electrons"], two_sz=0)
    assert found["eigenvalues"][0] == pytest.approx(molecule["e_fci"], abs=1e-9)
    assert found["dimension"] == dimension


@given(n=st.integers(1, 8), electrons=st.integers(0, 8), two_sz=st.none() | st.integers(-4, 4))
@settings(max_examples=60, deadline=None)
def test_a_sector_is_what_counting_ones_says(n, electrons, two_sz):
    def belongs(index):
        bits = format(index, f"0{n}b")
        ups, downs = bits[::2].count("1"), bits[1::2].count("1")
        return ups + downs == electrons and two_sz in (None, ups - downs)

    expected = [index for index in range(2**n) if belongs(index)]
    if expected:
        assert sector.basis(n, electrons, two_sz).tolist() == expected
    else:
        with pytest.raises(UserError, match="no state"):
            sector.basis(n, electrons, two_sz)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hamiltonian": {"terms": [["XI", 1.0]]}, "n_electrons": 1}, "does not conserve"),
        ({"hamiltonian": {"terms": [["ZZ", 1.0]]}, "k": 5}, "there are 4 states"),
        ({"hamiltonian": {"terms": [["ZZ", 1.0]]}, "two_sz": 0}, "needs n_electrons"),
        ({"hamiltonian": {"terms": [["Z" * 30, 1.0]]}}, "too much memory"),
    ],
)
def test_what_cannot_be_done_is_refused(options, message):
    with pytest.raises(UserError, match=message):
        diagonalize(**options)


def test_what_is_no_hamiltonian_is_refused_at_the_border():
    with pytest.raises(BadInput, match="character 1 is 'Q'"):
        diagonalize({"terms": [["ZQ", 1.0]]})


def test_it_stops_when_asked_to():
    def checkpoint():
        raise Stopped

    with pytest.raises(Stopped):
        diagonalize({"terms": H2["terms"]}, checkpoint=checkpoint)


def test_a_complex_hamiltonian_keeps_its_phases():
    found = diagonalize({"terms": [["YI", 1.0], ["XZ", 1.0], ["ZX", 0.5]]}, 4)
    reference = eigvalsh(dense([("YI", 1.0), ("XZ", 1.0), ("ZX", 0.5)]))
    np.testing.assert_allclose(found["eigenvalues"], reference, atol=1e-12)
    assert math.isclose(sum(found["eigenvalues"]), 0.0, abs_tol=1e-12)
