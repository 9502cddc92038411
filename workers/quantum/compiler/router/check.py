"""Proof that a routing is legal: the obligation of the router, cheap at any width."""

from __future__ import annotations

from collections.abc import Sequence

from workers.quantum.compiler.router.coupling import Coupling
from workers.quantum.compiler.router.dependencies import Dependencies, Operation
from workers.quantum.compiler.router.kernel import SWAP_ACTION
from workers.quantum.compiler.router.search import Routing


class IllegalRoutingError(Exception):
    """A routing breaks the circuit's order or the device's couplings: an error of the router."""


def check(operations: Sequence[Operation], coupling: Coupling, found: Routing) -> None:
    """Check that a routing executes every operation once, in a permitted order, on coupled sites.

    Raises:
        IllegalRoutingError: names the operation, or the SWAP.
    """
    circuit = Dependencies.of(operations, coupling.n_sites)
    left = (circuit.member_start[1:] - circuit.member_start[:-1]).tolist()
    current, site = circuit.first_set[:-1].tolist(), found.layout.tolist()
    wire_at = {place: wire for wire, place in enumerate(site)}
    for kind, first, second in found.actions.tolist():
        if kind == SWAP_ACTION:
            _demand(
                coupling.distance[first, second] == 1, f"the SWAP of {first} and {second} is not on a pair"
            )
            a, b = wire_at[first], wire_at[second]
            wire_at[first], wire_at[second], site[a], site[b] = b, a, second, first
            continue
        places = range(circuit.wire_start[first], circuit.wire_start[first + 1])
        for place in places:
            wire, reached = int(circuit.wires[place]), int(circuit.set_of[place])
            _demand(current[wire] == reached and left[reached] > 0, f"operation {first} is out of order")
            left[reached] -= 1
            current[wire] += left[reached] == 0
        if operations[first].cost > 0:
            a, b = (site[wire] for wire in operations[first].wires)
            _demand(coupling.distance[a, b] == 1, f"operation {first} acts on {a} and {b}, which are no pair")
    _demand(not any(left), "an operation is missing")
    _demand(site == found.final.tolist(), "the final layout is another one")


def _demand(met: bool, what: str) -> None:
    if not met:
        raise IllegalRoutingError(what)
