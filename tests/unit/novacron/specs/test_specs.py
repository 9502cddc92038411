import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.specs import QAOA, QML, SPECS, VQE, Circuit, Classical, Crypto, parse_spec
from novacron.specs.hamiltonian import Heisenberg, Hubbard, PauliTerms, Tfim
from novacron.specs.problem import components
from novacron.specs.qaoa import few_multiples_of_one

DATA = Path(__file__).parents[3] / "data"
TFIM = {"model": "tfim", "n_qubits": 4}
COMMON: dict[str, Any] = {
    "name": None,
    "backend": "auto",
    "shots": None,
    "noise": None,
    "mitigation": [],
    "seed": 0,
    "priority": 0,
    "timeout_s": None,
    "cache": True,
    "max_retries": 3,
    "depends_on": [],
    "budget": None,
    "granularity": "auto",
    "tags": [],
    "session": None,
}
LBFGS = {"name": "lbfgs", "max_iterations": 200, "tolerance": 1e-8}


def canonical(job: Any) -> Any:
    return parse_spec(job).model_dump(mode="json")


def test_every_kind_names_itself() -> None:
    assert {kind: spec.model_fields["kind"].default for kind, spec in SPECS.items()} == {
        kind: kind for kind in SPECS
    }


def test_a_vqe_has_all_defaults_filled_in() -> None:
    job = {"kind": "hybrid_vqe", "hamiltonian": TFIM, "ansatz": "hardware_efficient"}
    assert canonical(job) == COMMON | {
        "kind": "hybrid_vqe",
        "hamiltonian": {"model": "tfim", "n_qubits": 4, "J": 1.0, "h": 1.0, "hz": 0.0, "periodic": False},
        "ansatz": {"name": "hardware_efficient", "layers": 1, "entangler": "linear"},
        "optimizer": LBFGS,
        "starts": 1,
        "initial_point": None,
        "perturb": None,
        "precision": "double",
        "optimization_level": 2,
    }


def test_a_qaoa_has_weights_and_size_filled_in() -> None:
    job = {"kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": [[0, 1], [1, 2]]}}}
    assert canonical(job) == COMMON | {
        "kind": "hybrid_qaoa",
        "problem": {
            "maxcut": {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "weights": [1.0, 1.0], "nodes": None}
        },
        "layers": 1,
        "init": "linear_ramp",
        "optimizer": LBFGS,
        "shots": 1024,
        "starts": 1,
        "initial_point": None,
        "precision": "double",
        "optimization_level": 2,
    }


def test_a_qubo_and_an_ising_model_have_zeros_filled_in() -> None:
    qubo = canonical({"kind": "hybrid_qaoa", "problem": {"qubo": {"quadratic": [[0, 2, -1]]}}})["problem"]
    assert qubo == {
        "qubo": {
            "n_variables": 3,
            "linear": [0.0, 0.0, 0.0],
            "quadratic": [[0, 2, -1.0]],
            "constant": 0.0,
            "variables": None,
        }
    }
    ising = canonical({"kind": "hybrid_qaoa", "problem": {"ising": {"h": [1, -1]}}})["problem"]
    assert ising == {"ising": {"n_spins": 2, "h": [1.0, -1.0], "J": [], "constant": 0.0, "spins": None}}


def test_a_kernel_has_no_optimizer_and_a_classifier_has_adam() -> None:
    job = {"kind": "quantum_ml", "data": {"name": "iris"}, "model": "kernel_svm"}
    assert canonical(job) == COMMON | {
        "kind": "quantum_ml",
        "data": {
            "name": "iris",
            "n_samples": 150,
            "n_features": 4,
            "noise": None,
            "factor": None,
            "n_classes": None,
            "scale": "minmax",
        },
        "model": {"name": "kernel_svm", "feature_map": "zz", "layers": 2, "C": 1.0, "bandwidth": 1.0},
        "test_fraction": 0.3,
        "optimizer": None,
    }
    trained = canonical(
        job | {"model": {"name": "variational_classifier"}, "optimizer": {"learning_rate": 0.2}}
    )
    assert trained["optimizer"] == {
        "name": "adam",
        "max_iterations": 500,
        "tolerance": 1e-8,
        "learning_rate": 0.2,
    }
    assert canonical(job | {"model": "variational_classifier"})["optimizer"]["name"] == "adam"


def test_labels_are_whole_numbers_or_text() -> None:
    data = {"features": [[1], [2], [3], [4]], "labels": [1.0, 0, True, 0]}
    job = {"kind": "quantum_ml", "data": data, "model": "kernel_svm"}
    assert canonical(job)["data"]["labels"] == [1, 0, 1, 0]
    data["labels"] = ["a", "b", "a", "b"]
    assert canonical(job)["data"]["labels"] == ["a", "b", "a", "b"]


def test_a_bare_pauli_string_is_an_observable() -> None:
    job = {"kind": "pure_quantum", "circuit": {"qasm": "x"}, "observables": ["ZZ", {"terms": [["XX", 2]]}]}
    assert canonical(job)["observables"] == [
        {"name": "ZZ", "terms": [["ZZ", 1.0]]},
        {"name": "XX", "terms": [["XX", 2.0]]},
    ]


def test_known_arguments_of_a_function_are_canonical_too() -> None:
    job = {
        "kind": "pure_classical",
        "function": "exact_diagonalization",
        "arguments": {"hamiltonian": TFIM, "k": 2},
        "map": [{"k": 1}, {"maxcut": {"edges": [[0, 1]]}}],
    }
    read = canonical(job)
    assert read["arguments"]["k"] == 2
    assert read["arguments"]["hamiltonian"]["J"] == 1.0
    assert read["map"][1]["maxcut"] == {"n_nodes": 2, "edges": [[0, 1]], "weights": [1.0], "nodes": None}
    assert Classical.model_validate(job).n_calls == 2


def test_a_cryptographic_job() -> None:
    job = {"kind": "cryptographic", "operation": "sign_verify", "algorithm": "ML-DSA-65"}
    assert canonical(job) == COMMON | job | {"payload": None}
    assert canonical(job | {"payload": "aGk="})["payload"] == "aGk="
    with pytest.raises(BadInput, match="base64"):
        canonical(job | {"payload": "a?"})
    full = base64.b64encode(bytes(2**20)).decode()
    assert canonical(job | {"payload": full})["payload"] == full
    with pytest.raises(BadInput, match="must hold at most 1048576 bytes, holds 1048577"):
        canonical(job | {"payload": base64.b64encode(bytes(2**20 + 1)).decode()})


def test_specs_made_in_python_read_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    spec = VQE(hamiltonian="hamiltonians/h2_sto3g_0.7414.json", ansatz="uccsd")
    file = json.loads((DATA / "hamiltonians/h2_sto3g_0.7414.json").read_text())
    assert spec.model_dump(mode="json")["hamiltonian"] == {
        "terms": file["terms"],
        "n_electrons": 2,
        "hf_bitstring": "1100",
        "e_hf": file["e_hf"],
        "e_exact": file["e_fci"],
        "two_sz": None,
        "mapping": "jordan_wigner",
        "spin_order": "interleaved",
        "terms_order": "leftmost",
    }
    graph = QAOA(problem=Path("maxcut/reg3_n10_a.json"), layers=2)
    assert (graph.n_qubits, graph.n_terms, graph.n_parameters) == (10, 15, 4)
    chain = VQE(hamiltonian={"file": "tfim/tfim_open_n4_h1.0.json"}, ansatz="hamiltonian_variational")
    assert chain.hamiltonian.e_exact == pytest.approx(-4.758770483143634)


def test_specs_made_in_python_refuse_as_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    with pytest.raises(BadInput, match=r"there is no such file.*did you mean 'h2_sto3g_0.7414.json'"):
        VQE(hamiltonian="hamiltonians/h2_sto3g_0.7415.json", ansatz="uccsd")
    with pytest.raises(BadInput) as refused:
        VQE(hamiltonian="hamiltonians/h2_sto3g_0.7414.json", ansatz="uccsdd", starts=0)
    assert [one.field for one in refused.value.all] == ["ansatz.name", "starts"]


def test_arrays_become_lists() -> None:
    class Array:
        def __init__(self, values: Any) -> None:
            self.values = values

        def tolist(self) -> Any:
            return self.values

    spec = QML(
        data={"features": Array([[0.0], [1.0], [2.0], [3.0]]), "labels": Array([0, 1, 0, 1])},
        model="kernel_svm",
    )
    assert spec.model_dump(mode="json")["data"]["features"] == [[0.0], [1.0], [2.0], [3.0]]


@pytest.mark.parametrize("reference", [{"file": "/etc/passwd"}, "/etc/passwd"])
@pytest.mark.parametrize(
    "job",
    [
        {"kind": "hybrid_vqe", "ansatz": "uccsd", "hamiltonian": None},
        {"kind": "hybrid_qaoa", "problem": None},
        {"kind": "quantum_ml", "model": "kernel_svm", "data": None},
        {"kind": "pure_quantum", "circuit": None},
        {"kind": "pure_classical", "function": "f", "arguments": {"hamiltonian": None}},
        {"kind": "pure_classical", "function": "f", "arguments": {"other": [None]}},
    ],
)
def test_parsing_never_reads_a_file(job: Any, reference: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise AssertionError("a file was opened")

    text = json.dumps(job).replace("null", json.dumps(reference))
    if text.endswith('{"other": ["/etc/passwd"]}}'):
        reference = {"file": reference}
        text = json.dumps(job).replace("null", json.dumps(reference))
    monkeypatch.setattr(Path, "open", fail)
    monkeypatch.setattr("builtins.open", fail)
    with pytest.raises(BadInput):
        parse_spec(json.loads(text))
    with pytest.raises(ValueError):
        SPECS[job["kind"]].model_validate(json.loads(text))


def test_a_parsed_circuit_is_taken_from_storage_only() -> None:
    record = {"n_qubits": 3, "parameters": ["a"], "registers": [], "instructions": []}
    circuit = {"kind": "pure_quantum", "circuit": {"record": record}}
    ansatz = {"kind": "hybrid_vqe", "hamiltonian": TFIM, "ansatz": {"name": "circuit", "circuit": record}}
    for job, field in ((circuit, "circuit.record"), (ansatz, "ansatz.circuit")):
        with pytest.raises(BadInput) as refused:
            parse_spec(job)
        assert refused.value.field == field
        stored = parse_spec(job, stored=True)
        assert parse_spec(stored.model_dump(mode="json"), stored=True) == stored
    assert parse_spec(circuit, stored=True).n_qubits == 3
    assert parse_spec(ansatz, stored=True).n_parameters == 1


@pytest.mark.parametrize(
    ("n_qubits", "n_electrons", "expected"),
    [(4, 2, 3), (12, 4, 92), (14, 6, 204), (14, 10, 140), (4, 4, 0)],
)
def test_uccsd_parameters_are_the_known_counts(n_qubits: Any, n_electrons: Any, expected: Any) -> None:
    bits = "1" * n_electrons + "0" * (n_qubits - n_electrons)
    hamiltonian = {"terms": [["Z" * n_qubits, 1.0]], "hf_bitstring": bits}
    assert VQE(hamiltonian=hamiltonian, ansatz="uccsd").n_parameters == expected
    assert VQE(hamiltonian=hamiltonian, ansatz="uccsd").n_electrons == n_electrons


def test_sizes_of_models() -> None:
    file = json.loads((DATA / "tfim/tfim_open_n4_h1.0.json").read_text())
    chain = Tfim(model="tfim", n_qubits=4)
    assert chain.n_terms == PauliTerms(terms=file["terms"]).n_terms == len(file["terms"])
    assert chain.n_families == PauliTerms(terms=file["terms"]).n_families == 2
    assert Tfim(model="tfim", n_qubits=4, hz=1.0, periodic=True).n_terms == 12
    assert Heisenberg(model="heisenberg", n_qubits=5, periodic=True).n_terms == 15
    # two sites: XZX and YZY for each spin, ZZ for each site, Z for each qubit, the identity
    assert Hubbard(model="hubbard", n_sites=2).n_terms == 11
    assert Hubbard(model="hubbard", n_sites=3).n_electrons == 3
    assert VQE(hamiltonian=TFIM, ansatz={"name": "hamiltonian_variational", "layers": 3}).n_parameters == 6


def test_strings_given_twice_count_once() -> None:
    assert PauliTerms(terms=[["ZZ", 1], ["ZZ", 2], ["IX", 1], ["II", 1]]).n_terms == 3


def test_fcidump_header() -> None:
    text = "&FCI NORB=  2,NELEC= 3,MS2=1,\n ORBSYM=1,1,\n ISYM=1,\n&END\n 0.5 1 1 1 1\n 1.0 0 0 0 0\n"
    spec = VQE(hamiltonian={"fcidump": text}, ansatz="uccsd")
    assert (spec.n_qubits, spec.n_electrons, spec.hamiltonian.n_alpha, spec.n_terms) == (4, 3, 2, None)
    assert spec.n_parameters == 1


def test_components_are_listed_by_their_least_node() -> None:
    assert components(6, [(4, 0), (1, 2), (2, 5)]) == [[0, 4], [1, 2, 5], [3]]


def test_specs_are_frozen() -> None:
    spec = Crypto(operation="sign_verify", algorithm="ML-DSA-65")
    with pytest.raises(ValueError, match="frozen"):
        setattr(spec, "seed", 3)  # noqa: B010


def test_constructors_and_parser_agree() -> None:
    assert Circuit(circuit="OPENQASM 3; qubit q;") == parse_spec(
        {"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3; qubit q;"}}
    )
    assert Classical(function="noop") == parse_spec({"kind": "pure_classical", "function": "noop"})


def test_importing_specs_stays_light() -> None:
    heavy = {"numpy", "yaml", "httpx", "rich", "sqlalchemy"}
    code = f"import sys, novacron.specs; print(*{heavy!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.parametrize(
    ("spec", "rule"),
    [
        ({"kind": "hybrid_vqe", "ansatz": "uccsd", "hamiltonian": {"terms": {"ZZ": 1.0}}}, "a list of pairs"),
        ({"kind": "hybrid_qaoa", "problem": {"qubo": {"quadratic": {(0, 1): 1.0}}}}, "list of triples"),
        ({"kind": "hybrid_qaoa", "problem": {"ising": {"h": {"a": 1.0}}}}, "list of numbers"),
        ({"kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": [(0, 1, 2.0)]}}}, "must be two nodes"),
        ({"kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": [("a", "b")]}}}, "must be two numbers"),
        (
            {"kind": "hybrid_vqe", "ansatz": "hardware_efficient", "hamiltonian":
             {"model": "tfim", "n_qubits": 3, "J": 0, "h": 0}},
            "all couplings",
        ),
    ],
)  # fmt: skip
def test_what_other_libraries_take_is_refused_with_the_form_meant(spec: Any, rule: str) -> None:
    with pytest.raises(BadInput, match=rule) as refused:
        parse_spec(spec)
    assert not refused.value.others


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((), True), ((0.0, 0.0), True), ((1.0, 1.0, -2.0), True), ((0.1, 0.2, 0.3, -0.7), True),
        ((1.5, 1.0), True), ((2.0, 3.0, 5.0), True), ((1e6, 3e6), True), ((1.0, 2**0.5), False),
        ((0.01, 1.0), True), ((0.01, 1.0, 2.0), False), ((1.0, 0.3333), False), ((1.0, 1e-5), False),
        ((0.7, 0.1, 0.33333), False),
    ],
)  # fmt: skip
def test_numbers_that_are_multiples_of_one_are_told_from_others(numbers: Any, expected: Any) -> None:
    assert few_multiples_of_one(numbers) is expected
