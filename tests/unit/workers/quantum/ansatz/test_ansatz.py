import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from shared.quantum.excitations import Span, generalized, singles_doubles
from testing import specs
from testing.asking import Asking
from testing.specs import hamiltonian
from workers.quantum.ansatz.base import Ansatz, AnsatzError
from workers.quantum.ansatz.families import families
from workers.quantum.ansatz.preparation import givens
from workers.quantum.backends import load
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.program import Excitation

DATA = Path(__file__).parents[4] / "data"


def ansatz(spec: dict[str, Any], built: Hamiltonian) -> Ansatz:
    made = specs.ansatz(spec, built)
    assert isinstance(made, Ansatz)
    return made


def file(name: str) -> dict[str, Any]:
    return dict(json.loads((DATA / name).read_text()))


def minimum(made: Ansatz, built: Hamiltonian, start: int = 0, iterations: int = 200) -> tuple[float, Any]:
    compiled = Asking(load("statevector"), made.program, built.operator)
    result = minimize(
        compiled.energy_and_gradient,
        made.initial(start, np.random.default_rng([7, start])),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "ftol": 1e-10, "gtol": 1e-6},
    )
    return float(result.fun), compiled.probabilities(result.x)


def start_state(made: Ansatz) -> Any:
    """The state at zero angles: what the ansatz starts from."""
    return Asking(load("statevector"), made.program).state(np.zeros(len(made.center)))


@pytest.mark.parametrize("name", ["h2_sto3g_0.7414", "lih_sto3g_1.5957"])
def test_uccsd_reaches_chemical_accuracy_in_its_sector(name: str) -> None:
    reference = file(f"hamiltonians/{name}.json")
    built = hamiltonian({"terms": reference["terms"], "hf_bitstring": reference["hf_bitstring"]})
    made = ansatz({"name": "uccsd"}, built)
    np.testing.assert_array_equal(made.initial(0, np.random.default_rng(0)), 0)
    energy, probabilities = minimum(made, built)
    assert abs(energy - reference["e_fci"]) < 1e-4
    assert energy > reference["e_fci"] - 1e-9
    for index in np.flatnonzero(probabilities > 1e-14).tolist():
        bits = format(index, f"0{built.n_qubits}b")
        assert bits[::2].count("1") == reference["n_alpha"] and bits[1::2].count("1") == reference["n_beta"]


def test_uccsd_excites_doubles_before_singles_and_keeps_spin() -> None:
    found = list(singles_doubles("11110000"))
    assert [len(sources) for sources, _ in found] == [2] * 18 + [1] * 8
    assert all(sum(q % 2 for q in s) == sum(q % 2 for q in t) for s, t in found)


def test_uccsd_leaves_out_only_what_symmetry_forbids() -> None:
    reference = file("hamiltonians/lih_sto3g_1.5957.json")
    built = hamiltonian({"terms": reference["terms"], "hf_bitstring": reference["hf_bitstring"]})
    made = ansatz({"name": "uccsd"}, built)
    kept = {(op.sources, op.targets) for op in made.program.ops if isinstance(op, Excitation)}
    dropped = [pair for pair in singles_doubles(reference["hf_bitstring"]) if pair not in kept]
    assert len(kept) + len(dropped) == 92 and dropped
    theta = np.random.default_rng(1).uniform(-0.3, 0.3, len(made.center))
    state = Asking(load("statevector"), made.program).state(theta)
    image = built.operator.apply(state)
    from workers.quantum.simulation.ir.excitation import pairs

    for sources, targets in dropped:
        op = Excitation(sources, targets, made.program.ops[0].angle)  # type: ignore[union-attr]
        first, second = pairs(op, np.arange(2**12), 12)
        gradient = 2 * (np.vdot(image[second], state[first]) - np.vdot(image[first], state[second])).real
        assert abs(gradient) < 1e-12


def test_generalized_pairs_are_all_that_keep_spin_each_in_one_direction() -> None:
    found = list(generalized("110000"))
    unordered = {frozenset((frozenset(s), frozenset(t))) for s, t in found}
    assert len(unordered) == len(found)
    assert all(sum(q % 2 for q in s) == sum(q % 2 for q in t) for s, t in found)
    assert {pair for pair in singles_doubles("110000")} <= set(found)
    # 2 x 3 singles; doubles of different spins: 9 orbital pairs to 4 disjoint ones, each once.
    assert [sum(len(s) == order for s, _ in found) for order in (1, 2)] == [6, 18]


def test_span_holds_the_sums_of_its_masks() -> None:
    span = Span([0b1100, 0b0110, 0b1010])
    assert all(mask in span for mask in (0, 0b1100, 0b0110, 0b1010))
    assert all(mask not in span for mask in (0b0001, 0b1000, 0b1110))


@pytest.mark.parametrize(
    "name", ["tfim_open_n4_h1.0", "tfim_ring_n6_h1.0", "tfim_open_n6_h0.5", "tfim_open_n8_h1.0"]
)
def test_hamiltonian_variational_solves_the_transverse_field_chain(name: str) -> None:
    reference = file(f"tfim/{name}.json")
    built = hamiltonian({"terms": reference["terms"]})
    made = ansatz({"name": "hamiltonian_variational", "layers": reference["n_qubits"]}, built)
    assert len(made.parameters) == 2 * reference["n_qubits"]
    np.testing.assert_allclose(start_state(made), 2.0 ** (-built.n_qubits / 2), atol=1e-14)
    energy, _ = minimum(made, built)
    assert abs(energy - reference["e_ground"]) < 2e-3 * abs(reference["e_ground"])


def test_hamiltonian_variational_starts_a_heisenberg_chain_from_singlets() -> None:
    built = hamiltonian({"model": "heisenberg", "n_qubits": 6})
    made = ansatz({"name": "hamiltonian_variational", "layers": 6}, built)
    state = start_state(made)
    singlets = hamiltonian({"terms": [[f"{a * 2:I<6}", 1] for a in "XYZ"]}).operator
    assert singlets.expectation(state) == pytest.approx(-3.0, abs=1e-12)
    matrix = built.operator.apply(np.eye(64, dtype=complex))
    exact = np.linalg.eigvalsh(matrix)[0]
    energy, _ = minimum(made, built)
    assert abs(energy - exact) < 5e-3 * abs(exact)


@pytest.mark.parametrize(("n_sites", "n_electrons"), [(2, 2), (3, 2), (4, 4)])
def test_hamiltonian_variational_starts_a_hubbard_chain_from_its_hopping_ground_state(
    n_sites: int, n_electrons: int
) -> None:
    spec = {"model": "hubbard", "n_sites": n_sites, "t": 1, "n_electrons": n_electrons}
    free, built = hamiltonian({**spec, "U": 0}), hamiltonian({**spec, "U": 4})
    made = ansatz({"name": "hamiltonian_variational", "layers": 4}, built)
    assert free.hopping is not None
    bands = np.linalg.eigvalsh(free.hopping)
    n_down = n_electrons // 2
    lowest = bands[: n_electrons - n_down].sum() + bands[:n_down].sum()
    assert free.operator.expectation(start_state(made)) == pytest.approx(lowest, abs=1e-12)
    matrix = built.operator.apply(np.eye(4**n_sites, dtype=complex))
    chosen = np.bitwise_count(np.arange(4**n_sites)) == n_electrons
    exact = np.linalg.eigvalsh(matrix[np.ix_(chosen, chosen)])[0]
    energy, probabilities = minimum(made, built)
    assert energy < free.operator.expectation(start_state(made)) + 4 * n_sites / 4
    assert abs(energy - exact) < 0.02 * abs(exact)
    assert probabilities[~chosen].max() < 1e-14


def test_hamiltonian_variational_falls_back_on_the_reference_state() -> None:
    reference = file("hamiltonians/h2_sto3g_0.7414.json")
    built = hamiltonian({"terms": reference["terms"], "hf_bitstring": "1100"})
    made = ansatz({"name": "hamiltonian_variational", "layers": 2}, built)
    assert abs(start_state(made)[0b1100]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("terms", "sizes"),
    [
        ([["ZZI", 1], ["XII", 1], ["IZZ", 1], ["IXI", 1], ["IIX", 1], ["IIZ", 1], ["III", 1]], [3, 3]),
        ([["XXI", 1], ["IXX", 1], ["YYI", 1], ["IYY", 1], ["ZZI", 1], ["IZZ", 1]], [2, 2, 2]),
    ],
)
def test_families_commute_and_cover_the_terms(terms: list[Any], sizes: list[int]) -> None:
    operator = hamiltonian({"terms": terms}).operator
    parts = families(operator)
    assert [len(part.coefficients) for part in parts] == sizes
    identity = np.eye(8, dtype=complex)
    for part in parts:
        matrices = [
            part.part(np.arange(len(part.coefficients)) == k).apply(identity)
            for k in range(len(part.x_masks))
        ]
        for a in matrices:
            for b in matrices:
                np.testing.assert_allclose(a @ b, b @ a, atol=1e-14)


@pytest.mark.parametrize(("count", "n_sites"), [(1, 4), (2, 5), (3, 3), (4, 7)])
def test_givens_rotations_rebuild_the_occupied_orbitals(count: int, n_sites: int) -> None:
    rows = np.linalg.qr(np.random.default_rng(3).normal(size=(n_sites, n_sites)))[0][:count]
    built = np.eye(n_sites)[:count]
    for site, angle in givens(rows):
        turn = np.eye(n_sites)
        turn[site : site + 2, site : site + 2] = [
            [math.cos(angle), math.sin(angle)],
            [-math.sin(angle), math.cos(angle)],
        ]
        built = built @ turn
    assert abs(np.linalg.det(built @ rows.T)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(("entangler", "pairs"), [("linear", 3), ("ring", 4), ("full", 6)])
def test_hardware_efficient_has_two_angles_a_qubit_and_layer(entangler: str, pairs: int) -> None:
    built = hamiltonian({"model": "tfim", "n_qubits": 4})
    made = ansatz({"name": "hardware_efficient", "layers": 2, "entangler": entangler}, built)
    assert len(made.parameters) == len(made.center) == 2 * 4 * 3
    assert len(made.program.ops) == 24 + 2 * pairs
    best = min(minimum(made, built, start, iterations=60)[0] for start in range(3))
    assert -4.758770483143634 - 1e-9 < best < -4.2


def test_circuit_parameters_are_the_users() -> None:
    record = {
        "n_qubits": 2,
        "parameters": ["a", "b"],
        "instructions": [
            {"gate": "ry", "qubits": [0], "params": [{"terms": {"a": 1.0}, "offset": 0.0}]},
            {"gate": "cx", "qubits": [0, 1]},
            {"gate": "rz", "qubits": [1], "params": [{"terms": {"b": 2.0}, "offset": 0.0}]},
        ],
    }
    built = hamiltonian({"terms": [["XX", 1.0], ["ZZ", 1.0]]})
    made = ansatz({"name": "circuit", "circuit": record}, built)
    assert made.named(()) == (("a", "ry(a) on 0"), ("b", "rz(2 b) on 1"))
    assert minimum(made, built)[0] == pytest.approx(0.0, abs=1e-6)


def test_starts_are_reproducible_and_differ() -> None:
    made = ansatz(
        {"name": "hamiltonian_variational", "layers": 2}, hamiltonian({"model": "tfim", "n_qubits": 3})
    )
    first, second = (made.initial(1, np.random.default_rng([7, 1])) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (first != made.initial(2, np.random.default_rng([7, 2]))).all()
    made.initial(0, np.random.default_rng(0))[:] = 9
    assert (made.initial(0, np.random.default_rng(0)) < 1).all()


CHAIN: dict[str, Any] = {"model": "tfim", "n_qubits": 2}
RESET = {"n_qubits": 2, "parameters": ["a"], "instructions": [{"reset": 0}]}


@pytest.mark.parametrize(
    ("spec", "model", "message"),
    [
        ({"name": "uccsd"}, CHAIN, "n_electrons"),
        ({"name": "hamiltonian_variational", "layers": 1}, {"terms": [["ZZ", 1.0]]}, "1 commuting families"),
        ({"name": "circuit", "circuit": RESET}, CHAIN, "not unitary"),
        ({"name": "circuit", "circuit": {**RESET, "n_qubits": 3, "instructions": []}}, CHAIN, "3 qubits"),
    ],
)
def test_what_does_not_fit_is_refused(spec: dict[str, Any], model: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsatzError, match=message):
        ansatz(spec, hamiltonian(model))
