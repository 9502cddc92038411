"""What a VQE says of its final state, and loops that have nothing to vary."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from novacron.specs import parse_spec
from shared.circuits.reader import read
from testing.specs import hamiltonian
from tests.unit.workers.operations.executor import run
from workers.quantum.backends import load
from workers.quantum.simulation.ir.program import Program, Unitary
from workers.quantum.variational.quantum_numbers import quantum_numbers

CASES = Path(__file__).parents[4] / "data" / "cases"


def vqe(hamiltonian_: Any, ansatz: Any, **rest: Any) -> dict[str, Any]:
    spec = {"kind": "hybrid_vqe", "hamiltonian": hamiltonian_, "ansatz": ansatz, **rest}
    return parse_spec(spec).model_dump(mode="json")


def case(name: str, **beside: Any) -> dict[str, Any]:
    return {"fcidump": (CASES / f"{name}.fcidump").read_text(), **beside}


HE = {"fcidump": (CASES / "g05.fcidump").read_text()}
EMPTY, FULL = ({"model": "hubbard", "n_sites": 2, "n_electrons": count} for count in (0, 4))


@pytest.mark.parametrize("shots", [None, 2000])
@pytest.mark.parametrize("mode", ["fused", "fanned_out"])
@pytest.mark.parametrize("ansatz", ["uccsd", "adapt", {"name": "adapt", "pool": "generalized"}])
@pytest.mark.parametrize(("model", "energy"), [(HE, -2.8077839575399737), (EMPTY, 0.0), (FULL, 8.0)])
def test_without_excitations_the_energy_is_that_of_the_reference(
    model: Any, energy: float, ansatz: Any, mode: str, shots: int | None
) -> None:
    result, executor = run(vqe(model, ansatz, shots=shots), mode)
    assert result["energy"] == pytest.approx(energy, abs=1e-12 + 6 * (result["std_error"] or 0.0))
    assert result["converged"] and not executor.warnings
    assert len(result["parameters"]) == len(result["operators"])
    assert result["variance"] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("ansatz", ["hamiltonian_variational", "hardware_efficient"])
def test_other_ansaetze_run_without_electrons(ansatz: str) -> None:
    result, _ = run(vqe(EMPTY, ansatz), "fused")
    assert np.isfinite(result["energy"]) and result["n_particles"] is not None


def test_a_triplet_says_so_whatever_the_order_of_its_orbitals() -> None:
    results = [run(vqe(case(name), "uccsd"), "fused")[0] for name in ("f03", "f04")]
    for result in results:
        assert result["energy"] == pytest.approx(-54.285157, abs=2e-5)
        assert result["e_exact"] == pytest.approx(-54.285157165, abs=1e-8)
        assert result["e_hf"] == pytest.approx(-54.257840376, abs=1e-8)
        assert (result["n_particles"], result["s_z"]) == pytest.approx((8.0, 1.0), abs=1e-9)
        assert result["s_squared"] == pytest.approx(2.0, abs=1e-3)


def test_another_particle_number_is_pointed_out() -> None:
    given = json.loads((CASES / "k2_he_seed0.json").read_text())
    spec = vqe(given["hamiltonian"], {"name": "hardware_efficient", "layers": 4}, starts=4)
    result, executor = run(spec, "fused")
    assert abs(result["n_particles"] - 2) > 0.5 and result["energy"] < result["e_exact"]
    said = " ".join(executor.warnings)
    assert "2 electrons are declared" in said and "below the exact one" in said


TWO_SITES: dict[str, Any] = {
    "terms": [["ZIII", -1.0], ["IZII", -1.0], ["IIZI", -0.25], ["IIIZ", -0.25], ["ZZII", 0.5]],
    "n_electrons": 2,
}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"e_hf": -1.0}, ""),
        ({"e_hf": -99.0}, "hamiltonian.e_hf is -99, and the energy of the reference determinant"),
        ({"e_exact": -1.00001}, ""),
        ({"e_exact": -99.0}, "hamiltonian.e_exact is -99, and the lowest energy"),
        ({"e_exact": 3.0}, "hamiltonian.e_exact is 3, and the lowest energy"),
    ],
)
def test_energies_that_the_terms_contradict_are_pointed_out(told: dict[str, float], said: str) -> None:
    _, executor = run(vqe({**TWO_SITES, **told}, "uccsd"), "fused")
    assert said in " ".join(executor.warnings) and bool(said) == bool(executor.warnings)


FLUX = {  # hops with imaginary amplitudes, which real excitations do not feel
    "terms": [["XZYI", 0.5], ["YZXI", -0.5], ["IXZY", 0.5], ["IYZX", -0.5]],
    "n_electrons": 1,
}


@pytest.mark.parametrize(
    ("ansatz", "changes", "said"),
    [
        ("adapt", {}, "no operator of the pool lowers the energy"),
        ("uccsd", {}, "try perturb: 0.01"),
        ("uccsd", {"perturb": 0.01}, "perturb did not change that"),
    ],
)
def test_a_start_that_no_real_excitation_leaves_is_pointed_out(ansatz: str, changes: Any, said: str) -> None:
    result, executor = run(vqe(FLUX, ansatz, **changes), "fused")
    assert result["e_exact"] == pytest.approx(-1.0) and result["variance"] == pytest.approx(1.0)
    assert said in " ".join(executor.warnings)


@pytest.mark.parametrize(
    ("terms", "stays"),
    [
        ([["II", 3.5]], True),
        ([["XX", 0.0], ["II", -1.0]], True),
        ([["ZI", -1.0], ["IZ", -1.0]], True),  # |00> is the lowest state
        ([["ZI", 1.0], ["IZ", 1.0]], False),  # and here the highest
    ],
)
def test_an_optimizer_that_starts_at_the_lowest_energy_may_stay(terms: Any, stays: bool) -> None:
    circuit = read('OPENQASM 3.0; include "stdgates.inc"; input float a; qubit[2] q; crx(a) q[0], q[1];')
    spec = vqe({"terms": terms}, "hardware_efficient")
    spec["ansatz"] = {"name": "circuit", "circuit": circuit.to_json()}
    result, executor = run(spec, "fused")
    assert result["energy"] == pytest.approx(sum(value for _, value in terms))
    assert ("never left" in " ".join(executor.warnings)) is not stays


def test_a_degenerate_shell_is_pointed_out_and_broken() -> None:
    ring = {"model": "hubbard", "n_sites": 4, "periodic": True}
    ansatz = {"name": "hamiltonian_variational", "layers": 6}
    alone, executor = run(vqe(ring, ansatz), "fused")
    assert alone["energy"] > -0.8 and "perturb" in " ".join(executor.warnings)
    for changes in ({"perturb": 1e-2}, {"starts": 2}):
        broken, executor = run(vqe(ring, ansatz, seed=1, **changes), "fused")
        assert broken["energy"] < -1.9 and "degenerate shell" in " ".join(executor.warnings)
        assert broken["e_exact"] == pytest.approx(-2.1027484834620855, abs=1e-9)


def test_quantum_numbers_of_random_states_are_those_of_dense_operators() -> None:
    rng = np.random.default_rng(5)
    n = 6
    known = hamiltonian({"model": "hubbard", "n_sites": 3})
    state = rng.standard_normal(2**n) + 1j * rng.standard_normal(2**n)
    state /= np.linalg.norm(state)
    down, z = np.array([[0, 1], [0, 0]]), np.diag([1, -1])

    def mode(q: int) -> Any:
        product: Any = np.eye(1)
        for k in range(n):
            product = np.kron(product, z if k < q else down if k == q else np.eye(2))
        return product

    a = [mode(q) for q in range(n)]
    raising = sum(a[q].T @ a[q + 1] for q in range(0, n, 2))
    s_z = sum((1 - 2 * (q % 2)) * a[q].T @ a[q] for q in range(n)) / 2
    square = raising.T @ raising + s_z @ (s_z + np.eye(2**n))

    # A unitary whose first column is the state, up to a phase.
    turned = np.linalg.qr(np.column_stack([state, np.eye(2**n, dtype=complex)[:, 1:]]))[0]
    program = Program(n, 0, (Unitary(tuple(range(n)), turned),))
    found = quantum_numbers(known, program, np.zeros(0), load("statevector"))
    matrix = known.operator.apply(np.eye(2**n, dtype=complex)).T
    mean = np.vdot(state, matrix @ state).real
    expected = [np.vdot(state, one @ state).real for one in (sum(x.T @ x for x in a), s_z, square)]
    assert [found.n_particles, found.s_z, found.s_squared] == pytest.approx(expected, abs=1e-12)
    assert found.variance == pytest.approx(np.linalg.norm(matrix @ state) ** 2 - mean**2, abs=1e-10)
