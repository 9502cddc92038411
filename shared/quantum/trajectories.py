"""Distribution of trajectories over tasks, on which the planner and the workers must agree.

A block of consecutive trajectories is summed by one worker in a fixed order, so that results do not depend on
the number of tasks.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, isqrt

BLOCK = 64
MAX_SHARDS = 64
PER_EVALUATION, LOOP_BLOCK = 256, 8
"""Trajectories of an evaluation of a loop, and those of one unit of its work."""
GRADIENT_BYTES = 1 << 28
"""Bytes of the states after rotations up to which a gradient keeps all of them."""


def kept_states(n_rotations: int, n_qubits: int) -> int:
    """Return how many states after rotations a gradient keeps at once: all, or the root of their number.

    In the latter case it keeps as many states before segments of so many rotations.
    """
    if 16 * n_rotations << n_qubits <= GRADIENT_BYTES:
        return n_rotations
    return isqrt(n_rotations - 1) + 1


def gradient_bytes(n_rotations: int, n_qubits: int) -> int:
    """Return the bytes of the states that a gradient keeps."""
    if not n_rotations:
        return 0
    kept = kept_states(n_rotations, n_qubits)
    return 16 * (kept + ceil(n_rotations / kept)) << n_qubits


def shards(n_trajectories: int, n_shards: int) -> list[tuple[int, int]]:
    """Return ranges (first, one past the last) of trajectories, all but the last of whole blocks."""
    n_blocks = ceil(n_trajectories / BLOCK)
    edges = [n_blocks * part // n_shards * BLOCK for part in range(n_shards + 1)]
    edges[-1] = n_trajectories
    return [(first, last) for first, last in pairwise(edges) if first < last]
