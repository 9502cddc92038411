"""Ordering constraints between steps.

Every component's steps fall into four phases: prepare, enable, change, retire. Rules between components hold
within a phase or lead from one to a later one. Within a phase they follow one order of the components, which
respects `depends_on`; in `retire` they follow its reverse. So the graph is acyclic.

* What a component depends on is prepared and changed before it and retired after it; certificates depend on
  trust anchors.
* Verifiers and readers accept the new algorithm before anybody signs or writes with it, and the old one until
  all have changed.
* The number of components that change at a time is limited: they are distributed over that many lanes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise

from novacron.errors import BadInput
from novacron.migration.component import Component
from novacron.migration.plan import StepType
from novacron.specs.refusal import did_you_mean
from scheduler.pqc.migration import recipes
from scheduler.pqc.migration.choice import Move
from shared.crypto.step_kinds import STEP_KINDS, Phase

_EARLINESS = {"trust_anchor": 0, "certificate": 2}


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of one move, by their numbers in the plan.

    Attributes:
        move: the replacement.
        steps: number -> type, in order.
    """

    move: Move
    steps: dict[int, StepType]

    def within(self, phase: Phase) -> list[int]:
        """Return the numbers of the steps in a phase."""
        return [number for number, type_ in self.steps.items() if STEP_KINDS[type_].phase == phase]

    @property
    def accepts(self) -> list[int]:
        """The step from which the new algorithm is accepted."""
        return self.within("enable")

    @property
    def changes(self) -> list[int]:
        """The steps that switch to the new algorithm."""
        return self.within("change")

    @property
    def retires(self) -> list[int]:
        """The step that retires the old algorithm."""
        return self.within("retire")

    @property
    def name(self) -> str:
        """Name of its component."""
        return self.move.component.name


def sorted_components(components: Sequence[Component]) -> list[Component]:
    """Return the components in dependency order; trust anchors early and certificates late.

    Raises:
        BadInput: a name is duplicated or unknown, or there is a cycle, which is named.
    """
    places = _places(components)
    sorter = TopologicalSorter({one.name: one.depends_on for one in components})
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = " -> ".join(reversed(error.args[1]))
        raise BadInput(f"depend on each other in a cycle: {cycle}", field="components") from None
    found: list[Component] = []
    ready: list[tuple[int, int]] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(ready, (_EARLINESS.get(components[places[name]].kind, 1), places[name]))
        found.append(components[heappop(ready)[1]])
        sorter.done(found[-1].name)
    return found


def _places(components: Sequence[Component]) -> dict[str, int]:
    """Return the map of names to positions in the request.

    Raises:
        BadInput: a name is duplicated, or a component depends on an unknown one.
    """
    places: dict[str, int] = {}
    for place, component in enumerate(components):
        if component.name in places:
            raise BadInput("is given twice", field=f"components[{place}].name", value=component.name)
        places[component.name] = place
    _check_targets(components)
    for place, component in enumerate(components):
        for position, name in enumerate(component.depends_on):
            if name not in places:
                field, hint = f"components[{place}].depends_on[{position}]", did_you_mean(name, list(places))
                raise BadInput("there is no such component", field=field, value=name, hint=hint)
    return places


def _check_targets(components: Sequence[Component]) -> None:
    """Check that each target is changed once for each kind of component and algorithm.

    Raises:
        BadInput: two components name the same target.
    """
    seen: dict[tuple[str, str, str | None], str] = {}
    for place, one in enumerate(components):
        if one.target is None:
            continue
        key = (one.target, one.kind, one.algorithm if one.kind == "envelopes" else None)
        if key in seen:
            rule = f"is the target of {seen[key]!r} already"
            hint = "one component for all that it is, or a target of its own for each"
            raise BadInput(rule, field=f"components[{place}].target", value=one.target, hint=hint)
        seen[key] = one.name


def chains(found: Sequence[Move]) -> list[Chain]:
    """Return every move's steps, numbered consecutively."""
    made, number = [], 0
    for move in found:
        types = recipes.steps(move)
        made.append(Chain(move, dict(enumerate(types, number))))
        number += len(types)
    return made


def edges(found: Sequence[Chain], at_once: int) -> list[set[int]]:
    """Return, for each step, the numbers of the steps that must be done before it.

    Args:
        found: the chains of the components, each after those it depends on.
        at_once: number of components that may change at a time.
    """
    before: list[set[int]] = [set() for chain in found for _ in chain.steps]
    for earlier, later in (*_within(found), *_dependent(found), *_accepting(found), *_lanes(found, at_once)):
        before[later].add(earlier)
    return before


Edges = Iterator[tuple[int, int]]


def _within(found: Sequence[Chain]) -> Edges:
    for chain in found:
        yield from pairwise(chain.steps)


def _dependent(found: Sequence[Chain]) -> Edges:
    anchors: set[str] = set()
    for chain in found:
        needed = {*chain.move.component.depends_on}
        if chain.move.component.kind == "certificate":
            needed |= needed & anchors or anchors
        for other in found:
            if other.name in needed:
                yield from _follow(other, chain)
        if chain.move.component.kind == "trust_anchor":
            anchors.add(chain.name)


def _follow(first: Chain, second: Chain) -> Edges:
    """Yield the edges by which the second component waits for the first."""
    yield from _before(first.within("prepare"), second.within("prepare"))
    yield from _before((first.changes or first.accepts)[-1:], second.changes[:1])
    yield from _before(second.retires, first.retires)


def _accepting(found: Sequence[Chain]) -> Edges:
    """Yield the edges between components that accept an algorithm and those that produce it.

    The new algorithm is accepted before any component produces it, the old until all have switched.
    """
    for accepting in found:
        for making in found:
            if accepting is not making and _meet(accepting, making):
                yield from _before(accepting.accepts, making.changes[:1])
                yield from _before(making.changes[-1:], accepting.retires)


def _meet(accepting: Chain, making: Chain) -> bool:
    """Return whether one receives what the other produces: it only accepts, or one depends on the other."""
    one, other = accepting.move, making.move
    if (one.type, one.new) != (other.type, other.new):
        return False
    related = (
        other.component.name in one.component.depends_on or one.component.name in other.component.depends_on
    )
    return one.component.role in ("reader", "verifier") or related


def _lanes(found: Sequence[Chain], at_once: int) -> Edges:
    changing = [chain.changes for chain in found if chain.changes]
    for earlier, later in zip(changing, changing[at_once:], strict=False):
        yield earlier[-1], later[0]


def _before(first: Sequence[int], second: Sequence[int]) -> Edges:
    return ((one, other) for one in first for other in second)
