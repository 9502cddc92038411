"""Every rule: which field is named, what is said, and the cure."""

from typing import Any

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec

TFIM = {"model": "tfim", "n_qubits": 4}


def vqe(hamiltonian: Any = TFIM, ansatz: Any = "hardware_efficient", **rest: Any) -> Any:
    return {"kind": "hybrid_vqe", "hamiltonian": hamiltonian, "ansatz": ansatz, **rest}


def terms(*entries: Any, **rest: Any) -> Any:
    job = {key: rest.pop(key) for key in ("ansatz", "starts") if key in rest}
    return vqe({"terms": list(entries), **rest}, **job)


def maxcut(edges: Any, **rest: Any) -> Any:
    return {"kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": edges, **rest}}}


def qaoa(problem: Any, **rest: Any) -> Any:
    return {"kind": "hybrid_qaoa", "problem": problem, **rest}


def qml(data: Any, model: Any = "kernel_svm", **rest: Any) -> Any:
    return {"kind": "quantum_ml", "data": data, "model": model, **rest}


def circuit(qasm: Any = "OPENQASM 3;", **rest: Any) -> Any:
    return {"kind": "pure_quantum", "circuit": {"qasm": qasm}, **rest}


def call(**arguments: Any) -> Any:
    return {"kind": "pure_classical", "function": "f", "arguments": arguments}


SAMPLES = [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]]
NAN, INF = float("nan"), float("inf")
ONE = "&FCI NORB=1,NELEC=2,MS2=0 &END\n0.7 1 1 1 1\n-1.2 1 1 0 0\n0 0 0 0 0\n"
COMMON = [
    ([], None, "must be a mapping", None),
    ({}, "kind", "is required: one of pure_quantum", None),
    ({"kind": "hybrid_vqa"}, "kind", "must be one of", "did you mean 'hybrid_vqe'?"),
    ({"kind": ["hybrid_vqe"]}, "kind", "must be one of", None),
    (vqe(prority=3), "prority", "unknown key", "did you mean 'priority'?"),
    (vqe(priority=101), "priority", "must be at most 100", None),
    (vqe(priority=-101), "priority", "must be at least -100", None),
    (vqe(priority=True), "priority", "must be an integer", None),
    (vqe(priority="3"), "priority", "must be an integer", None),
    (vqe(shots=0), "shots", "must be at least 1", None),
    (vqe(shots=1.5), "shots", "must be an integer", None),
    (vqe(seed=-1), "seed", "must be at least 0", None),
    (vqe(seed=2**63), "seed", "must be less than", None),
    (vqe(timeout_s=0), "timeout_s", "must be greater than 0", None),
    (vqe(timeout_s=INF), "timeout_s", "must be finite", None),
    (vqe(max_retries=-1), "max_retries", "must be at least 0", None),
    (vqe(cache="no"), "cache", "must be true or false", None),
    (vqe(name=7), "name", "must be text", "put it in quotes"),
    (vqe(name="a\nb"), "name", "one line", None),
    (vqe(name="a\x00b"), "name", "one line", None),
    (vqe(name="x" * 201), "name", "must have at most 200 characters", None),
    (vqe(backend="State Vector"), "backend", "must be a backend", None),
    (vqe(depends_on=["a", "b", "a"]), "depends_on[2]", "is given twice", None),
    (vqe(depends_on=["a b"]), "depends_on[0]", "without spaces", None),
    (vqe(depends_on="a"), "depends_on", "must be a list", None),
    (vqe(mitigation=["zne", "zne"]), "mitigation[1]", "is given twice", None),
    (vqe(budget={"usd": -1}), "budget.usd", "must be at least 0", None),
    (vqe(budget={"dollars": 1}), "budget.dollars", "unknown key", "known keys: qpu_seconds, usd"),
    (vqe(noise=3), "noise", "must be the name of a noise model", None),
    (vqe(noise="depol"), "noise", "is neither a model by name (depolarizing", None),
    (vqe(noise={"p": 0.1}), "noise.p", "unknown key", "known keys: errors, readout"),
    (vqe(granularity="fuse"), "granularity", "must be one of", "did you mean 'fused'?"),
    (vqe(starts=0), "starts", "must be at least 1", None),
    (vqe(precision="half"), "precision", "must be one of double, single", None),
    (vqe(precision="single", backend="density_matrix"), "precision", "double precision", "leave it out"),
    (vqe() | {3: 4}, "[3]", "keys must be text", None),
]
HAMILTONIANS = [
    (terms(), "hamiltonian.terms", "at least 1 entries", None),
    (
        terms(["XX", 1], ["XXX", 1]),
        "hamiltonian.terms[1][0]",
        "has 3 letters, the first string has 2",
        "write I",
    ),
    (terms(["XQ", 1]), "hamiltonian.terms[0][0]", "character 1 is 'Q'", "leftmost"),
    (terms(["xx", 1]), "hamiltonian.terms[0][0]", "character 0 is 'x'", None),
    (terms(["", 1]), "hamiltonian.terms[0][0]", "1 to 1000 letters", None),
    (terms(["X" * 1001, 1]), "hamiltonian.terms[0][0]", "1 to 1000 letters", None),
    (terms(["X", NAN]), "hamiltonian.terms[0][1]", "must be finite", None),
    (terms(["X", INF]), "hamiltonian.terms[0][1]", "must be finite", None),
    (terms(["X", "1"]), "hamiltonian.terms[0][1]", "must be a number", None),
    (terms(["X", True]), "hamiltonian.terms[0][1]", "must be a number", None),
    (terms(["X"]), "hamiltonian.terms[0][1]", "is required", None),
    (terms(["ZZ", 1], n_electrons=3), "hamiltonian.n_electrons", "at most the number of qubits, 2", None),
    (terms(["ZZ", 1], hf_bitstring="1"), "hamiltonian.hf_bitstring", "must be 2 characters 0 or 1", None),
    (terms(["ZZ", 1], hf_bitstring="1x"), "hamiltonian.hf_bitstring", "must be 2 characters 0 or 1", None),
    (terms(["ZZ", 1], hf_bitstring=11), "hamiltonian.hf_bitstring", "must be text", "put it in quotes"),
    (terms(["ZZ", 1], hf_bitstring="10", n_electrons=2), "hamiltonian.hf_bitstring", "as many 1", None),
    (vqe("lih.json"), "hamiltonian", "must be a mapping with one of the keys", None),
    (vqe({"file": "lih.json"}), "hamiltonian", "must have one of the keys", "only the client reads files"),
    (vqe({"term": []}), "hamiltonian", "must have one of the keys", "did you mean 'terms'?"),
    (vqe({"terms": [["X", 1]], "model": "tfim"}), "hamiltonian", "must have only one of the keys", None),
    (vqe({"model": "tfmi"}), "hamiltonian.model", "must be one of", "did you mean 'tfim'?"),
    (vqe({"model": ["tfim"]}), "hamiltonian.model", "must be one of", None),
    (vqe({"model": "tfim", "n_qbits": 4}), "hamiltonian.n_qbits", "unknown key", "did you mean 'n_qubits'?"),
    (vqe({"model": "tfim"}), "hamiltonian.n_qubits", "is required", None),
    (vqe({"model": "tfim", "n_qubits": 10**9}), "hamiltonian.n_qubits", "must be at most 1000", None),
    (vqe(TFIM | {"h": NAN}), "hamiltonian.h", "must be finite", None),
    (
        vqe({"model": "tfim", "n_qubits": 2, "periodic": True}),
        "hamiltonian.periodic",
        "at least 3 sites",
        None,
    ),
    (
        vqe({"model": "hubbard", "n_sites": 2, "n_electrons": 5}),
        "hamiltonian.n_electrons",
        "two a site, 4",
        None,
    ),
    (vqe({"fcidump": "x"}), "hamiltonian.fcidump", "must begin with a header", None),
    (vqe({"fcidump": "&FCI NORB=2 &END"}), "hamiltonian.fcidump", "lacks NELEC", None),
    (vqe({"fcidump": "&FCI NORB=2,NELEC=5 &END"}), "hamiltonian.fcidump", "between 0 and 2 NORB", None),
    (vqe({"fcidump": "&FCI NORB=2,NELEC=2,MS2=1 /"}), "hamiltonian.fcidump", "MS2 = 1 is impossible", None),
    (vqe({"fcidump": "&FCI NORB=9999,NELEC=2 /"}), "hamiltonian.fcidump", "NORB must be at most 15", None),
    (vqe({"fcidump": "&FCI NORB=2,NELEC=2,UHF=.TRUE. /"}), "hamiltonian.fcidump", "UHF", None),
]
VARIATIONAL = [
    (vqe(ansatz="uccds"), "ansatz.name", "must be one of uccsd", "did you mean 'uccsd'?"),
    (vqe(ansatz="uccsd"), "ansatz.name", "needs a Hamiltonian with n_electrons", "hamiltonian_variational"),
    (
        vqe(ansatz="adapt"),
        "ansatz.name",
        "adapt needs a Hamiltonian with n_electrons",
        "hamiltonian_variational",
    ),
    (
        terms(["ZZZ", 1], hf_bitstring="110", ansatz="adapt"),
        "ansatz.name",
        "adapt needs two qubits an orbital, the Hamiltonian has 3",
        None,
    ),
    (terms(["ZZ", 1], hf_bitstring="10", ansatz="adapt", starts=2), "starts", "one start", "leave it out"),
    (vqe(ansatz={"name": "adapt", "pool": "gsd"}), "ansatz.pool", "one of singles_doubles", None),
    (
        vqe(ansatz={"name": "adapt", "gradient_tolerance": 0}),
        "ansatz.gradient_tolerance",
        "must be greater than 0",
        None,
    ),
    (
        qaoa({"maxcut": {"edges": [[0, 1], [1, 2]], "weights": [1.0, 2**0.5]}}, optimizer="rotosolve"),
        "optimizer.name",
        "whole multiples of one number",
        "use lbfgs",
    ),
    (vqe(optimizer="qng", shots=100), "optimizer.name", "needs exact states", "leave shots out"),
    (
        vqe(optimizer={"name": "qng", "regularization": 0}),
        "optimizer.regularization",
        "must be greater than 0",
        None,
    ),
    (vqe(ansatz={"layers": 3}), "ansatz.name", "is required", None),
    (vqe(ansatz=3), "ansatz", "must be a name or a mapping", None),
    (vqe(ansatz={"name": "uccsd", "layers": 2}), "ansatz.layers", "unknown key", None),
    (vqe(ansatz={"name": "hardware_efficient", "layers": 0}), "ansatz.layers", "must be at least 1", None),
    (vqe(ansatz={"name": "hardware_efficient", "entangler": "rign"}), "ansatz.entangler", "one of", "'ring'"),
    (vqe(ansatz={"name": "circuit"}), "ansatz.qasm", "is required", None),
    (vqe(ansatz={"name": "circuit", "qasm": " "}), "ansatz.qasm", "must not be empty", None),
    (vqe(optimizer="lbgfs"), "optimizer.name", "must be one of lbfgs", "did you mean 'lbfgs'?"),
    (vqe(optimizer={"name": "lbfgs", "learning_rate": 1}), "optimizer.learning_rate", "unknown key", None),
    (
        vqe(optimizer={"name": "adam", "learnin_rate": 1}),
        "optimizer.learnin_rate",
        "unknown",
        "'learning_rate'",
    ),
    (vqe(optimizer={"name": "cobyla", "rhobeg": 0}), "optimizer.rhobeg", "must be at least 1e-09", None),
    (vqe(optimizer={"max_iterations": 0}), "optimizer.max_iterations", "must be at least 1", None),
    (vqe(optimizer={"tolerance": NAN}), "optimizer.tolerance", "must be finite", None),
]
PROBLEMS = [
    (maxcut([]), "problem.maxcut.edges", "at least 1 entries", None),
    (maxcut([[0, 1], [1, 1]]), "problem.maxcut.edges[1]", "joins node 1 to itself", "leave it out"),
    (maxcut([[0, 1], [1, 0]]), "problem.maxcut.edges[1]", "the same pair as edges[0]", "each pair once"),
    (maxcut([[0, 4]], n_nodes=3), "problem.maxcut.edges[0]", "there is no node 4", "0 to 2"),
    (maxcut([[0, -1]]), "problem.maxcut.edges[0]", "there is no node -1", None),
    (maxcut([[0, 1.5]]), "problem.maxcut.edges[0][1]", "must be an integer", None),
    (
        maxcut([[0, 1], [2, 3]]),
        "problem.maxcut.edges",
        "2 components: {0, 1}, {2, 3}",
        "submit the components apart",
    ),
    (maxcut([[1, 2]]), "problem.maxcut.edges", "no edge has {0}", "counted from 0"),
    (maxcut([[0, 1], [1, 4]]), "problem.maxcut.edges", "no edge has {2, 3}", "give n_nodes: 5"),
    (maxcut([[0, 1]], weights=[1, 2]), "problem.maxcut.weights", "one for each of the 1 edges, not 2", None),
    (maxcut([[0, 1]], weights=[NAN]), "problem.maxcut.weights[0]", "must be finite", None),
    (maxcut([[0, 1]], weights=[0]), "problem.maxcut.weights", "must not all be zero", None),
    (maxcut([[0, 10**9]]), "problem.maxcut.n_nodes", "must be at most 1000", None),
    (qaoa({"max_cut": {}}), "problem", "must have one of the keys", "did you mean 'maxcut'?"),
    (
        qaoa({"qubo": {"linear": [1], "quadratic": [[0, 0, 1], [0, 0, 2]]}}),
        "problem.qubo.quadratic[1]",
        "the same pair as quadratic[0]",
        "each pair once",
    ),
    (qaoa({"ising": {"J": [[1, 1, 2], [0, 1, 1]]}}), "problem.ising.J[0]", "to itself", "add it to constant"),
    (maxcut([[0, 1]], nodes=["a"]), "problem.maxcut.nodes", "must be 2 names, not 1", None),
    (maxcut([[0, 1]], nodes=["a", "a"]), "problem.maxcut.nodes[1]", "is given twice", None),
    (maxcut([[0, 1]], nodes=["a", "b\n"]), "problem.maxcut.nodes[1]", "printable text", None),
    (qaoa({"qubo": {"linear": [1, 2], "n_variables": 3}}), "problem.qubo.linear", "3 entries, not 2", None),
    (qaoa({"qubo": {"linear": []}}), "problem.qubo.n_variables", "must be at least 1", None),
    (qaoa({"ising": {"h": [0, 0], "J": [[0, 2, 1]]}}), "problem.ising.J[0]", "there is no spin 2", None),
    (qaoa({"ising": {"J": [[0, 1, INF]]}}), "problem.ising.J[0][2]", "must be finite", None),
    (qaoa({"qubo": {"linear": [1]}}, layers=0), "layers", "must be at least 1", None),
    (
        qaoa({"qubo": {"linear": [1]}}, init="linear-ramp"),
        "init",
        "must be one of",
        "did you mean 'linear_ramp'?",
    ),
]
LEARNING = [
    (qml({"name": "iriss"}), "data.name", "must be one of iris", "did you mean 'iris'?"),
    (qml({"name": ["iris"]}), "data.name", "must be one of", None),
    (qml({"name": "iris", "n_samples": 151}), "data.n_samples", "iris has 150 samples", None),
    (qml({"name": "wine", "n_features": 14}), "data.n_features", "wine has 13 features", None),
    (qml({"name": "iris", "noise": 0.1}), "data.noise", "iris has no such option", None),
    (qml({"features": [[1.0]] * 3, "labels": [0, 1, 0]}), "data.features", "at least 4 entries", None),
    (
        qml({"features": [[1], [2], [3, 4], [5]], "labels": [0, 1, 0, 1]}),
        "data.features[2]",
        "has 2 numbers",
        None,
    ),
    (
        qml({"features": [[1], [2], [NAN], [5]], "labels": [0, 1, 0, 1]}),
        "data.features[2][0]",
        "finite",
        None,
    ),
    (qml({"features": SAMPLES, "labels": [0, 1, 0]}), "data.labels", "each of the 4 samples, not 3", None),
    (qml({"features": SAMPLES, "labels": [1, 1, 1, 1]}), "data.labels", "at least two classes", None),
    (
        qml({"features": SAMPLES, "labels": [0.5, 1, 0, 1]}),
        "data.labels[0]",
        "whole number or text",
        "not measured",
    ),
    (qml({"features": SAMPLES, "labels": ["a", 1, 0, 1]}), "data.labels[1]", "all numbers or all text", None),
    (qml({"features": SAMPLES, "labels": [0, 1, 0, None]}), "data.labels[3]", "whole number or text", None),
    (qml({"features": SAMPLES, "labels": ["a", "b", "a", "b\0"]}), "data.labels[3]", "NUL", None),
    (vqe({"fcidump": ONE, "occupation": 1.5}), "hamiltonian.occupation", "must be text or a list", None),
    (vqe({"fcidump": ONE, "occupation": [None]}), "hamiltonian.occupation[0]", "must be an integer", None),
    (qml({"features": SAMPLES, "labels": [0, 1, 0, 2**70]}), "data.labels[3]", "whole number or text", None),
    (
        qml({"features": SAMPLES, "labels": [0, 1, 0, 1], "feature_names": ["a"]}),
        "data.feature_names",
        "2 columns",
        None,
    ),
    (qml({"name": "iris"}, "kernel_smv"), "model.name", "must be one of", "did you mean 'kernel_svm'?"),
    (qml({"name": "iris"}, {"name": "kernel_svm", "C": 0}), "model.C", "must be greater than 0", None),
    (
        qml({"name": "iris"}, {"name": "kernel_svm", "feature_map": "z"}),
        "model.feature_map",
        "one of zz, angle",
        None,
    ),
    (qml({"name": "iris"}, test_fraction=1), "test_fraction", "must be less than 1", None),
    (qml({"name": "iris"}, optimizer="adam"), "optimizer", "a kernel is not trained", "leave it out"),
    (
        qml({"name": "iris"}, "variational_classifier", optimizer="qng"),
        "optimizer.name",
        "expectation value of one circuit",
        "use adam",
    ),
    (
        qml({"name": "iris"}, "variational_classifier", optimizer="rotosolve"),
        "optimizer.name",
        "expectation value of one circuit",
        "use adam",
    ),
    (
        qml({"file": "x.csv", "target": "y"}),
        "data",
        "must have one of the keys",
        "only the client reads files",
    ),
]
OTHERS = [
    (circuit(" \n"), "circuit.qasm", "must not be empty", None),
    (circuit("x" * 1_000_001), "circuit.qasm", "at most 1000000 bytes, has 1000001", None),
    (circuit("\n" * 100_000 + "x"), "circuit.qasm", "at most 100000 lines, has 100001", None),
    (circuit("a\x00"), "circuit.qasm", "NUL", None),
    (circuit(observables=["ZZ", "ZZ"]), "observables[1].name", "is given twice", None),
    (
        circuit(observables=["ZZ", "Z"]),
        "observables[1].terms",
        "acts on 1 qubits, the first observable on 2",
        None,
    ),
    (circuit(observables=["ZQ"]), "observables[0].terms[0][0]", "character 1 is 'Q'", None),
    ({"kind": "pure_quantum", "circuit": 3}, "circuit", "must be a mapping with one of the keys", None),
    (call(x=NAN), "arguments.x", "must be finite", None),
    (call(x=[1, {"y": object()}]), "arguments.x[1].y", "must be text, a number", None),
    (call(x="a\x00"), "arguments.x", "NUL", None),
    (call(x="\ud800"), "arguments.x", "Unicode", None),
    (call(x={3: 4}), "arguments.x", "keys must be text", "put it in quotes"),
    (call(x=2**63), "arguments.x", "must fit in 64 bits", None),
    (call(x={"file": "f"}), "arguments.x.file", "unknown key", "write other values out"),
    (
        call(hamiltonian={"model": "tfim", "n_qubits": 0}),
        "arguments.hamiltonian.n_qubits",
        "must be at least 2",
        None,
    ),
    ({"kind": "pure_classical", "function": "a b"}, "function", "without spaces", None),
    ({"kind": "pure_classical", "function": "f", "map": []}, "map", "at least 1 entries", None),
    ({"kind": "pure_classical", "function": "f", "arguments": [1]}, "arguments", "must be a mapping", None),
    ({"kind": "cryptographic", "operation": "sing", "algorithm": "a"}, "operation", "must be one of", None),
    ({"kind": "cryptographic", "operation": "sign_verify"}, "algorithm", "is required", None),
]


@pytest.mark.parametrize(
    ("job", "field", "rule", "hint"), [*COMMON, *HAMILTONIANS, *VARIATIONAL, *PROBLEMS, *LEARNING, *OTHERS]
)
def test_the_refusal_names_field_rule_and_cure(job: Any, field: Any, rule: Any, hint: Any) -> None:
    with pytest.raises(BadInput) as refused:
        parse_spec(job)
    error = refused.value
    assert error.field == field
    assert rule in error.rule
    assert hint is None or hint in (error.hint or "")


@pytest.mark.parametrize(
    ("job", "fields"),
    [
        (qml("irs"), ["data.name"]),
        (qaoa({"maxcut": {}}), ["problem.maxcut.edges"]),
        (qaoa({"qubo": {"quadratic": "x"}}), ["problem.qubo.quadratic"]),
        ({"kind": "qec_memory", "code": "rotatd", "distance": 3, "p": 0.1}, ["code"]),
    ],
)
def test_what_would_be_filled_in_is_not_asked_for(job: Any, fields: Any) -> None:
    with pytest.raises(BadInput) as refused:
        parse_spec(job)
    assert [one.field for one in refused.value.all] == fields


def test_all_errors_are_told_unknown_keys_first() -> None:
    job = vqe({"model": "tfim", "n_qbits": 4}, shots=0, starts=0)
    with pytest.raises(BadInput) as refused:
        parse_spec(job)
    fields = [one.field for one in refused.value.all]
    assert fields == ["hamiltonian.n_qbits", "shots", "hamiltonian.n_qubits", "starts"]


def test_a_million_bad_numbers_are_told_shortly() -> None:
    job = qml({"features": [["a"] * 100] * 1000, "labels": [0, 1] * 500})
    with pytest.raises(BadInput) as refused:
        parse_spec(job)
    assert len(refused.value.all) == 100
    assert str(refused.value).endswith("and 90 more")


def test_nesting_has_an_end() -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    cyclic: list[object] = []
    cyclic.append(cyclic)
    for value in (deep, cyclic):
        with pytest.raises(BadInput, match="nested at most 32 deep"):
            parse_spec(call(x=value))


def test_lone_surrogates_are_refused_like_any_other_wrong_text() -> None:
    for job in (vqe({"model": "\ud800"}), vqe({"terms": [["ZZ", 1.0]], "hf_bitstring": "\ud800"})):
        with pytest.raises(BadInput, match="ud800") as refused:
            parse_spec(job)
        str(refused.value).encode()
