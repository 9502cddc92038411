"""The fewest faults on which minimum-weight matching can fail: strata with fewer need no shots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pymatching
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

if TYPE_CHECKING:
    import stim

ROUNDING = 0.01
"""Share of the largest weight by which sums of weights that PyMatching rounds may err."""
Edge = tuple[int, int]


def fewest_faults(model: stim.DetectorErrorModel, distance: int) -> int:
    """Return a lower bound of the number of faults in a shot that matching predicts wrongly.

    The faults and the matching differ by a closed path that flips an observable, on which the edges of the
    faults weigh at least half: with equal weights, half of the distance. In general a path with so many
    negative edges must not be positive; the shortest one is found in a graph with a layer for each such edge.

    Args:
        model: with hyperedges decomposed; each fault is one `error`.
        distance: edges of the shortest such path.

    Returns:
        The bound; 1 if none is known.
    """
    edges = _edges(model)
    weights = np.array([weight for weight, _ in edges.values()])
    if not edges or weights.min() <= 0:
        return 1
    n_nodes = model.num_detectors + 1
    ends = np.array([*edges])
    n_layers = (distance + 1) // 2
    fewest, most = n_layers, 1
    for observable in range(model.num_observables):
        odd = np.array([observable in flipped for _, flipped in edges.values()])
        fewest = min(fewest, _fewest_edges(ends, weights, odd, n_nodes, n_layers))
        most = max(most, _most_edges(model, edges, ends[odd], n_nodes))
    return -(-fewest // most)


def _edges(model: stim.DetectorErrorModel) -> dict[Edge, tuple[float, frozenset[int]]]:
    """Return weight and observables of each edge; those to the boundary end in the last node."""
    boundary = model.num_detectors
    found: dict[Edge, tuple[float, frozenset[int]]] = {}
    for first, second, known in pymatching.Matching.from_detector_error_model(model).edges():
        ends = sorted((first, boundary if second is None else second))
        found[ends[0], ends[1]] = float(known["weight"]), frozenset(known["fault_ids"])
    return found


def _fewest_edges(ends: Any, weights: Any, odd: Any, n_nodes: int, n_layers: int) -> int:
    """Return with how many negative edges a path that flips the observable is not positive.

    Node v with parity b in layer j is v + n_nodes (b + 2 j). An edge into the next layer costs its negative
    weight, raised by the largest weight, so that no cost is negative.
    """
    if not odd.any():
        return n_layers
    largest = weights.max()
    rows, columns, costs = [], [], []
    for layer in range(n_layers + 1):
        for parity in (0, 1):
            for start, end in ((ends[:, 0], ends[:, 1]), (ends[:, 1], ends[:, 0])):
                begin = start + n_nodes * (parity + 2 * layer)
                target = end + n_nodes * ((parity ^ odd) + 2 * layer)
                rows += [begin, begin]
                columns += [target, target + 2 * n_nodes]
                costs += [weights, largest * (1 + 1e-9) - weights]
    flat = [np.concatenate(part) for part in (rows, columns, costs)]
    size = 2 * n_nodes * (n_layers + 2)
    graph = csr_matrix((flat[2], (flat[0], flat[1])), shape=(size, size))
    sources = np.unique(ends[odd].max(axis=1))
    reached = dijkstra(graph, indices=sources)
    for layer in range(1, n_layers):
        arrived = reached[np.arange(len(sources)), sources + n_nodes * (1 + 2 * layer)]
        if arrived.min() - layer * largest <= ROUNDING * largest:
            return layer
    return n_layers


def _most_edges(
    model: stim.DetectorErrorModel, edges: dict[Edge, tuple[float, frozenset[int]]], odd: Any, n_nodes: int
) -> int:
    """Return how many edges of one fault can lie on a path that flips the observable.

    Such a path stays within the components, connected without the boundary, of the edges that flip it. A
    fault with a part that is no edge, or flips other observables than the edge, counts as all of them.
    """
    boundary = n_nodes - 1
    inner = np.array([edge for edge in edges if edge[1] != boundary]).reshape(-1, 2)
    links = csr_matrix((np.ones(len(inner)), (inner[:, 0], inner[:, 1])), shape=(n_nodes, n_nodes))
    _, label = connected_components(links, directed=False)
    concerned = set(label[odd[:, 0]].tolist())
    most = 1
    for fault in model.flattened():
        if fault.type != "error":
            continue
        count = 0
        for part in fault.target_groups():
            detectors = [target.val for target in part if target.is_relative_detector_id()]
            flipped = frozenset(target.val for target in part if target.is_logical_observable_id())
            ends = sorted([*detectors, boundary][:2])
            if not 1 <= len(detectors) <= 2 or edges[ends[0], ends[1]][1] != flipped:
                return n_nodes
            count += int(label[ends[0]]) in concerned
        most = max(most, count)
    return most
