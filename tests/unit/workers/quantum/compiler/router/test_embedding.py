"""Layouts from the longest prefix that the device couples."""

import numpy as np

from workers.quantum.compiler.router import embedding
from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.dependencies import FENCE, Operation

SIDE = 5
GRID = Coupling.of(
    SIDE * SIDE,
    {(k, k + step): 1.0 for k in range(SIDE * SIDE) for step in (1, SIDE)
     if (k + step < SIDE * SIDE if step == SIDE else (k + 1) % SIDE)},
)  # fmt: skip


def test_the_pairs_of_the_prefix_are_coupled_whatever_follows():
    rng = np.random.default_rng(1)
    wire = rng.permutation(GRID.n_sites).tolist()
    pairs = [(wire[a], wire[b]) for a, b in np.argwhere(np.triu(GRID.distance == 1))]
    beyond = [(wire[0], wire[k]) for k in range(1, GRID.n_sites)]
    operations = [
        Operation((0,), ("Z",), 0),
        Operation((0, 1, 2), ("", "", ""), FENCE),
        *(Operation(pair, ("", ""), 1) for pair in (*pairs, *beyond)),
    ]
    found = embedding.layouts(operations, GRID, rng)
    assert len({layout.tobytes() for layout in found}) > 1
    for layout in found:
        assert sorted(layout.tolist()) == list(range(GRID.n_sites))
        assert all(GRID.distance[layout[a], layout[b]] == 1 for a, b in pairs)


def test_wires_outside_the_prefix_are_near_their_partners():
    """A star of six cannot be embedded: the prefix has the centre's four neighbours at most."""
    star = [Operation((0, k), ("Z", "X"), 1) for k in range(1, 7)]
    (layout, *_) = embedding.layouts(star, GRID, np.random.default_rng(0))
    near = [int(GRID.distance[layout[0], layout[k]]) for k in range(1, 7)]
    assert near == [1, 1, 1, 1, 2, 2]


def test_a_circuit_without_pairs_has_layouts():
    for layout in embedding.layouts([], GRID, np.random.default_rng(0)):
        assert sorted(layout.tolist()) == list(range(GRID.n_sites))
