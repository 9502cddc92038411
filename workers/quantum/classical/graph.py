"""Weighted graphs of MaxCut problems."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject
from novacron.specs.problem import MaxCut

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """An undirected graph; weights may be negative.

    Attributes:
        n_nodes: nodes 0 to n_nodes - 1.
        ends: the two nodes of each edge, shape (edges, 2).
        weights: shape (edges,).
        names: names of the nodes.
    """

    n_nodes: int
    ends: NDArray[np.int64]
    weights: Float
    names: Sequence[str]

    @classmethod
    def of(cls, maxcut: MaxCut) -> Graph:
        """Return the graph of a problem."""
        ends = np.array(maxcut.edges, dtype=np.int64)
        names = maxcut.nodes or [str(node) for node in range(maxcut.n_nodes)]
        return cls(maxcut.n_nodes, ends, np.array(maxcut.weights, dtype=np.float64), names)

    def adjacency(self) -> Float:
        """Return the symmetric weight matrix, with parallel edges summed, shape (n_nodes, n_nodes)."""
        matrix = np.zeros((self.n_nodes, self.n_nodes))
        np.add.at(matrix, (self.ends[:, 0], self.ends[:, 1]), self.weights)
        return matrix + matrix.T

    def cut(self, sides: NDArray[Any]) -> float:
        """Return the total weight of the edges between different sides.

        Args:
            sides: two distinct values, one per node, shape (n_nodes,).
        """
        apart = sides[self.ends[:, 0]] != sides[self.ends[:, 1]]
        return math.fsum(self.weights[apart].tolist())


def answer(graph: Graph, sides: NDArray[Any]) -> JsonObject:
    """Return an assignment in a job's result format; node 0 is put on side 0, which does not change the cut.

    Args:
        graph: the problem.
        sides: two values, one per node, shape (n_nodes,).

    Returns:
        `bitstring` (character i is the side of node i), `names` of the nodes in that order, `partition` (the
        names on side 0 and on side 1), `cut` and `n_nodes`.
    """
    bits = (sides != sides[0]).astype(int)
    named = list(zip(graph.names, bits.tolist(), strict=True))
    return {
        "bitstring": "".join(map(str, bits.tolist())),
        "names": list(graph.names),
        "partition": [[name for name, bit in named if bit == side] for side in (0, 1)],
        "cut": graph.cut(bits),
        "n_nodes": graph.n_nodes,
    }
