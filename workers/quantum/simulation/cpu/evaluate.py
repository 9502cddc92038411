"""The one compiled call: state, energy, or energy and slopes; one for each precision.

Source of the gradient: Jones and Gacon, arXiv:2009.02823 (2020): one forward and one backward pass, whatever
the number of parameters; the backward pass recomputes the states, so that none are stored.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from workers.quantum.simulation.cpu.jit import compiled
from workers.quantum.simulation.cpu.kernels.images import image
from workers.quantum.simulation.cpu.kernels.point import point
from workers.quantum.simulation.cpu.kernels.sweeps import backward, forward

STATE, ENERGY, SLOPES = range(3)


def _evaluate(depth, state, tape, angles, observable, buffers, table, claims, energies, sums):
    """Run a tape; several threads may execute the same call, each with its own buffers and table.

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
        sums: float64[slots, angles] of zeros; see `rows.run_back`.
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


def _named(name: str) -> Any:
    """Return a separate function, whose machine code is cached under its name."""
    function = FunctionType(_evaluate.__code__, globals(), name)
    function.__qualname__ = name
    return compiled(function)


EVALUATE: dict[type, Any] = {np.float64: _named("double"), np.float32: _named("single")}
