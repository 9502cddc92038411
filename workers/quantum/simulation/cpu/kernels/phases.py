"""exp(-i angle D) on a buffer, for a real diagonal D of the whole register."""

from __future__ import annotations

import math

import numpy as np

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.simd import (
    WIDTH,
    add,
    fma,
    gather,
    load,
    mul,
    neg,
    splat,
    store,
    total,
    wide,
)


@inner
def phase_levels(re, im, start, size, index, first, cosines, sines, sense):
    """Multiply re[start : start + size] by phases cosines + i sines of levels index[first : first + size].

    sense -1 conjugates them.
    """
    for k in range(0, size, WIDTH):
        cos, sin = gather(cosines, index, first + k), gather(sines, index, first + k)
        if sense < 0:
            sin = neg(sin)
        i = start + k
        xr, xi = load(re, i), load(im, i)
        store(re, i, fma(neg(sin), xi, mul(cos, xr)))
        store(im, i, fma(sin, xr, mul(cos, xi)))


@inner
def level_slope(pr, pi, lr, li, start, size, index, first, levels):
    """Return 2 Im<l|D|p> for D given by levels[index]."""
    found = splat(0.0)
    for k in range(0, size, WIDTH):
        i = start + k
        share = wide(fma(load(lr, i), load(pi, i), neg(mul(load(li, i), load(pr, i)))))
        found = add(found, mul(gather(levels, index, first + k), share))
    return 2.0 * total(found)


@inner
def phase_values(re, im, start, size, values, first, angle):
    """Apply exp(-i angle D) to re[start : start + size] for D given by values[first : first + size]."""
    cosines, sines = np.empty(WIDTH, re.dtype), np.empty(WIDTH, re.dtype)
    for k in range(0, size, WIDTH):
        for lane in range(WIDTH):
            turned = angle * values[first + k + lane]
            cosines[lane], sines[lane] = math.cos(turned), -math.sin(turned)
        cos, sin = load(cosines, 0), load(sines, 0)
        i = start + k
        xr, xi = load(re, i), load(im, i)
        store(re, i, fma(neg(sin), xi, mul(cos, xr)))
        store(im, i, fma(sin, xr, mul(cos, xi)))


@inner
def value_slope(pr, pi, lr, li, start, size, values, first):
    """Return 2 Im<l|D|p> for D given by values[first : first + size]."""
    found = splat(0.0)
    for k in range(0, size, WIDTH):
        i = start + k
        share = wide(fma(load(lr, i), load(pi, i), neg(mul(load(li, i), load(pr, i)))))
        found = add(found, mul(load(values, first + k), share))
    return 2.0 * total(found)
