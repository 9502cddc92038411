"""QAOA of eight layers on the shared 3-regular graphs: their greatest cuts, and a dense computation."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.workers.operations.executor import run

MAXCUT = Path(__file__).parents[1] / "data" / "maxcut"
GRAPHS = [f"reg3_n{n}_{one}" for n in (10, 14, 18) for one in "abc"] + ["reg3_n20_a"]


def cuts(graph: Any) -> Any:
    """The weight cut by every bitstring, node 0 leftmost."""
    index, n = np.arange(2 ** graph["n"]), graph["n"]
    sides = [index >> (n - 1 - node) & 1 for node in range(n)]
    return sum(w * (sides[a] ^ sides[b]) for (a, b), w in zip(graph["edges"], graph["weights"], strict=True))


def expected_cut(n: int, cut: Any, angles: Any) -> float:
    state = np.full(2**n, 2.0 ** (-n / 2), dtype=np.complex128)
    for gamma, beta in zip(angles["gammas"], angles["betas"], strict=True):
        state *= np.exp(-1j * gamma * cut)
        rx = np.array([[np.cos(beta), -1j * np.sin(beta)], [-1j * np.sin(beta), np.cos(beta)]])
        # Each product turns the first qubit and makes it the last.
        for _ in range(n):
            state = (rx @ state.reshape(2, -1)).T.ravel()
    return float(np.abs(state) ** 2 @ cut)


@pytest.mark.parametrize("name", GRAPHS)
def test_eight_layers_sample_the_greatest_cut_and_expect_what_their_angles_give(name: str) -> None:
    graph = json.loads((MAXCUT / f"{name}.json").read_text())
    maxcut = {"n_nodes": graph["n"], "edges": graph["edges"], "weights": graph["weights"]}
    result, _ = run(
        {
            "kind": "hybrid_qaoa",
            "problem": {"maxcut": maxcut},
            "layers": 8,
            "init": "linear_ramp",
            "optimizer": {"name": "lbfgs", "max_iterations": 10},
            "shots": 4096,
            "seed": 7,
        },
        "fused",
    )
    cut = cuts(graph)
    assert result["best_value"] == result["optimum"] == graph["max_cut"]
    assert result["best_bitstring"] in result["samples"]
    assert cut[int(result["best_bitstring"], 2)] == graph["max_cut"]
    assert result["expectation"] == pytest.approx(expected_cut(graph["n"], cut, result["angles"]), abs=1e-9)
    assert result["expectation"] > 0.93 * graph["max_cut"]
