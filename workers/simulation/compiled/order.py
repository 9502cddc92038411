"""The order of a group's items on its buffer, in which rotations share passes.

Rotations about Z wait until an item changes one of their bits and are then one layer; rotations about one of
the other axes go two at a time, where their bits lie between vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workers.simulation.compiled.schedule import Item
from workers.simulation.compiled.split import ROTATION, Op
from workers.simulation.compiled.tables import LANE_BITS
from workers.simulation.flat import AXIS_X, AXIS_Y, AXIS_Z

Step = tuple[Item, ...]


def in_order(items: Sequence[Item], ops: Sequence[Op], place: Callable[[int], int]) -> Iterator[Step]:
    """Steps that do what the items do: one item, two rotations about one axis, or a layer of rotations about Z.

    place gives a bit's place in the buffer.
    """
    left, layer = list(items), ()
    while left:
        found, left = _free(left, lambda item: _axis(ops, item) == AXIS_Z)
        layer += found
        steps, left = _next(left, ops, place)
        for step in steps:
            if layer and any(item.moved & z.read for item in step for z in layer):
                yield layer
                layer = ()
            yield step
    if layer:
        yield layer


def _next(items: list[Item], ops: Sequence[Op], place: Callable[[int], int]) -> tuple[list[Step], list[Item]]:
    """All rotations about X and Y that may go first, else all else that may; and the rest."""
    steps: list[Step] = []
    for axis in (AXIS_X, AXIS_Y):
        found, items = _free(items, lambda item, axis=axis: _axis(ops, item) == axis, disjoint=True)
        steps += _paired(found, place)
    if not steps:
        found, items = _free(items, lambda item: ops[item.op][0] != ROTATION)
        steps = [(item,) for item in found]
    return steps, items


def _free(
    items: Sequence[Item], wanted: Callable[[Item], bool], disjoint: bool = False
) -> tuple[Step, list[Item]]:
    """The wanted items that may pass all unwanted ones before them, and the others."""
    found, left, moved, read = [], [], 0, 0
    for item in items:
        free = wanted(item) and not item.moved & (moved | read) and not item.read & moved
        (found if free else left).append(item)
        if disjoint or not free:
            moved |= item.moved
            read |= item.read
    return tuple(found), left


def _axis(ops: Sequence[Op], item: Item) -> int:
    kind, _, axis, _, _ = ops[item.op]
    return axis if kind == ROTATION else -1


def _paired(items: Sequence[Item], place: Callable[[int], int]) -> list[Step]:
    """Two at a time, far from each other, so that their amplitudes do not compete for one line of the cache."""
    between = sorted((item for item in items if place(_bit(item)) >= LANE_BITS), key=_bit)
    half = len(between) // 2
    steps: list[Step] = list(zip(between[:half], between[half:], strict=False))
    steps += [(item,) for item in between[2 * half :]]
    return steps + [(item,) for item in items if place(_bit(item)) < LANE_BITS]


def _bit(item: Item) -> int:
    return item.moved.bit_length() - 1
