"""Weighted graphs of MaxCut problems."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.runtime.outcome import UserError

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """An undirected graph; weights may be negative.

    Attributes:
        n_nodes: nodes 0 to n_nodes - 1.
        ends: the two nodes of each edge, shape (edges, 2).
        weights: shape (edges,).
        names: of the nodes.
    """

    n_nodes: int
    ends: NDArray[np.int64]
    weights: Float
    names: Sequence[str]

    def adjacency(self) -> Float:
        """Symmetric weight matrix, parallel edges added up, shape (n_nodes, n_nodes)."""
        matrix = np.zeros((self.n_nodes, self.n_nodes))
        np.add.at(matrix, (self.ends[:, 0], self.ends[:, 1]), self.weights)
        return matrix + matrix.T

    def cut(self, sides: NDArray[Any]) -> float:
        """Summed weight of the edges whose ends are on different sides.

        Args:
            sides: two different values, one a node, shape (n_nodes,).
        """
        apart = sides[self.ends[:, 0]] != sides[self.ends[:, 1]]
        return math.fsum(self.weights[apart].tolist())


def read(maxcut: Mapping[str, Any], max_nodes: int) -> Graph:
    """The graph of a job: `edges`, and where given `n_nodes` and `weights` (1 each otherwise).

    Args:
        maxcut: the argument of that name.
        max_nodes: what the asking function can take.

    Raises:
        UserError: which edge or weight is wrong, and why; or too many nodes.
    """
    edges = maxcut.get("edges")
    if not isinstance(edges, Sequence) or not edges:
        raise UserError("maxcut.edges: a list of [node, node] pairs is needed")
    for i, edge in enumerate(edges):
        _check_edge(edge, f"maxcut.edges[{i}]")
    ends = np.array(edges, dtype=np.int64)
    n_nodes = maxcut.get("n_nodes")
    n_nodes = int(np.max(ends)) + 1 if n_nodes is None else n_nodes
    if n_nodes > max_nodes:
        raise UserError(f"maxcut: {n_nodes} nodes; this function takes up to {max_nodes}")
    outside = np.flatnonzero((ends < 0).any(axis=1) | (ends >= n_nodes).any(axis=1))
    if len(outside):
        i = outside[0]
        raise UserError(f"maxcut.edges[{i}] = {edges[i]!r}: nodes are 0 to {n_nodes - 1}")
    names = maxcut.get("nodes") or [str(node) for node in range(n_nodes)]
    return Graph(n_nodes, ends, _weights(maxcut.get("weights"), len(edges)), names)


def _check_edge(edge: Any, field: str) -> None:
    if not (isinstance(edge, Sequence) and len(edge) == 2 and all(type(node) is int for node in edge)):
        raise UserError(f"{field} = {edge!r}: must be a pair of node numbers")
    if edge[0] == edge[1]:
        raise UserError(f"{field} = {edge!r}: joins a node to itself, which no cut can part")


def _weights(given: Any, n_edges: int) -> Float:
    if given is None:
        return np.ones(n_edges)
    if not isinstance(given, Sequence) or len(given) != n_edges:
        raise UserError(f"maxcut.weights: one number for each of the {n_edges} edges is needed")
    for i, weight in enumerate(given):
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight):
            raise UserError(f"maxcut.weights[{i}] = {weight!r}: must be a finite number")
    return np.array(given, dtype=np.float64)


def answer(graph: Graph, sides: NDArray[Any]) -> dict[str, Any]:
    """An assignment as a job returns it; node 0 is put on side 0, which changes no cut.

    Args:
        graph: the problem.
        sides: two values, one a node, shape (n_nodes,).

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
