"""Orders a group's items on its buffer, so that rotations about Z share passes.

Z rotations are deferred until an item changes one of their bits, and then form one layer. X and Y rotations
are moved ahead of other items, so that layers become long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workers.quantum.simulation.cpu.schedule import Item
from workers.quantum.simulation.cpu.split import ROTATION, Op
from workers.quantum.simulation.lowering.flat import AXIS_Z

Step = tuple[Item, ...]


def in_order(items: Sequence[Item], ops: Sequence[Op]) -> Iterator[Step]:
    """Yield steps equivalent to the items: one item, or a layer of rotations about Z."""
    left: list[Item] = list(items)
    layer: Step = ()
    while left:
        found, left = _free(left, lambda item: _about_z(ops[item.op]))
        layer += found
        first, left = _free(left, lambda item: ops[item.op][0] == ROTATION and not _about_z(ops[item.op]))
        if not first:
            first, left = _free(left, lambda item: ops[item.op][0] != ROTATION)
        for item in first:
            if any(item.moved & z.read for z in layer):
                yield layer
                layer = ()
            yield (item,)
    if layer:
        yield layer


def _free(items: Sequence[Item], wanted: Callable[[Item], bool]) -> tuple[Step, list[Item]]:
    """Return the wanted items that commute with all unwanted ones before them, and the others."""
    found, left, moved, read = [], [], 0, 0
    for item in items:
        if wanted(item) and not item.moved & (moved | read) and not item.read & moved:
            found.append(item)
        else:
            left.append(item)
            moved |= item.moved
            read |= item.read
    return tuple(found), left


def _about_z(op: Op) -> bool:
    kind, _, axis, _, _ = op
    return kind == ROTATION and axis == AXIS_Z
