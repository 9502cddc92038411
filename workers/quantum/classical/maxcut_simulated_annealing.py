"""A large cut by simulated annealing of many independent replicas at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject
from workers.quantum.classical import given
from workers.quantum.classical.graph import Graph, answer

Float = NDArray[np.float64]

COLDEST = float(np.finfo(np.float64).tiny)
"""Minimum temperature: below it, weights cannot be distinguished from zero."""
# First number of the spawn key, distinct from those of the variational loops.
_ANNEALING = 104


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    maxcut: JsonObject
    n_sweeps: int
    n_replicas: int


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Return the largest cut that any replica had at the end of a sweep.

    Returns:
        `cut`, `bitstring`, `n_nodes`, and `n_replicas_best`: the number of replicas that reached that cut.

    Source: Kirkpatrick, Gelatt and Vecchi, Science 220, 671 (1983).
    """
    graph = Graph.of(given.maxcut(arguments["maxcut"]))
    key = np.random.SeedSequence(seed, spawn_key=(_ANNEALING,))
    rng = np.random.Generator(np.random.PCG64(key))
    spins = anneal(graph, int(arguments["n_sweeps"]), int(arguments["n_replicas"]), rng, checkpoint)
    cuts = np.array([graph.cut(replica) for replica in spins.T])
    return {
        **answer(graph, spins.T[int(np.argmax(cuts))]),
        "n_replicas_best": int((cuts == np.max(cuts)).sum()),
    }


def anneal(
    graph: Graph, n_sweeps: int, n_replicas: int, rng: np.random.Generator, checkpoint: Callable[[], None]
) -> Float:
    """Return the best spins each replica had after any sweep, entries +1 and -1, shape (n_nodes, n_replicas).

    A sweep visits all nodes in order, with Metropolis acceptance at a temperature falling geometrically.
    """
    matrix = graph.adjacency()
    neighbours = [np.flatnonzero(row) for row in matrix]
    spins = np.where(rng.random((graph.n_nodes, n_replicas)) < 0.5, -1.0, 1.0)
    best, fields = spins.copy(), matrix @ spins
    least = energies = 0.5 * (spins * fields).sum(axis=0)
    for temperature in temperatures(matrix, n_sweeps):
        checkpoint()
        thresholds = -0.5 * temperature * np.log1p(-rng.random(spins.shape))
        for node, near in enumerate(neighbours):
            flip = -spins[node] * fields[node] <= thresholds[node]
            change = np.where(flip, -2.0 * spins[node], 0.0)
            energies = energies + change * fields[node]
            spins[node] += change
            fields[near] += matrix[near, node, None] * change
        better = energies < least - 1e-12 * np.abs(least)
        best[:, better] = spins[:, better]
        least = np.where(better, energies, least)
    return best


def temperatures(matrix: Float, n_sweeps: int) -> Float:
    """Return temperatures from acceptance 1/2 of the worst flip to acceptance 1/1000 of the smallest."""
    sizes = np.abs(matrix)
    hot = 2 * float(sizes.sum(axis=1).max()) / np.log(2)
    smallest = sizes[sizes > 0]
    if not len(smallest):
        return np.ones(n_sweeps)
    cold = max(2 * float(smallest.min()) / np.log(1000), COLDEST)
    return np.geomspace(hot, cold, n_sweeps)
