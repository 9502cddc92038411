"""Distribution of trajectories over tasks, on which the planner and the workers must agree.

A block of consecutive trajectories is summed by one worker in a fixed order, so that results do not depend on
the number of tasks.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil

BLOCK = 64
MAX_SHARDS = 64
PER_EVALUATION, LOOP_BLOCK = 256, 8
"""Trajectories of an evaluation of a loop, and those of one unit of its work."""


def shards(n_trajectories: int, n_shards: int) -> list[tuple[int, int]]:
    """Return ranges (first, one past the last) of trajectories, all but the last of whole blocks."""
    n_blocks = ceil(n_trajectories / BLOCK)
    edges = [n_blocks * part // n_shards * BLOCK for part in range(n_shards + 1)]
    edges[-1] = n_trajectories
    return [(first, last) for first, last in pairwise(edges) if first < last]
