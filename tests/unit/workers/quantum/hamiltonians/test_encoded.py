"""Conversions of encodings against dense matrices made of ladder operators."""

import json
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.inputs.encoding import MAPPINGS, SPIN_ORDERS, Encoding, conserves_particles, conserves_spin
from shared import functions
from testing.asking import Asking
from testing.specs import bound, hamiltonian, system
from workers.quantum.backends.statevector import StateVector
from workers.quantum.classical import exact_diagonalization
from workers.quantum.hamiltonians.encoded import to_jordan_wigner
from workers.quantum.simulation.ir.pauli import PauliSum, string
from workers.quantum.simulation.lowering.circuit_record import lower

CASES = Path(__file__).parents[4] / "data" / "cases"
ENCODINGS = [(mapping, order) for mapping in MAPPINGS for order in SPIN_ORDERS]


def ladders(n: int) -> list[Any]:
    """Annihilators of n modes by Jordan and Wigner, dense."""
    lower_, z, one = np.array([[0, 1], [0, 0]]), np.diag([1, -1]), np.eye(2)
    return [reduce(np.kron, [z] * q + [lower_] + [one] * (n - q - 1)) for q in range(n)]


def molecule(seed: int, n_orbitals: int, order: list[int]) -> Any:
    """A random H that keeps N and S_z; spin orbital k of the interleaved ones is mode order[k]."""
    rng = np.random.default_rng(seed)
    a = ladders(2 * n_orbitals)
    mode = [a[place] for place in order]
    total = np.zeros_like(a[0], dtype=float)
    for p in range(n_orbitals):
        for q in range(n_orbitals):
            hop = rng.standard_normal()
            for spin in (0, 1):
                total += hop * mode[2 * p + spin].T @ mode[2 * q + spin]
            for spins in ((0, 0), (0, 1), (1, 1)):
                r, s = rng.integers(0, n_orbitals, 2)
                first, second = mode[2 * p + spins[0]], mode[2 * r + spins[1]]
                third, fourth = mode[2 * s + spins[1]], mode[2 * q + spins[0]]
                total += 0.3 * rng.standard_normal() * first.T @ second.T @ third @ fourth
    return total + total.T


def encoder(encoding: Encoding) -> Any:
    """The permutation |n> -> |B n>, occupations in the order of the encoding, from what qubits store."""
    n = encoding.n_qubits
    matrix = np.zeros((2**n, 2**n))
    for index in range(2**n):
        bits = [index >> (n - 1 - q) & 1 for q in range(n)]
        if encoding.mapping == "parity":
            stored = [sum(bits[: q + 1]) % 2 for q in range(n)]
        elif encoding.mapping == "bravyi_kitaev":
            stored = [sum(bits[q + 1 - ((q + 1) & -(q + 1)) : q + 1]) % 2 for q in range(n)]
        else:
            stored = bits
        matrix[sum(bit << (n - 1 - q) for q, bit in enumerate(stored)), index] = 1
    return matrix


def pauli_sum(matrix: Any) -> PauliSum:
    n = len(matrix).bit_length() - 1
    sums = {}
    for x in range(2**n):
        for z in range(2**n):
            word = PauliSum.from_terms([(string(x, z, n), 1.0)])
            dense = word.apply(np.eye(2**n, dtype=complex)).T
            value = np.vdot(dense, matrix).real / 2**n
            if abs(value) > 1e-12:
                sums[x, z] = value
    return PauliSum.from_masks(n, sums)


@pytest.mark.parametrize(("mapping", "order"), ENCODINGS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=3, deadline=None)
def test_every_encoding_converts_to_the_same_jordan_wigner_operator(
    mapping: Any, order: Any, seed: int
) -> None:
    encoding = Encoding(4, mapping, order)
    plain = molecule(seed, 2, [0, 1, 2, 3])
    encoded = encoder(encoding) @ molecule(seed, 2, encoding.places()) @ encoder(encoding).T
    operator = pauli_sum(encoded)
    rows = [(*pair, value) for *pair, value in _rows(operator)]
    assert conserves_particles(rows, encoding) and conserves_spin(rows, encoding)
    converted = to_jordan_wigner(operator, encoding)
    np.testing.assert_allclose(converted.apply(np.eye(16, dtype=complex)).T, plain, atol=1e-10)


def _rows(operator: PauliSum) -> Any:
    return zip(
        operator.x_masks.tolist(), operator.z_masks.tolist(), operator.coefficients.tolist(), strict=True
    )


@given(n=st.integers(1, 9), mapping=st.sampled_from(MAPPINGS), data=st.data())
def test_occupations_are_read_where_basis_states_store_them(n: int, mapping: Any, data: Any) -> None:
    order = data.draw(st.sampled_from(SPIN_ORDERS if n % 2 == 0 else SPIN_ORDERS[:1]))
    bits = data.draw(st.text("01", min_size=n, max_size=n))
    encoding = Encoding(n, mapping, order)
    state = encoding.basis_state(bits)
    assert [(state & mask).bit_count() % 2 for mask in encoding.occupations()] == [int(b) for b in bits]


DECLARED = {
    "f10_bk": {"mapping": "bravyi_kitaev"},
    "f10_nelec_only": {},
    "g02_blocked": {"spin_order": "blocked"},
}


def case(name: str) -> dict[str, Any]:
    given_: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text())["hamiltonian"]
    return {**given_, **DECLARED[name]}


@pytest.mark.parametrize(
    ("name", "energy"), [("f10_bk", -1.272212), ("f10_nelec_only", -1.272212), ("g02_blocked", -14.591018)]
)
def test_the_exact_energy_is_that_of_the_declared_electrons(name: str, energy: float) -> None:
    arguments: exact_diagonalization.Arguments = {
        "hamiltonian": case(name), "k": 1, "n_electrons": None, "two_sz": None, "sector": "declared",
    }  # fmt: skip
    found = exact_diagonalization.run(arguments, 0, lambda: None)
    assert found["eigenvalues"][0] == pytest.approx(energy, abs=1e-6)


@pytest.mark.parametrize("name", DECLARED)
def test_electrons_asked_for_are_counted_under_the_mapping_declared(name: str) -> None:
    given_ = case(name)
    electrons = given_.get("n_electrons") or given_["hf_bitstring"].count("1")
    whole: Any = {"k": 1, "n_electrons": None, "two_sz": None, "sector": "declared"}
    asked: Any = {**whole, "n_electrons": electrons, "two_sz": 0}
    bare = {
        key: value for key, value in given_.items() if key not in ("n_electrons", "hf_bitstring", "two_sz")
    }
    functions.check("exact_diagonalization", {**asked, "hamiltonian": bare})
    both: list[Any] = [{**asked, "hamiltonian": bare}, {**whole, "hamiltonian": {**given_, "two_sz": 0}}]
    found, expected = (
        exact_diagonalization.run(arguments, 0, lambda: None)["eigenvalues"] for arguments in both
    )
    assert found == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("name", DECLARED)
def test_exported_circuits_have_the_energy_of_the_terms_as_they_are_in_the_file(name: str) -> None:
    spec: dict[str, Any] = {"kind": "hybrid_vqe", "hamiltonian": case(name), "ansatz": {"name": "uccsd"}}
    known, trial = system(spec)
    program = trial.circuit(())
    point = np.random.default_rng(3).normal(size=program.n_parameters)
    energy = Asking(StateVector(), program, known.operator).energy(point)
    own = hamiltonian(spec["hamiltonian"]).operator
    exported = Asking(StateVector(), lower(bound(spec, point.tolist())), own)
    assert exported.energy(np.zeros(0)) == pytest.approx(energy, abs=1e-9)
