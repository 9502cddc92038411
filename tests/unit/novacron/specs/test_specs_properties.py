"""Whatever is posted, a spec or a `BadInput` comes out; and valid specs survive the trip through JSON."""

import json
from collections import deque
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import SPECS, optimizer, parse_spec
from novacron.specs.problem import components

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)
WORDS = st.sampled_from(
    [
        *SPECS, "kind", "hamiltonian", "terms", "model", "tfim", "hubbard", "fcidump", "n_qubits",
        "ansatz", "name", "uccsd", "circuit", "qasm", "record", "optimizer", "adam", "problem", "maxcut",
        "edges", "weights", "n_nodes", "qubo", "linear", "quadratic", "ising", "J", "h", "data", "iris",
        "moons", "features", "labels", "kernel_svm", "observables", "shots", "noise", "depends_on",
        "budget", "function", "arguments", "map", "file", "XX", "IZ",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), WORDS,
    st.text(st.characters(), max_size=5), st.sampled_from(["\ud800", "\x00", 10**30, -1, 0, 1, 2, 3]),
)  # fmt: skip
KEYS = WORDS | st.text(st.characters(), max_size=3) | st.just("\ud800")
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def jobs(draw: Any) -> Any:
    """A job of some kind whose fields hold anything."""
    kind = draw(st.sampled_from(sorted(SPECS)))
    fields = draw(st.lists(st.sampled_from(sorted(SPECS[kind].model_fields)), max_size=5))
    job = {field: draw(ANYTHING) for field in fields}
    return {**draw(st.dictionaries(KEYS, ANYTHING, max_size=2)), **job, "kind": kind}


def is_told_plainly(error: Any) -> None:
    assert str(error)
    sent = json.dumps(error.entries(), ensure_ascii=False, allow_nan=False).encode()
    assert len(json.loads(sent)) == len(error.all)


@settings(max_examples=200, deadline=None)
@given(ANYTHING | jobs())
def test_anything_is_a_spec_or_bad_input(job: Any) -> None:
    try:
        spec = parse_spec(job)
    except BadInput as error:
        is_told_plainly(error)
    else:
        survives(spec)


def survives(spec: Any) -> None:
    sent = json.dumps(spec.model_dump(mode="json"), allow_nan=False)
    assert parse_spec(json.loads(sent)) == spec


@st.composite
def pauli_terms(draw: Any) -> Any:
    n_qubits = draw(st.integers(1, 6))
    strings = st.text("IXYZ", min_size=n_qubits, max_size=n_qubits)
    bits = draw(st.none() | st.text("01", min_size=n_qubits, max_size=n_qubits))
    if bits is not None:  # what moves no particle keeps their number
        strings = st.text("IZ", min_size=n_qubits, max_size=n_qubits)
    terms = draw(st.lists(st.tuples(strings, FINITE), min_size=1, max_size=8))
    return {"terms": terms, "hf_bitstring": bits, "e_hf": draw(st.none() | FINITE)}


CHAINS = st.integers(3, 20)
HAMILTONIANS = st.one_of(
    pauli_terms(),
    st.fixed_dictionaries(
        {"model": st.just("tfim"), "n_qubits": CHAINS, "h": FINITE, "periodic": st.booleans()}
    ),
    st.fixed_dictionaries({"model": st.just("heisenberg"), "n_qubits": CHAINS, "Jx": FINITE, "h": FINITE}),
    st.fixed_dictionaries({"model": st.just("hubbard"), "n_sites": CHAINS, "U": FINITE}),
)
LAYERS = st.integers(1, 9)
ANSAETZE = st.one_of(
    st.fixed_dictionaries({"name": st.just("hamiltonian_variational"), "layers": LAYERS}),
    st.fixed_dictionaries(
        {"name": st.just("hardware_efficient"), "entangler": st.sampled_from(["linear", "ring", "full"])}
    ),
    st.just("hardware_efficient"),
    st.fixed_dictionaries(
        {"name": st.just("circuit"), "qasm": st.text(" \nqx[0];", min_size=1).map("//".__add__)}
    ),
)
OPTIMIZERS = st.one_of(
    st.sampled_from(sorted({*optimizer.OPTIMIZERS} - {"qng"})),
    st.fixed_dictionaries(
        {"name": st.just("spsa"), "c": st.floats(0.01, 1), "a": st.none() | st.floats(0.01, 1)}
    ),
)


@st.composite
def connected_graphs(draw: Any) -> Any:
    n_nodes = draw(st.integers(2, 9))
    tree = {(draw(st.integers(0, node - 1)), node) for node in range(1, n_nodes)}
    pairs = st.tuples(st.integers(0, n_nodes - 1), st.integers(0, n_nodes - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    edges = sorted(tree | draw(st.sets(pairs, max_size=5)))
    weights = st.lists(FINITE.filter(bool), min_size=len(edges), max_size=len(edges))
    return {"edges": edges, "weights": draw(st.none() | weights)}


PROBABILITIES = st.floats(0, 1)
NOISE = st.fixed_dictionaries(
    {
        "errors": st.lists(
            st.one_of(
                st.fixed_dictionaries({"name": st.just("depolarizing"), "p": PROBABILITIES}),
                st.fixed_dictionaries({
                    "name": st.just("amplitude_damping"), "gamma": PROBABILITIES, "gates": st.just(["x"]),
                    "gate_qubits": st.just([0, [1, 2]]), "qubits": st.lists(st.integers(0, 9), min_size=1),
                }),
                st.fixed_dictionaries({
                    "name": st.just("pauli"),
                    "probabilities": st.dictionaries(
                        st.sampled_from(["XX", "IZ", "YI"]), st.floats(0, 0.3), min_size=1
                    ),
                }),
                st.fixed_dictionaries({
                    "name": st.just("crosstalk"), "matrix": st.just([[0, 0.1], [0.2, 0]]),
                }),
            ),
            max_size=3,
        ),
        "readout": st.sampled_from([[], [[0.9, 0.1], [0, 1]]]),
        "drift": st.none() | st.fixed_dictionaries({"sigma": st.floats(0.1, 1)}),
    }
).filter(lambda noise: noise["errors"] or noise["readout"])  # fmt: skip
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "seed": st.integers(0, 2**63 - 1),
    "priority": st.integers(-100, 100),
    "timeout_s": st.none() | st.floats(0.1, 1e6),
    "budget": st.none() | st.fixed_dictionaries({"usd": st.floats(0, 100)}),
    "noise": st.none() | st.sampled_from(["depolarizing", "superconducting", "trapped_ion"]) | NOISE,
    "depends_on": st.lists(st.uuids().map(str), max_size=3, unique=True),
}
LEARNT = st.one_of(
    st.fixed_dictionaries({"name": st.sampled_from(["iris", "wine", "moons", "circles", "blobs"])}),
    st.lists(FINITE, min_size=4, max_size=9).map(
        lambda column: {
            "features": [[value] for value in column],
            "labels": [i % 2 for i in range(len(column))],
        }
    ),
)
KINDS: list[dict[str, st.SearchStrategy[Any]]] = [
    {"kind": st.just("hybrid_vqe"), "hamiltonian": HAMILTONIANS, "ansatz": ANSAETZE, "optimizer": OPTIMIZERS},
    {"kind": st.just("hybrid_qaoa"), "problem": connected_graphs().map(lambda graph: {"maxcut": graph})},
    {
        "kind": st.just("quantum_ml"),
        "data": LEARNT,
        "model": st.sampled_from(["kernel_svm", "variational_classifier"]),
    },
    {
        "kind": st.just("pure_classical"),
        "function": st.just("f"),
        "arguments": st.dictionaries(
            st.text("abc", min_size=1), FINITE | st.lists(st.booleans()), max_size=3
        ),
    },
]
VALID = st.one_of([st.fixed_dictionaries({**COMMON, **kind}) for kind in KINDS])


@settings(max_examples=150, deadline=None)
@given(VALID)
def test_valid_specs_survive_the_trip_through_json(job: Any) -> None:
    spec = parse_spec(job)
    survives(spec)
    assert spec.n_qubits is None or spec.n_qubits >= 1
    assert spec.n_parameters is None or spec.n_parameters >= 0


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.data())
def test_components_are_what_a_search_finds(n: Any, data: Any) -> None:
    edges = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=14))
    found, seen = [], set()
    for start in range(n):
        if start in seen:
            continue
        part, queue = {start}, deque([start])
        while queue:
            node = queue.popleft()
            for a, b in edges:
                for here, there in ((a, b), (b, a)):
                    if here == node and there not in part:
                        part.add(there)
                        queue.append(there)
        seen |= part
        found.append(sorted(part))
    assert components(n, edges) == found
