"""Layouts in which a circuit begins without SWAPs: embeddings of its first pairs into the device's."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import rustworkx as rx

from workers.quantum.compiler.router.coupling import Coupling, Integers
from workers.quantum.compiler.router.dependencies import Operation

CALLS = 30_000
"""Calls after which one search for an embedding is given up; a heavy-hex map of 156 sites takes fewer."""

TRIED = 3
"""Embeddings, each with the sites numbered in another way."""

Pair = tuple[int, int]


def layouts(operations: Sequence[Operation], coupling: Coupling, rng: np.random.Generator) -> list[Integers]:
    """Return layouts int64[n_sites] in which the longest prefix that was found needs no SWAP.

    Args:
        operations: in order; those without a coupling stop nothing.
        coupling: the device.
        rng: numbers the sites, and so chooses among the embeddings.

    Source: Juttner and Madarasi, Discrete Appl. Math. 242, 69 (2018): VF2++, the search for one embedding.
    """
    pairs = list(dict.fromkeys(_pair(one) for one in operations if one.cost > 0))
    return [_longest(pairs, coupling, rng.permutation(coupling.n_sites)) for _ in range(TRIED)]


def _longest(pairs: Sequence[Pair], coupling: Coupling, order: Integers) -> Integers:
    """Return a layout for the longest prefix of some pairs, with the sites in an order."""
    sites, place = rx.PyGraph(), np.argsort(order).tolist()
    sites.add_nodes_from(order.tolist())
    sites.extend_from_edge_list([(place[a], place[b]) for a, b in _edges(coupling)])
    known: dict[int, int] = {}
    least, most = 0, len(pairs)
    while least < most:
        tried = (least + most + 1) // 2
        found = _embedded(pairs[:tried], sites)
        if found is None:
            most = tried - 1
        else:
            least, known = tried, found
    return _completed(known, pairs, coupling)


def _pair(one: Operation) -> Pair:
    a, b = sorted(one.wires)
    return a, b


def _edges(coupling: Coupling) -> list[Pair]:
    near = zip(coupling.neighbours.tolist(), coupling.degree.tolist(), strict=True)
    return [(a, b) for a, (others, degree) in enumerate(near) for b in others[:degree] if a < b]


def _embedded(pairs: Sequence[Pair], sites: rx.PyGraph) -> dict[int, int] | None:
    """Return the site of each wire of some pairs so that all of them are coupled, None if none was found."""
    wires = rx.PyGraph()
    place = {wire: wires.add_node(wire) for wire in dict.fromkeys(chain.from_iterable(pairs))}
    wires.extend_from_edge_list([(place[a], place[b]) for a, b in pairs])
    found = rx.vf2_mapping(sites, wires, subgraph=True, induced=False, id_order=False, call_limit=CALLS)
    mapping = next(iter(found), None)
    return None if mapping is None else {wires[wire]: sites[site] for site, wire in mapping.items()}


def _completed(known: dict[int, int], pairs: Sequence[Pair], coupling: Coupling) -> Integers:
    """Return a layout of all wires: the others near the first partner that has a site."""
    site, free = dict(known), sorted(set(range(coupling.n_sites)) - set(known.values()))
    centre = int(coupling.distance.max(axis=1).argmin())
    for wire, partner in (one for a, b in pairs for one in ((a, b), (b, a))):
        if wire not in site:
            near = coupling.distance[site.get(partner, centre)]
            site[wire] = min(free, key=near.__getitem__)
            free.remove(site[wire])
    rest = iter(free)
    return np.array(
        [site[wire] if wire in site else next(rest) for wire in range(coupling.n_sites)], dtype=np.int64
    )
