"""A large cut and an upper bound on all cuts, from the semidefinite relaxation of MaxCut."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject
from workers.quantum.classical import given
from workers.quantum.classical.graph import Graph, answer

Float = NDArray[np.float64]

_MAX_SWEEPS = 2000
# Root mean square change of a vector in the last sweep.
_TOLERANCE = 1e-5
# First number of the spawn key, distinct from those of the variational loops.
_ROUNDING = 105


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    maxcut: JsonObject
    n_roundings: int


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Solve the relaxation, then cut its vectors by random hyperplanes and keep the best cut.

    For non-negative weights the expected cut is at least 0.878 of the optimum.

    Returns:
        `cut`, `bitstring`, `n_nodes`; `upper_bound`, which no cut exceeds; `mean_cut` over the hyperplanes.

    Source: Goemans and Williamson, Journal of the ACM 42, 1115 (1995).
    """
    graph = Graph.of(given.maxcut(arguments["maxcut"]))
    matrix = graph.adjacency()
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_ROUNDING,))))
    vectors = relax(matrix, rng, checkpoint)
    normals = rng.standard_normal((vectors.shape[1], int(arguments["n_roundings"])))
    sides = vectors @ normals >= 0
    cuts = np.array([graph.cut(column) for column in sides.T])
    return {
        **answer(graph, sides.T[int(np.argmax(cuts))]),
        "upper_bound": upper_bound(matrix, vectors),
        "mean_cut": float(cuts.mean()),
    }


def relax(matrix: Float, rng: np.random.Generator, checkpoint: Callable[[], None]) -> Float:
    """Return unit vectors that minimise sum_ij matrix_ij v_i.v_j, shape (nodes, k) with k > sqrt(2 nodes).

    Each vector in turn is set opposite to the weighted sum of its neighbours, until convergence. At this rank
    all local minima found in practice are global; `upper_bound` is valid even if this one is not.

    Source: Wang and Kolter, arXiv:1706.00476, algorithm 1 (the mixing method).
    """
    n = len(matrix)
    vectors = rng.standard_normal((n, int(np.ceil(np.sqrt(2 * n))) + 1))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for _ in range(_MAX_SWEEPS):
        checkpoint()
        moved = 0.0
        for node in range(n):
            pull = matrix[node] @ vectors
            length = float(np.linalg.norm(pull))
            if length > 0:
                moved += float(np.square(vectors[node] + pull / length).sum())
                vectors[node] = -pull / length
        if moved < _TOLERANCE**2 * n:
            break
    return vectors


def upper_bound(matrix: Float, vectors: Float) -> float:
    """Return an upper bound on all cuts for any vectors; tight if they solve the relaxation.

    For every y, min over signs of s.A.s is at least sum(y) + n * min(0, least eigenvalue of A - diag(y)).

    Source: Goemans and Williamson 1995, section 4 (the dual).
    """
    y = -np.linalg.norm(matrix @ vectors, axis=1)
    least = float(np.linalg.eigvalsh(matrix - np.diag(y))[0])
    lowest = float(y.sum()) + len(matrix) * min(0.0, least)
    return (float(matrix.sum()) - lowest) / 4
