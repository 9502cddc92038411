"""Paths of a device, and orders of a circuit's wires along them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from workers.quantum.compiler.router.coupling import Coupling, Integers
from workers.quantum.compiler.router.dependencies import Operation

STEPS_PER_START = 2000
"""Steps of the depth-first search from each site; most paths of half the device's length need few."""


def path(coupling: Coupling, n: int) -> tuple[int, ...]:
    """Return the cheapest path of n different sites found, by the prices of its pairs; () if none was.

    The search visits first the neighbour with the fewest free neighbours (Warnsdorff's rule for knight's
    tours), so that no site is left behind.
    """
    found = (_from(coupling, start, n) for start in range(coupling.n_sites))
    paths = [one for one in found if one]
    return min(paths, key=lambda one: _price(coupling, one), default=())


def part(coupling: Coupling, sites: Sequence[int]) -> Coupling:
    """Return the couplings along a path, its sites numbered from 0."""
    pairs = {(k, k + 1): float(coupling.price[a, b]) for k, (a, b) in enumerate(_steps(sites))}
    return Coupling.of(len(sites), pairs)


def orders(operations: Sequence[Operation], n_wires: int) -> list[Integers]:
    """Return layouts on a line: wires as they are numbered, and so that coupled wires are near each other.

    Source: Cuthill and McKee, Proc. 24th ACM National Conference (1969), 157.
    """
    near: list[set[int]] = [set() for _ in range(n_wires)]
    for one in operations:
        if one.cost > 0:
            a, b = one.wires
            near[a].add(b)
            near[b].add(a)
    order: list[int] = []
    by_degree = sorted(range(n_wires), key=lambda wire: len(near[wire]))
    for start in by_degree:
        reached = [start] if start not in order else []
        for wire in reached:
            reached += [one for one in by_degree if one in near[wire] and one not in reached]
        order += reached
    place = np.empty(n_wires, dtype=np.int64)
    place[order] = np.arange(n_wires)
    return [np.arange(n_wires), place]


def _from(coupling: Coupling, start: int, n: int) -> tuple[int, ...]:
    taken, ways, steps = [start], [_next(coupling, [start])], 0
    while len(taken) < n and ways and steps < STEPS_PER_START:
        steps += 1
        if ways[-1]:
            taken.append(ways[-1].pop())
            ways.append(_next(coupling, taken))
        else:
            ways.pop()
            taken.pop()
    return tuple(taken) if len(taken) == n else ()


def _next(coupling: Coupling, taken: Sequence[int]) -> list[int]:
    """Return the free neighbours of the last site, the best one last."""
    free = _free(coupling, taken[-1], taken)
    return sorted(free, key=lambda k: (len(_free(coupling, k, taken)), coupling.price[taken[-1], k]))[::-1]


def _free(coupling: Coupling, site: int, taken: Sequence[int]) -> list[int]:
    near = coupling.neighbours[site, : coupling.degree[site]].tolist()
    return [other for other in near if other not in taken]


def _price(coupling: Coupling, sites: Sequence[int]) -> float:
    return sum(float(coupling.price[a, b]) for a, b in _steps(sites))


def _steps(sites: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise(sites))
