"""The maximum cut by exhaustive search."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject
from workers.quantum.classical import given
from workers.quantum.classical.graph import Graph, answer

Float = NDArray[np.float64]

_LOW_NODES = 14
# Cuts closer than this, relative to the sum of all weights, count as equal.
_TIE = 1e-12


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    maxcut: JsonObject


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Return the maximum cut, and the number of assignments that attain it (both signs counted).

    Returns:
        `cut`, `bitstring` (the first best in counting order, node 0 on side 0), `n_optimal`, `n_nodes`.
    """
    graph = Graph.of(given.maxcut(arguments["maxcut"]))
    index, n_optimal = _search(graph, checkpoint)
    bits = np.array([index >> (graph.n_nodes - 1 - node) & 1 for node in range(graph.n_nodes)])
    return {**answer(graph, bits), "n_optimal": 2 * n_optimal}


def _search(graph: Graph, checkpoint: Callable[[], None]) -> tuple[int, int]:
    """Return the best assignment with node 0 on side 0 (as index, node 0 most significant), and its ties.

    The last nodes enumerate all assignments in one array while the first are fixed: the energy sum w s s' is
    then the energy among the last nodes (always the same), a field on each of them, and a constant.
    """
    n, matrix = graph.n_nodes, graph.adjacency()
    n_low = min(_LOW_NODES, n - 1)
    n_high = n - n_low
    inner = _energies(matrix[n_high:, n_high:])
    tie = _TIE * float(np.abs(graph.weights).sum())
    least, best, ties = np.inf, 0, 0
    for high in range(2 ** (n_high - 1)):
        checkpoint()
        spins = 1.0 - 2.0 * np.array([high >> (n_high - 1 - node) & 1 for node in range(n_high)])
        energies = inner + _linear(matrix[n_high:, :n_high] @ spins)
        energies += 0.5 * spins @ matrix[:n_high, :n_high] @ spins
        here = float(np.min(energies))
        if here > least + tie:
            continue
        if here < least - tie:
            least, best, ties = here, (high << n_low) + int(np.argmax(energies <= here + tie)), 0
        ties += int((energies <= least + tie).sum())
    return best, ties


def _linear(field: Float) -> Float:
    """Return sum_k field_k s_k over all sign choices, first spin most significant, shape (2**len(field),)."""
    total = np.zeros(1)
    for value in field[::-1]:
        total = np.concatenate([total + value, total - value])
    return total


def _energies(matrix: Float) -> Float:
    """Return sum_{j<k} matrix_jk s_j s_k over all sign choices, first spin most significant."""
    total = np.zeros(1)
    for k in range(len(matrix) - 1, -1, -1):
        field = _linear(matrix[k, k + 1 :])
        total = np.concatenate([total + field, total - field])
    return total
