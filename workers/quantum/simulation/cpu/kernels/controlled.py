"""Controlled X on a buffer."""

from __future__ import annotations

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.simd import BITS, WIDTH, crossed, load, store, where


@inner
def controlled_x(re, im, size, bit, lanes, controls):
    """Flip one bit if all bits of `lanes` (within the vector) and `controls` (between vectors) are set."""
    target = 1 << bit
    if bit < BITS:
        i = controls
        while i < size:
            xr, xi = load(re, i), load(im, i)
            store(re, i, where(lanes, lanes, crossed(xr, target), xr))
            store(im, i, where(lanes, lanes, crossed(xi, target), xi))
            i = (i + WIDTH) | controls
        return
    i = controls | target
    while i < size:
        j = i ^ target
        xr, xi, yr, yi = load(re, i), load(im, i), load(re, j), load(im, j)
        store(re, i, where(lanes, lanes, yr, xr))
        store(im, i, where(lanes, lanes, yi, xi))
        store(re, j, where(lanes, lanes, xr, yr))
        store(im, j, where(lanes, lanes, xi, yi))
        i = (i + WIDTH) | controls | target
