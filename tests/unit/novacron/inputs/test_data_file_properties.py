"""Whatever a data file holds, it is read or refused with a rule: never another exception."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.inputs.files import Files
from novacron.inputs.graphs.formats import read_graph
from novacron.inputs.hamiltonian import read_hamiltonian
from novacron.inputs.quadratic import read_quadratic
from novacron.specs import parse_spec

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 9), st.floats(-2, 2), st.sampled_from(["a", "ZZ", ""])
)
KEYS = st.sampled_from(["id", "source", "target", "weight", "x"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
PAIRS = st.lists(
    st.lists(st.integers(0, 4) | st.sampled_from(["a", "b"]) | st.floats(-2, 2), max_size=4), max_size=5
)


def documents(keys: str) -> Any:
    return st.dictionaries(st.sampled_from(keys.split()), VALUES | PAIRS, max_size=5)


@given(documents("edges weights n n_nodes nodes links directed graph weighted total_weight"))
@settings(deadline=None, max_examples=300)
def test_graphs(document: Any) -> None:
    try:
        problem = {"maxcut": read_graph(json.dumps(document), "g.json")}
        parse_spec({"kind": "hybrid_qaoa", "problem": problem})
    except BadInput as error:
        assert error.rule


MODEL_KEYS = (
    "qubo ising linear quadratic constant h J type linear_biases quadratic_biases quadratic_head"
    " quadratic_tail variable_labels variable_type offset num_variables"
)


@given(documents(MODEL_KEYS), st.sampled_from([None, "qubo", "ising"]))
@settings(deadline=None, max_examples=300)
def test_quadratic_models(document: Any, wanted: Any) -> None:
    try:
        parse_spec({"kind": "hybrid_qaoa", "problem": read_quadratic(json.dumps(document), "q.json", wanted)})
    except BadInput as error:
        assert error.rule


@given(
    documents(
        "terms n_electrons hf_bitstring e_hf e_fci e_exact n_qubits"
        " n_terms n_alpha n_beta nuclear_repulsion model mapping spin_order"
    )
)
@settings(deadline=None, max_examples=300)
def test_hamiltonians(document: Any) -> None:
    try:
        read = read_hamiltonian(json.dumps(document), "h.json")
        parse_spec({"kind": "hybrid_vqe", "hamiltonian": read, "ansatz": "uccsd"})
    except BadInput as error:
        assert error.rule


@given(documents("features labels feature_names n_features scale target name columns drop"))
@settings(deadline=None, max_examples=300)
def test_tables(tmp_path_factory: Any, document: Any) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "t.json").write_text(json.dumps(document))
    for given_data in ({"file": "t.json"}, document):
        try:
            data = Files(folder).table(given_data, "data")
            parse_spec({"kind": "quantum_ml", "data": data, "model": "kernel_svm"}).warnings()
        except BadInput as error:
            assert error.rule
