"""Routing of random circuits: every action is legal, and the cost is that of the blocks."""

from collections import defaultdict

import numpy as np
import pytest

from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.dependencies import FENCE, Operation
from workers.quantum.compiler.router.kernel import SWAP_ACTION
from workers.quantum.compiler.router.search import Search

RING = Coupling.of(8, {(k, (k + 1) % 8) if k < 7 else (0, 7): 1.0 for k in range(8)})


def random_operations(rng, n_wires):
    operations = []
    for _ in range(30):
        pair = tuple(int(wire) for wire in rng.permutation(n_wires)[:2])
        cost = int(rng.integers(-1, 4))
        wires = pair if cost > 0 else pair[:1]
        bases = tuple(rng.choice(["", "X", "Z"]) if cost >= 0 else "" for _ in wires)
        operations.append(Operation(wires, bases, cost))
    return operations


@pytest.mark.parametrize("seed", range(4))
def test_gates_act_on_coupled_sites_in_an_order_that_dependencies_permit(seed):
    operations = random_operations(np.random.default_rng(seed), 6)
    found = Search(operations, 6, RING, (seed,)).run(0.02)
    site = found.layout.tolist()
    executed = []
    for kind, first, second in found.actions.tolist():
        if kind == SWAP_ACTION:
            assert RING.distance[first, second] == 1
            a, b = site.index(first), site.index(second)
            site[a], site[b] = second, first
        else:
            places = [site[wire] for wire in operations[first].wires]
            assert len(places) == 1 or RING.distance[places[0], places[1]] == 1
            executed.append(first)
    assert sorted(executed) == list(range(len(operations)))
    assert site == found.final.tolist()
    check_order(operations, executed)


def check_order(operations, executed):
    """Two operations on one wire keep their order unless all between them there have the same basis."""
    on_wire = defaultdict(list)
    for number, one in enumerate(operations):
        for wire, basis in zip(one.wires, one.bases, strict=True):
            on_wire[wire].append((number, basis))
    when = {number: position for position, number in enumerate(executed)}
    for listed in on_wire.values():
        for begin, (first, basis) in enumerate(listed):
            same = basis != ""
            for second, other in listed[begin + 1 :]:
                same = same and other == basis
                assert same or when[first] < when[second]


def test_a_circuit_that_fits_costs_no_swap():
    chain = [Operation((k, k + 1), ("", ""), 1) for k in range(5)]
    assert Search(chain, 6, RING, (0,)).run(0.05).cost == 5


def test_a_swap_beside_a_cx_costs_one_more():
    crossing = [Operation(pair, ("", ""), 1) for pair in ((0, 1), (1, 2), (0, 2))]
    line = Coupling.of(3, {(0, 1): 1.0, (1, 2): 1.0})
    assert Search(crossing, 3, line, (0,)).run(0.02).cost == 4


def test_dear_pairs_are_avoided():
    prices = {(0, 1): 10.0, (1, 2): 1.0, (2, 3): 1.0}
    found = Search([Operation((0, 1), ("", ""), 1)], 2, Coupling.of(4, prices), (0,)).run(0.02)
    assert found.cost == 1.0


def test_fences_keep_their_place():
    operations = [
        Operation((0, 1), ("Z", "Z"), 2),
        Operation((0,), ("",), FENCE),
        Operation((0, 1), ("Z", "Z"), 2),
    ]
    found = Search(operations, 2, RING, (0,)).run(0.01)
    assert [first for _, first, _ in found.actions.tolist()] == [0, 1, 2]
    assert found.cost == 4
