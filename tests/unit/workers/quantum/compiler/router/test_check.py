"""Illegal routings are found."""

from dataclasses import replace

import numpy as np
import pytest

from workers.quantum.compiler.router.check import IllegalRoutingError, check
from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.dependencies import Operation
from workers.quantum.compiler.router.search import Search

LINE = Coupling.of(4, {(0, 1): 1.0, (1, 2): 1.0, (2, 3): 1.0})
OPERATIONS = [Operation(pair, ("Z", "X"), 1) for pair in ((0, 1), (1, 2), (2, 3), (3, 0), (0, 2))]


def test_a_routing_of_the_search_is_legal_and_changed_ones_are_not():
    found = Search(OPERATIONS, 4, LINE, (0,)).run(0.01)
    check(OPERATIONS, LINE, found)
    actions = found.actions
    for wrong in (
        actions[::-1],
        actions[:-1],
        np.vstack([actions, actions[-1:]]),
        actions[actions[:, 0] == 0],
    ):
        with pytest.raises(IllegalRoutingError):
            check(OPERATIONS, LINE, replace(found, actions=wrong))
    with pytest.raises(IllegalRoutingError):
        check(OPERATIONS, LINE, replace(found, final=found.layout[::-1].copy()))
