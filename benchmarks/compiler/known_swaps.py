"""Circuits with a known number of SWAPs, beside Qiskit: `python -m benchmarks.compiler.known_swaps`.

A circuit consists of sections, one for each SWAP. A section has gates on all coupled pairs, and one on a pair
that is coupled only after the SWAP: one pair more than the map has, so no placement executes a section. All
gates depend on the last one of the section before, and the last gate of a section on all others in it, so the
SWAPs of sections are distinct. Source: QUBIKOS, arXiv:2502.08839, with whole maps for its subgraphs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from statistics import mean

import networkx as nx
import numpy as np
from qiskit import QuantumCircuit

from benchmarks.compiler.circuits import falcon
from benchmarks.compiler.comparison import HEADER, compare, grid, heron
from shared.quantum.devices import Device
from workers.quantum.compiler import Options

SWAPS = (1, 4, 10)
CX_OF_SWAP = 3


def main() -> None:
    """Compile circuits of several numbers of SWAPs on three maps and print the excess of two-qubit gates."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compiler.known_swaps", description=main.__doc__
    )
    parser.add_argument("--budget", type=float, default=10.0, help="processor seconds of each search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--swaps", type=int, nargs="+", default=SWAPS)
    given = parser.parse_args()
    shares = []
    print(HEADER + "; two-qubit gates more than the source's: peer, ours, with the known SWAPs")
    for device in (falcon(), grid(5), heron()):
        for n_swaps in given.swaps:
            circuit = known(device, n_swaps, given.seed)
            source = sum(len(item.qubits) == 2 for item in circuit.data)
            row = compare(
                f"{n_swaps} known SWAPs", circuit, device,
                Options(level=3, seed=given.seed, budget_s=given.budget, exact_unitary=True),
            )  # fmt: skip
            peer, ours = row.peer - source, row.ours - source
            shares.append(ours / peer if peer else 1.0)
            print(f"{row}; {peer:.0f}, {ours}, {CX_OF_SWAP * n_swaps}", flush=True)
    print(f"mean share of the peer's excess: {mean(shares):.2f}")


def known(device: Device, n_swaps: int, seed: int) -> QuantumCircuit:
    """Return a circuit that takes exactly so many SWAPs on a device."""
    rng = np.random.default_rng(seed)
    graph = nx.Graph(device.edges)
    holder = rng.permutation(device.n_qubits).tolist()
    circuit, at = QuantumCircuit(device.n_qubits), 0
    for _ in range(n_swaps):
        near, far, beyond = _exchange(graph, rng)
        for pair in (*_outward(graph, at), *_inward(graph, near)):
            _gate(circuit, [holder[site] for site in pair], rng)
        # After the SWAP what is at `near` stands at `far`, beside `beyond`.
        holder[near], holder[far] = holder[far], holder[near]
        _gate(circuit, [holder[far], holder[beyond]], rng)
        at = far
    return circuit


def _exchange(graph: nx.Graph, rng: np.random.Generator) -> tuple[int, int, int]:
    """Return a coupled pair, and a neighbour of its second site that is none of the first's."""
    found = [
        (near, far, beyond)
        for one in graph.edges
        for near, far in (one, one[::-1])
        for beyond in set(graph[far]) - set(graph[near]) - {near}
    ]
    return found[int(rng.integers(len(found)))]


def _outward(graph: nx.Graph, start: int) -> Iterator[tuple[int, int]]:
    """Yield all coupled pairs, each with a site that a pair before has, or the start."""
    order = {site: place for place, site in enumerate(nx.bfs_tree(graph, start))}
    yield from sorted(graph.edges, key=lambda pair: sorted(map(order.__getitem__, pair)))


def _inward(graph: nx.Graph, end: int) -> list[tuple[int, int]]:
    """Return the pairs of a spanning tree, from its leaves to its root."""
    return list(nx.bfs_edges(graph, end))[::-1]


def _gate(circuit: QuantumCircuit, pair: list[int], rng: np.random.Generator) -> None:
    """Append a CX, and rotations after which nothing commutes with it."""
    circuit.cx(*pair)
    for qubit in pair:
        circuit.u(*rng.uniform(0.5, 2.5, 3), qubit)


if __name__ == "__main__":
    main()
