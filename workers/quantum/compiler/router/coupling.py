"""The couplings of a device as arrays for the router."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Float = NDArray[np.float64]


class Coupling(NamedTuple):
    """Device qubits ("sites") and the pairs of them that two-qubit gates act on, without direction.

    A tuple, as machine code takes it.

    Attributes:
        distance: int64[n_sites, n_sites], hops; `n_sites` between sites that are not connected.
        price: float64[n_sites, n_sites], cost of a CX gate on each coupled pair, 1 on average.
        neighbours: int64[n_sites, max degree], padded with -1.
        degree: int64[n_sites].
    """

    distance: Integers
    price: Float
    neighbours: Integers
    degree: Integers

    @classmethod
    def of(cls, n_sites: int, prices: Mapping[tuple[int, int], float]) -> Coupling:
        """Build the arrays.

        Args:
            n_sites: number of device qubits.
            prices: (site, site) -> cost of a CX gate there; each pair once.
        """
        near: list[list[int]] = [[] for _ in range(n_sites)]
        price = np.ones((n_sites, n_sites))
        for (a, b), cost in prices.items():
            near[a].append(b)
            near[b].append(a)
            price[a, b] = price[b, a] = cost
        neighbours = np.full((n_sites, max(map(len, near), default=0) or 1), -1, dtype=np.int64)
        for site, others in enumerate(near):
            neighbours[site, : len(others)] = sorted(others)
        return cls(_hops(near), price, neighbours, np.array([len(others) for others in near], dtype=np.int64))

    @property
    def n_sites(self) -> int:
        """Number of device qubits."""
        return len(self.degree)


def _hops(near: list[list[int]]) -> Integers:
    n = len(near)
    distance = np.full((n, n), n, dtype=np.int64)
    for start in range(n):
        distance[start, start] = 0
        reached = [start]
        for site in reached:
            for other in near[site]:
                if distance[start, other] == n and other != start:
                    distance[start, other] = distance[start, site] + 1
                    reached.append(other)
    return distance
