import importlib
import json
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from novacron.errors import BadInput
from novacron.specs.problem import MaxCut
from workers.quantum.classical import (
    maxcut_brute_force,
    maxcut_goemans_williamson,
    maxcut_simulated_annealing,
)
from workers.quantum.classical.graph import Graph
from workers.runtime.outcome import Stopped

PETERSEN = {
    "edges": [[i, (i + 1) % 5] for i in range(5)]
    + [[i, i + 5] for i in range(5)]
    + [[5 + i, 5 + (i + 2) % 5] for i in range(5)]
}
DATA = Path(__file__).parents[4] / "data" / "maxcut"
ANNEALING = {"n_sweeps": 200, "n_replicas": 32}


def brute_force(maxcut):
    return maxcut_brute_force.run({"maxcut": maxcut}, 0, lambda: None)


def anneal(maxcut, seed=0, **options):
    arguments: Any = {"maxcut": maxcut, **ANNEALING, **options}
    return maxcut_simulated_annealing.run(arguments, seed, lambda: None)


def relax(maxcut, seed=0):
    return maxcut_goemans_williamson.run({"maxcut": maxcut, "n_roundings": 100}, seed, lambda: None)


def random_regular(n, seed):
    """Three perfect matchings, an edge in several of them as heavy as their number."""
    rng = np.random.default_rng(seed)
    pairs = Counter(
        tuple(sorted(pair)) for _ in range(3) for pair in rng.permutation(n).reshape(-1, 2).tolist()
    )
    return {"n_nodes": n, "edges": list(pairs), "weights": [float(count) for count in pairs.values()]}


@st.composite
def graphs(draw):
    """Connected graphs with signed weights, each edge once."""
    n = draw(st.integers(2, 7))
    chords = [[a, b] for a in range(n) for b in range(a + 2, n)]
    edges = [[k, k + 1] for k in range(n - 1)] + [edge for edge in chords if draw(st.booleans())]
    first = draw(st.integers(1, 4))
    rest = draw(st.lists(st.integers(-4, 4), min_size=len(edges) - 1, max_size=len(edges) - 1))
    return {"n_nodes": n, "edges": edges, "weights": [float(weight) for weight in (first, *rest)]}


def cut(maxcut, bits):
    return sum(w for (a, b), w in zip(maxcut["edges"], maxcut["weights"], strict=True) if bits[a] != bits[b])


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_brute_force_is_what_a_loop_over_all_assignments_finds(maxcut):
    cuts = {bits: cut(maxcut, bits) for bits in product("01", repeat=maxcut["n_nodes"])}
    best = max(cuts.values())
    found = brute_force(maxcut)
    assert found["cut"] == best == cuts[tuple(found["bitstring"])]
    assert found["n_optimal"] == sum(value == best for value in cuts.values())
    assert found["bitstring"] == min("".join(bits) for bits, value in cuts.items() if value == best)


@given(graphs(), st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_heuristics_never_beat_the_optimum_and_the_bound_holds(maxcut, seed):
    best = brute_force(maxcut)["cut"]
    annealed, rounded = anneal(maxcut, seed, n_sweeps=30, n_replicas=4), relax(maxcut, seed)
    for found in (annealed, rounded):
        assert found["cut"] == cut(maxcut, found["bitstring"]) <= best
        assert found["bitstring"][0] == "0"
    assert rounded["upper_bound"] >= best - 1e-9
    assert rounded["mean_cut"] <= rounded["cut"]


@pytest.mark.parametrize("n_low", [1, 4, 9])
def test_the_chunking_changes_nothing(monkeypatch, n_low):
    maxcut = random_regular(12, 3)
    whole = brute_force(maxcut)
    monkeypatch.setattr(maxcut_brute_force, "_LOW_NODES", n_low)
    assert brute_force(maxcut) == whole


def test_the_petersen_graph():
    assert brute_force(PETERSEN)["cut"] == anneal(PETERSEN)["cut"] == 12
    found = relax(PETERSEN)
    assert found["upper_bound"] == pytest.approx(12.5, abs=1e-3)
    assert found["mean_cut"] >= 0.878 * found["upper_bound"]


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.stem)
def test_all_of_them_find_the_known_maximum(path):
    known = json.loads(path.read_text())
    maxcut = {"n_nodes": known["n"], "edges": known["edges"], "weights": known["weights"]}
    exact = brute_force(maxcut)
    assert exact["cut"] == known["max_cut"] and exact["n_optimal"] == known["n_optimal_assignments"]
    assert anneal(maxcut)["cut"] == relax(maxcut)["cut"] == known["max_cut"]
    assert anneal(maxcut)["n_replicas_best"] >= 16


def test_a_bipartite_graph_is_cut_whole_by_all():
    maxcut = {"edges": [[a, b] for a in range(0, 12, 2) for b in range(1, 12, 2)]}
    assert brute_force(maxcut)["n_optimal"] == 2
    assert {run(maxcut)["bitstring"] for run in (brute_force, anneal, relax)} == {"01" * 6}
    assert relax(maxcut)["upper_bound"] == pytest.approx(36, abs=1e-6)


def test_negative_weights_are_better_left_whole():
    maxcut = {"edges": [[0, 1], [1, 2]], "weights": [-1.0, -2.0]}
    for run in (brute_force, anneal, relax):
        assert (run(maxcut)["cut"], run(maxcut)["bitstring"]) == (0, "000")


def test_the_seed_decides():
    maxcut = random_regular(16, 1)
    assert anneal(maxcut, 4) == anneal(maxcut, 4)
    assert relax(maxcut, 4) == relax(maxcut, 4)
    assert relax(maxcut, 4)["mean_cut"] != relax(maxcut, 5)["mean_cut"]


def test_all_of_them_stop_when_asked_to():
    def checkpoint():
        raise Stopped

    arguments: Any = {"maxcut": PETERSEN, **ANNEALING, "n_roundings": 1}
    for function in (maxcut_brute_force, maxcut_simulated_annealing, maxcut_goemans_williamson):
        with pytest.raises(Stopped):
            function.run(arguments, 0, checkpoint)


def test_a_graph_has_the_defaults_of_its_spec():
    graph = Graph.of(MaxCut.model_validate({"edges": [[0, 1], [1, 2], [1, 4]], "n_nodes": 5}))
    assert graph.n_nodes == 5 and graph.weights.tolist() == [1, 1, 1]
    assert graph.adjacency()[1].tolist() == [1, 0, 1, 0, 1] and graph.names == list("01234")


def test_what_no_job_may_ask_is_refused_at_the_border():
    with pytest.raises(BadInput, match="joins node 2 to itself"):
        brute_force({"edges": [[0, 1], [2, 2]]})


FUNCTIONS = {
    "maxcut_brute_force": {},
    "maxcut_goemans_williamson": {"n_roundings": 50},
    "maxcut_simulated_annealing": {"n_sweeps": 50, "n_replicas": 8},
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("isolated", [1, 3])
def test_nodes_without_edges_change_no_cut(name: str, isolated: int) -> None:
    edges, weights = [[0, 1], [1, 2], [0, 2]], [1.0, 2.0, 3.0]
    graph = MaxCut.model_validate(dict(edges=edges, weights=weights, n_nodes=3 + isolated)).model_dump(
        mode="json"
    )
    module = importlib.import_module(f"workers.quantum.classical.{name}")
    found = module.run({"maxcut": graph, **FUNCTIONS[name]}, 7, lambda: None)
    assert found["cut"] == 5.0 and len(found["bitstring"]) == 3 + isolated
    bits = found["bitstring"]
    assert sum(w for (a, b), w in zip(edges, weights, strict=True) if bits[a] != bits[b]) == 5.0
    if name == "maxcut_brute_force":
        assert found["n_optimal"] == 2 * 2**isolated
    if name == "maxcut_goemans_williamson":
        assert found["upper_bound"] == pytest.approx(
            module.run({"maxcut": {"edges": edges, "weights": weights}, **FUNCTIONS[name]}, 7, lambda: None)[
                "upper_bound"
            ],
            abs=1e-3,
        )


def test_the_number_of_nodes_is_told_where_some_have_no_edges() -> None:
    assert MaxCut.model_validate(dict(edges=[[0, 1]], nodes=["a", "b", "c"])).n_nodes == 3
    assert MaxCut.model_validate(dict(edges=[[1, 2]], n_nodes=4)).n_nodes == 4
    with pytest.raises(ValidationError, match="no edge has"):
        MaxCut.model_validate(dict(edges=[[0, 1], [1, 3]]))
    with pytest.raises(ValidationError, match="2 components"):
        MaxCut.model_validate(dict(edges=[[0, 1], [2, 3]], n_nodes=5))
