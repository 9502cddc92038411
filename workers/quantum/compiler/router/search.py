"""Search for the cheapest routing: many short trials, then local search around the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.dependencies import Dependencies, Operation
from workers.quantum.compiler.router.kernel import Weights, route

Integers = NDArray[np.int64]

WORK_PER_S = 230_000_000
"""Elementary steps of the kernel per second of processor time of a reference machine. Budgets are counted in
steps, so that a seed gives the same routing on slow and fast processors.
"""
TRIAL_WORK, OPERATION_WORK = 7_000, 75
"""Steps that a trial costs beside those counted: of its own, and for each operation. With them the time of a
search follows from its steps within a quarter, for circuits of 27 to 2,700 operations.
"""
POOL = 60
"""Number of layouts kept for the local search."""
CHOSEN = 10.0
"""Mean rank of the layout that the local search continues from."""
EXPLORED = 0.2
"""Share of the budget for independent trials."""
STALE = 0.25
"""Share of the budget without an improvement after which the search ends."""
STALE_TRIALS = 50
"""Trials without an improvement after which it ends, per wire and second of the budget."""
HOPELESS = 1.3
"""Cost relative to that of the layout it started from, at which a trial of the local search is given up."""
REFINED = 0.05
"""Share of the trials of the local search that are followed by a backward and a forward pass."""
PASSES = 3
"""Forward passes of an independent trial; each starts where a backward pass ended."""


Ranges = tuple[tuple[float, ...], ...]
"""Values that each parameter of a trial is drawn from, in the order of `Weights`."""
BROAD: Ranges = (
    (1.0, 0.3, 0.5, 0.7, 0.85), (0.0, 0.05, 0.1, 0.2, 0.4), (5, 10, 20, 40), (0.05, 0.1, 0.2, 0.35),
    (0.02, 0.1, 0.3), (0.0, 0.001, 0.02),
)  # fmt: skip
NEAR: Ranges = ((0.3, 0.5, 0.7), (0.0, 0.05, 0.1), (5, 10), *BROAD[3:])
FAR: Ranges = ((1.0, 0.85, 0.7), (0.1, 0.2, 0.4, 0.8), (20, 40, 80), *BROAD[3:])
LOOKAHEAD = Weights(1.0, 0.025, 20, 0.0, 1e-6, 0.0)
"""SABRE's lookahead heuristic: the mean distance of the front, and half that of the 20 gates after it."""
PLAIN_TRIALS = 20


@dataclass(frozen=True, eq=False, slots=True)
class Routing:
    """A routed circuit.

    Attributes:
        cost: sum of the prices of its CX gates, merged blocks counted as such.
        layout: int64[n_sites], site of each wire at the beginning.
        final: int64[n_sites], the same at the end.
        actions: int64[n, 3], as `kernel.route` writes them.
        weights: parameters of the trial that found it.
    """

    cost: float
    layout: Integers
    final: Integers
    actions: Integers
    weights: Weights


class Search:
    """Routes one circuit on one device.

    Args:
        operations: the circuit, on wires 0 to n_wires - 1.
        n_wires: at most as many as there are sites.
        coupling: the device; connected.
        seed: of all random choices.
        ranges: values that the parameters of the trials are drawn from.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        n_wires: int,
        coupling: Coupling,
        seed: Sequence[int],
        ranges: Ranges = BROAD,
    ) -> None:
        self._coupling, self._n_wires, self._ranges = coupling, n_wires, ranges
        self._rng = np.random.default_rng(seed)
        self._forward = Dependencies.of(operations, coupling.n_sites)
        self._backward = Dependencies.of(operations[::-1], coupling.n_sites)
        self._actions = np.zeros((50 * len(operations) + 40 * coupling.n_sites, 3), dtype=np.int64)
        self._pool: dict[bytes, Routing] = {}
        self._ranked: list[Routing] = []
        self._work = self._stale_work = self._stale_trials = 0

    def run(self, budget_s: float, starts: Sequence[Integers] = ()) -> Routing:
        """Return the cheapest routing found.

        Args:
            budget_s: processor time, in seconds of a reference machine.
            starts: layouts to begin with.
        """
        budget = budget_s * WORK_PER_S
        most_trials = STALE_TRIALS * self._n_wires * max(budget_s, 1.0)
        for layout in starts:
            self._explore(layout)
        self._explore(self._placed())
        while self._work < budget and self._stale_work < STALE * budget and self._stale_trials < most_trials:
            if self._work < EXPLORED * budget and self._stale_trials < EXPLORED * most_trials:
                self._explore(self._placed())
            else:
                self._improve()
        return self._ranked[0]

    def plain(self) -> Routing:
        """Return the cheapest of some independent trials with SABRE's lookahead heuristic."""
        for _ in range(PLAIN_TRIALS):
            self._explore(self._placed(), LOOKAHEAD)
        return self._ranked[0]

    def _explore(self, layout: Integers, weights: Weights | None = None) -> None:
        """Route forwards and backwards from a layout, then from that at which the last pass ended.

        Source: Li, Ding, Xie, arXiv:1809.02573, section 4.2.
        """
        weights = weights or self._weights()
        for _ in range(PASSES):
            there = self._trial(self._forward, layout, weights)
            self._keep(there)
            layout = self._trial(self._backward, there.final, weights).final

    def _improve(self) -> None:
        """Route from a neighbour of a good layout."""
        rng = self._rng
        chosen = self._ranked[min(int(rng.exponential(CHOSEN)), len(self._ranked) - 1)]
        weights = self._weights() if rng.random() < 0.3 else chosen.weights
        layout = self._neighbour(chosen.layout) if rng.random() < 0.75 else chosen.layout
        found = self._trial(self._forward, layout, weights, HOPELESS * chosen.cost)
        self._keep(found)
        if rng.random() < REFINED and np.isfinite(found.cost):
            back = self._trial(self._backward, found.final, weights)
            self._keep(self._trial(self._forward, back.final, weights))

    def _placed(self) -> Integers:
        """Return a random layout on sites around a random one."""
        rng, coupling = self._rng, self._coupling
        centre = rng.integers(coupling.n_sites)
        sites = np.argsort(coupling.distance[centre] + rng.random(coupling.n_sites), kind="stable")
        rng.shuffle(sites[: self._n_wires])
        return sites

    def _neighbour(self, layout: Integers) -> Integers:
        """Return a layout with one or two wires moved to sites beside theirs, or one to any site."""
        rng, coupling = self._rng, self._coupling
        changed = layout.copy()
        if rng.random() < 0.7:
            for _ in range(rng.integers(1, 3)):
                wire = rng.integers(self._n_wires)
                here = changed[wire]
                there = coupling.neighbours[here, rng.integers(coupling.degree[here])]
                other = np.flatnonzero(changed == there)[0]
                changed[wire], changed[other] = there, here
        else:
            wire, other = rng.integers(self._n_wires), rng.integers(len(layout))
            changed[wire], changed[other] = changed[other], changed[wire]
        return changed

    def _weights(self) -> Weights:
        drawn = [values[self._rng.integers(len(values))] for values in self._ranges]
        return Weights(drawn[0], drawn[1], int(drawn[2]), *drawn[3:])

    def _keep(self, found: Routing) -> None:
        """Add a routing to the pool, which has the best one of each layout."""
        better = not self._ranked or found.cost < self._ranked[0].cost
        self._stale_trials = 0 if better else self._stale_trials + 1
        self._stale_work = 0 if better else self._stale_work
        key = found.layout[: self._n_wires].tobytes()
        known = self._pool.get(key)
        if not np.isfinite(found.cost) or (known is not None and known.cost <= found.cost):
            return
        self._pool[key] = found
        self._ranked = sorted(self._pool.values(), key=lambda one: one.cost)[:POOL]
        if len(self._pool) > 2 * POOL:
            self._pool = {one.layout[: self._n_wires].tobytes(): one for one in self._ranked}

    def _trial(
        self, circuit: Dependencies, layout: Integers, weights: Weights, limit: float = np.inf
    ) -> Routing:
        final, seed = layout.copy(), int(self._rng.integers(1 << 31))
        n, cost, work = route(circuit, self._coupling, weights, final, seed, limit, self._actions)
        work += TRIAL_WORK + OPERATION_WORK * len(circuit.coupled)
        self._work += work
        self._stale_work += work
        return Routing(cost, layout, final, self._actions[:n].copy(), weights)
