"""The one compiled call: state, energy, or energy and slopes; one for each precision.

Source of the gradient: Jones and Gacon, arXiv:2009.02823 (2020): one pass forward, one back, whatever the
number of parameters; the way back recomputes the states, so that no tape of them is kept.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workers.simulation.compiled.images import image
from workers.simulation.compiled.jit import compiled, inner
from workers.simulation.compiled.point import point, slopes_of_turns
from workers.simulation.compiled.sweeps import backward, forward

STATE, ENERGY, SLOPES = range(3)


@inner
def _evaluate(depth, state, tape, angles, observable, buffers, table, claims, energies, sums):
    """Run a tape; several threads may make the same call, each with its own buffers and table.

    Args:
        depth: STATE, ENERGY or SLOPES: how far to go.
        state: real[2 or 4, 2^bits], real and imaginary parts of the state, and of its image for SLOPES.
        tape: The `Tape`.
        angles: float64[angles].
        observable: The `Observable`; anything for STATE.
        buffers: real[5, ...], room for a buffer of each row of state and for dense gates.
        table: float64[...], room for a block of the observable.
        claims: int64[steps, 2] of zeros, steps = 2 groups + 1.
        energies: float64[slots] of zeros; their sum is the energy.
        sums: float64[slots, 3 blocks + angles] of zeros; see `rows.run_back`.
    """
    here = point(tape, angles)
    n_groups = len(tape.groups)
    for group in range(n_groups):
        forward(state, group, tape, here, buffers, claims)
    if depth >= ENERGY:
        image(state, observable, buffers, table, claims, n_groups, depth == SLOPES, energies)
    if depth == SLOPES:
        for group in range(n_groups - 1, -1, -1):
            backward(state, group, tape, here, buffers, claims, 2 * n_groups - group, sums)


@compiled
def double(*arguments):
    """`_evaluate` on float64."""
    _evaluate(*arguments)


@compiled
def single(*arguments):
    """`_evaluate` on float32."""
    _evaluate(*arguments)


EVALUATE: dict[type, Callable[..., None]] = {np.float64: double, np.float32: single}


@compiled
def collected(blocks, angles, sums):
    """The derivatives by the angles, float64[angles], from the sums of the slots."""
    for slot in range(1, sums.shape[0]):
        for k in range(sums.shape[1]):
            sums[0, k] += sums[slot, k]
    slopes = sums[0, sums.shape[1] - angles.size :].copy()
    slopes_of_turns(blocks, angles, sums[0], slopes)
    return slopes
