"""Paths of a device, and the order of wires along them."""

from itertools import pairwise

import pytest

from shared.quantum import devices
from workers.quantum.compiler.region import region_of
from workers.quantum.compiler.router import line
from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.dependencies import Operation


@pytest.mark.parametrize(("name", "n"), [("guadalupe", 12), ("kingston", 60), ("manila", 5)])
def test_a_path_visits_coupled_sites_once(name, n):
    coupling = region_of(devices.load(name)).coupling
    sites = line.path(coupling, n)
    assert len(set(sites)) == n
    assert all(coupling.distance[a, b] == 1 for a, b in pairwise(sites))


def test_there_is_no_path_through_all_sites_of_a_star():
    star = Coupling.of(4, {(0, 1): 1.0, (0, 2): 1.0, (0, 3): 1.0})
    assert line.path(star, 3) and not line.path(star, 4)


def test_the_cheaper_path_is_taken():
    ring = Coupling.of(4, {(0, 1): 1.0, (1, 2): 5.0, (2, 3): 1.0, (0, 3): 1.0})
    assert line.path(ring, 4) in ((1, 0, 3, 2), (2, 3, 0, 1))


def test_a_chain_in_disorder_is_put_in_order():
    chain = (3, 0, 4, 1, 2)
    _, place = line.orders([Operation(pair, ("", ""), 1) for pair in pairwise(chain)], 6)
    assert all(abs(place[a] - place[b]) == 1 for a, b in pairwise(chain))
    assert sorted(place) == list(range(6))
