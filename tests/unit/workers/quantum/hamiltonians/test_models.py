import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from novacron.specs.pauli_terms import MAX_LETTERS
from testing.specs import hamiltonian
from workers.quantum.hamiltonians.base import HamiltonianError
from workers.quantum.simulation.ir.pauli import PauliSum

DATA = Path(__file__).parents[4] / "data"


def spectrum(operator: PauliSum) -> Any:
    return np.linalg.eigvalsh(operator.apply(np.eye(2**operator.n_qubits, dtype=complex)))


def sector_spectrum(operator: PauliSum, n_electrons: int) -> Any:
    matrix = operator.apply(np.eye(2**operator.n_qubits, dtype=complex))
    chosen = np.bitwise_count(np.arange(len(matrix))) == n_electrons
    return np.linalg.eigvalsh(matrix[np.ix_(chosen, chosen)])


@pytest.mark.parametrize("path", sorted((DATA / "tfim").glob("tfim_*_n[4-8]_*.json")), ids=lambda p: p.stem)
def test_tfim_is_the_reference_files_sum_and_energy(path: Path) -> None:
    reference = json.loads(path.read_text())
    keys = ("n_qubits", "J", "h", "hz", "periodic")
    built = hamiltonian({"model": "tfim", **{key: reference[key] for key in keys}})
    assert dict(built.operator.terms()) == {letters: c for letters, c in reference["terms"] if c}
    assert spectrum(built.operator)[0] == pytest.approx(reference["e_ground"], abs=1e-9)


def test_a_longitudinal_field_counts_minus_hz() -> None:
    built = hamiltonian({"model": "tfim", "n_qubits": 2, "J": 0.5, "h": 0, "hz": 2})
    np.testing.assert_allclose(built.operator.diagonal(), [-4.5, 0.5, 0.5, 3.5])


def test_heisenberg_rings_and_pairs_have_their_known_energies() -> None:
    pair = hamiltonian({"model": "heisenberg", "n_qubits": 2})
    np.testing.assert_allclose(spectrum(pair.operator), [-3, 1, 1, 1], atol=1e-12)
    ring = hamiltonian({"model": "heisenberg", "n_qubits": 4, "periodic": True})
    assert spectrum(ring.operator)[0] == pytest.approx(-8.0, abs=1e-12)
    field = hamiltonian({"model": "heisenberg", "n_qubits": 2, "Jx": 0.0, "Jy": 0.0, "Jz": 0.0, "h": 0.7})
    np.testing.assert_allclose(spectrum(field.operator), [-1.4, 0.0, 0.0, 1.4])


@pytest.mark.parametrize(("t", "U"), [(1.0, 4.0), (0.7, 2.5), (1.3, 0.0)])
def test_hubbard_dimer_at_half_filling(t: float, U: float) -> None:
    built = hamiltonian({"model": "hubbard", "n_sites": 2, "t": t, "U": U})
    assert built.n_electrons == 2 and built.reference == "1001"
    expected = (U - math.sqrt(U**2 + 16 * t**2)) / 2
    assert sector_spectrum(built.operator, 2)[0] == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(sector_spectrum(built.operator, 1), [-t, -t, t, t], atol=1e-12)


def test_free_hubbard_ring_fills_its_bands_and_the_chemical_potential_shifts_them() -> None:
    built = hamiltonian({"model": "hubbard", "n_sites": 4, "t": 1, "U": 0, "mu": 0.3, "periodic": True})
    # Bands -2, 0, 0, 2 for either spin; four electrons, each -mu.
    assert sector_spectrum(built.operator, 4)[0] == pytest.approx(-4.0 - 4 * 0.3, abs=1e-12)


def test_terms_keep_what_is_known_and_compute_the_reference_energy() -> None:
    file = json.loads((DATA / "hamiltonians" / "h2_sto3g_0.7414.json").read_text())
    spec = {key: file[key] for key in ("terms", "hf_bitstring")}
    built = hamiltonian({**spec, "n_electrons": None, "e_exact": file["e_fci"]})
    assert built.n_electrons == 2 and built.reference == "1100"
    assert built.e_hf == pytest.approx(file["e_hf"], abs=1e-10)
    assert spectrum(built.operator)[0] == pytest.approx(built.e_exact, abs=1e-10)


def test_sites_beyond_what_integrals_are_made_for_are_refused() -> None:
    with pytest.raises(HamiltonianError, match="n_sites: 16"):
        hamiltonian({"model": "hubbard", "n_sites": 16})


def test_a_sum_too_large_for_a_submission_is_searched_for_its_symmetry_here() -> None:
    n = 60
    strings = ["I" * k + "Z" + "I" * (n - 1 - k) for k in range(n)]
    pairs = [a[: n // 2] + b[n // 2 :] for a in strings[: n // 2] for b in strings[n // 2 :]]
    terms = [[string, 1.0] for string in pairs] * 40 + [["X" + "I" * (n - 1), 0.5]]
    assert n * len(terms) > MAX_LETTERS
    with pytest.raises(HamiltonianError, match="do not keep it under jordan_wigner"):
        hamiltonian({"terms": terms, "n_electrons": 2})


def test_what_the_spec_does_not_say_is_as_the_spec_has_it() -> None:
    bare = hamiltonian({"model": "hubbard", "n_sites": 2})
    told = hamiltonian({"model": "hubbard", "n_sites": 2, "t": 1.0, "U": 4.0, "mu": 0.0, "n_electrons": 2})
    assert list(bare.operator.terms()) == list(told.operator.terms())
