"""What a worker would refuse is refused at submission, and nothing else."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import VQE, parse_spec
from scheduler.planning.kinds import feasible
from shared import functions
from shared.circuits.reader import read
from testing.specs import ansatz, hamiltonian, objective
from workers.quantum.ansatz.base import AnsatzError
from workers.quantum.objective import Stage
from workers.runtime.outcome import UserError

HEAD = 'OPENQASM 3.0; include "stdgates.inc"; input float a; qubit[2] q; bit c; '
UNEVEN = [["ZZI", -1.0], ["IZZ", 0.7345], ["ZIZ", 0.333], ["XII", 0.5], ["IXI", 0.5], ["IIX", 0.5]]
EVEN = [["ZZI", -1.0], ["IZZ", 0.5], ["ZIZ", 1.5], ["XII", 0.5], ["IXI", 0.5], ["IIX", 0.5]]


def vqe(**fields: Any) -> VQE:
    spec = parse_spec({"kind": "hybrid_vqe", "hamiltonian": {"terms": [["ZZ", 1.0], ["XI", 0.5]]}, **fields})
    assert isinstance(spec, VQE)
    return spec


def own(body: str, **fields: Any) -> VQE:
    record = read(HEAD + body).to_json()
    base = vqe(ansatz="hardware_efficient", **fields).model_dump(mode="json")
    spec = parse_spec({**base, "ansatz": {"name": "circuit", "circuit": record}}, stored=True)
    assert isinstance(spec, VQE)
    return spec


CIRCUITS = {
    "gates": ("rx(a) q[0]; cx q[0], q[1];", None),
    "barrier and measurement at the end": ("rx(a) q; barrier q; c = measure q[0];", None),
    "a gate after the measurement": ("rx(a) q[0]; c = measure q[0]; x q[0];", "after its measurement"),
    "a reset": ("rx(a) q[0]; reset q[1];", "'reset' is no gate"),
    "a condition": ("rx(a) q[0]; c = measure q[1]; if (c) x q[0];", "is no gate"),
}


@pytest.mark.parametrize("name", CIRCUITS)
def test_circuits_that_are_not_unitary(name: str) -> None:
    body, rule = CIRCUITS[name]
    spec = own(body)
    document = spec.model_dump(mode="json")

    def built() -> None:
        ansatz(document["ansatz"], hamiltonian(document["hamiltonian"]))

    if rule is None:
        built()
        return feasible.check(spec)
    with pytest.raises(AnsatzError):
        built()
    with pytest.raises(BadInput, match=rule):
        feasible.check(spec)


def test_a_circuit_of_another_width() -> None:
    with pytest.raises(BadInput, match="2 qubits, the Hamiltonian acts on 3"):
        feasible.check(own("rx(a) q[0];", hamiltonian={"terms": [["ZZX", 1.0]]}))


FAMILIES = {
    "diagonal only": [["ZZ", 1.0], ["ZI", 0.5]],
    "one family": [["XX", 1.0], ["ZZ", 0.0], ["XI", 0.5]],
    "all commute": [["XX", 1.0], ["YY", 0.5]],
    "identity": [["II", 1.0]],
    "two families": [["XX", 1.0], ["YI", 0.5]],
    "nothing": [["XX", 0.0], ["ZI", 0.0]],
    "a family that cancels": [["XX", 1.0], ["XX", -1.0], ["ZI", 1.0]],
    "field and coupling": [["ZZ", 1.0], ["XI", 0.5]],
}


@pytest.mark.parametrize("name", FAMILIES)
def test_families_are_judged_as_the_worker_does(name: str) -> None:
    spec = vqe(hamiltonian={"terms": FAMILIES[name]}, ansatz="hamiltonian_variational")
    document = spec.model_dump(mode="json")
    try:
        ansatz(document["ansatz"], hamiltonian(document["hamiltonian"]))
    except AnsatzError:
        with pytest.raises(BadInput, match="commute"):
            feasible.check(spec)
    else:
        feasible.check(spec)


@pytest.mark.parametrize("terms", [UNEVEN, EVEN])
@pytest.mark.parametrize("fields", [{"optimizer": "rotosolve"}, {"optimizer": "adam", "shots": 10}])
def test_levels_are_judged_as_the_worker_does(terms: Any, fields: dict[str, Any]) -> None:
    spec = vqe(hamiltonian={"terms": terms}, ansatz="hamiltonian_variational", **fields)
    target = objective(spec.model_dump(mode="json"))
    stage = Stage(target.initial_point(0, None))  # start 0 draws nothing
    if terms is EVEN:
        assert target.frequencies(stage)
        return feasible.check(spec)
    with pytest.raises(UserError):
        target.frequencies(stage)
    with pytest.raises(BadInput, match="whole multiples of one number"):
        feasible.check(spec)
    feasible.check(
        vqe(hamiltonian={"terms": terms}, ansatz="hamiltonian_variational", shots=10, optimizer="spsa")
    )


STRINGS = st.text("IXYZ", min_size=3, max_size=3)
WEIGHTS = st.sampled_from([0.0, 1.0, -0.5, 0.3, 1.7, 2**0.5, 25.0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(STRINGS, WEIGHTS), min_size=1, max_size=7))
def test_rotosolve_is_accepted_where_the_worker_knows_its_frequencies(terms: Any) -> None:
    spec = vqe(hamiltonian={"terms": terms}, ansatz="hamiltonian_variational", optimizer="rotosolve")
    try:
        feasible.check(spec)
    except BadInput:
        return
    target = objective(spec.model_dump(mode="json"))
    assert target.frequencies(Stage(target.initial_point(0, None)))


@settings(max_examples=60, deadline=None)
@given(st.lists(WEIGHTS.filter(bool), min_size=3, max_size=3), st.lists(WEIGHTS, min_size=3, max_size=3))
def test_so_it_is_for_a_qaoa(couplings: Any, fields: Any) -> None:
    body = {"h": fields, "J": [[0, 1, couplings[0]], [1, 2, couplings[1]], [0, 2, couplings[2]]]}
    try:
        spec = parse_spec({"kind": "hybrid_qaoa", "problem": {"ising": body}, "optimizer": "rotosolve"})
    except BadInput:
        return
    assert objective(spec.model_dump(mode="json")).frequencies(Stage(np.zeros(2)))


def test_weights_of_a_qaoa_whose_squares_are_no_numbers() -> None:
    with pytest.raises(BadInput, match="another unit"):
        parse_spec({"kind": "hybrid_qaoa", "problem": {"qubo": {"linear": [1e200, -1e200]}}})


RATES = {
    "one": ("rx(a) q[0]; ry(2*a + 1) q[1];", True),
    "halves": ("crx(a) q[0], q[1]; rx(a) q[0];", True),
    "an odd ratio": ("rx(a) q[0]; ry(0.377*a) q[1];", False),
    "many": ("rx(a) q[0]; ry(70*a) q[1]; rx(1.5*a) q[0];", True),
    "too many": ("rx(a) q[0]; ry(300*a) q[1];", False),
}


@pytest.mark.parametrize("name", RATES)
def test_rates_are_judged_as_the_worker_does(name: str) -> None:
    body, possible = RATES[name]
    spec = own(body, optimizer="rotosolve")
    target = objective(spec.model_dump(mode="json"))
    if possible:
        assert target.frequencies(Stage(np.zeros(1)))
        return feasible.check(spec)
    with pytest.raises(UserError):
        target.frequencies(Stage(np.zeros(1)))
    with pytest.raises(BadInput, match="'a' to turn"):
        feasible.check(spec)


def test_coefficients_whose_squares_are_no_numbers() -> None:
    with pytest.raises(BadInput, match="another unit"):
        feasible.check(
            vqe(hamiltonian={"terms": [["ZZ", 1e308], ["XI", 1e308]]}, ansatz="hardware_efficient")
        )


def test_an_optimizer_that_would_fill_the_memory() -> None:
    wide: dict[str, Any] = {
        "hamiltonian": {"model": "tfim", "n_qubits": 10},
        "ansatz": {"name": "hardware_efficient", "layers": 1000},
    }
    with pytest.raises(BadInput, match="34 GB for 20,020 of them"):
        feasible.check(vqe(**wide, optimizer="slsqp"))
    feasible.check(vqe(**wide, optimizer="lbfgs"))


TERMS = {"terms": [["ZZI", -1.0], ["XII", 0.5]]}
HOPS = {"terms": [["XXII", 1.0], ["YYII", 1.0]]}
HUBBARD = {"model": "hubbard", "n_sites": 2}


@pytest.mark.parametrize(
    ("function", "arguments", "field"),
    [
        ("hartree_fock", {"hamiltonian": TERMS}, "arguments.hamiltonian"),
        ("exact_diagonalization", {"hamiltonian": TERMS, "k": 9}, "arguments.k"),
        ("exact_diagonalization", {"hamiltonian": TERMS, "n_electrons": 4}, "arguments.n_electrons"),
        ("exact_diagonalization", {"hamiltonian": TERMS, "two_sz": 1}, "arguments.two_sz"),
        (
            "exact_diagonalization", {"hamiltonian": HUBBARD, "n_electrons": 2, "two_sz": 1},
            "arguments.two_sz",
        ),
        ("exact_diagonalization", {"hamiltonian": TERMS, "n_electrons": 1}, "arguments.n_electrons"),
        ("exact_diagonalization", {"hamiltonian": HOPS, "n_electrons": 1, "two_sz": 1}, "arguments.two_sz"),
        ("exact_diagonalization", {"hamiltonian": {"model": "tfim", "n_qubits": 40}},
         "arguments.hamiltonian"),
    ],
)  # fmt: skip
def test_classical_functions_know_their_limits(function: str, arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        functions.check(function, arguments)
    assert refused.value.field == field


def test_what_they_can_do_passes() -> None:
    for arguments in (
        {"hamiltonian": TERMS, "k": 8},
        {"hamiltonian": HUBBARD, "k": 4, "two_sz": 0},
        {"hamiltonian": {**HOPS, "spin_order": "blocked"}, "n_electrons": 1, "two_sz": 1},
        {"hamiltonian": {"model": "heisenberg", "n_qubits": 4}, "n_electrons": 2},
        {"hamiltonian": HUBBARD, "k": 16, "sector": "all"},
    ):
        functions.check("exact_diagonalization", arguments)
    functions.check("hartree_fock", {"hamiltonian": HUBBARD})
