"""Rotations about Z on any bits, in one pass over a buffer, and their step of the adjoint sweep.

The phase of an amplitude is a product of one factor for its low bits and one for its high bits. The sums of
the slopes are accumulated for low bits and high bits likewise, so that one pass serves all angles.
"""

from __future__ import annotations

import numpy as np

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.simd import (
    BITS,
    WIDTH,
    add,
    fma,
    load,
    mul,
    neg,
    splat,
    store,
    total,
    wide,
)


@inner
def low_bits(size):
    """Return how many bits of a buffer count as low: half of them, at least those of a vector."""
    bits = 0
    while 1 << bits < size:
        bits += 1
    return max(BITS, (bits + 1) // 2)


@inner
def factors(positions, first, inside, outside, base, half, sense, begin, table):
    """Set table[k] to the phases of the bits from `begin` on, as real and imaginary row.

    If begin is 0, the bits outside the buffer are included.
    """
    table[0, 0], table[1, 0] = 1.0, 0.0
    if begin == 0:
        for k in range(inside, inside + outside):
            set_bit = base >> positions[first + k] & 1
            _turned(table, 1, 0, half, positions[first + inside + outside + k], -sense if set_bit else sense)
    size, bit = 1, begin
    while size < table.shape[1]:
        for i in range(size):
            table[0, size + i], table[1, size + i] = table[0, i], table[1, i]
        for k in range(inside):
            if positions[first + k] == bit:
                angle = positions[first + inside + outside + k]
                _turned(table, size, 0, half, angle, sense)
                _turned(table, size, size, half, angle, -sense)
        size, bit = 2 * size, bit + 1


@inner
def _turned(table, size, start, half, angle, sense):
    """Multiply entries start to start + size of the table by exp(-i sense angle / 2)."""
    cos, sin = half[angle, 0], sense * half[angle, 1]
    for k in range(start, start + size):
        x, y = table[0, k], table[1, k]
        table[0, k], table[1, k] = cos * x + sin * y, cos * y - sin * x


@inner
def _tables(re, size, positions, first, inside, outside, base, half, sense):
    bits = low_bits(size)
    low, high = np.empty((2, 1 << bits), re.dtype), np.empty((2, size >> bits), re.dtype)
    factors(positions, first, inside, outside, base, half, sense, 0, low)
    factors(positions, first, inside, outside, base, half, sense, bits, high)
    return low, high


@inner
def _phased(re, im, at, cr, ci):
    xr, xi = load(re, at), load(im, at)
    store(re, at, fma(cr, xr, mul(neg(ci), xi)))
    store(im, at, fma(cr, xi, mul(ci, xr)))


@inner
def z_layer(re, im, size, base, positions, first, inside, outside, half):
    """Apply exp(-i angle/2 Z) to bits positions[first : first + inside] of the buffer, then to those of base.

    The angles' indices in `half` follow the positions.
    """
    low, high = _tables(re, size, positions, first, inside, outside, base, half, 1.0)
    lr, li, width = low[0], low[1], low.shape[1]
    for k in range(high.shape[1]):
        hr, hi = splat(high[0, k]), splat(high[1, k])
        for i in range(0, width, WIDTH):
            xr, xi = load(lr, i), load(li, i)
            _phased(re, im, k * width + i, fma(hr, xr, mul(neg(hi), xi)), fma(hr, xi, mul(hi, xr)))


@inner
def z_layer_back(pr, pi, lr, li, size, base, positions, first, inside, outside, half, slopes):
    """Add Im<l|Z|p> of each bit to slopes[its angle], then undo the layer on p and l."""
    low, high = _tables(pr, size, positions, first, inside, outside, base, half, -1.0)
    tr, ti, width = low[0], low[1], low.shape[1]
    by_low, by_high = np.zeros(width), np.empty(high.shape[1])
    for k in range(high.shape[1]):
        hr, hi = splat(high[0, k]), splat(high[1, k])
        found = splat(0.0)
        for i in range(0, width, WIDTH):
            at = k * width + i
            share = wide(fma(load(lr, at), load(pi, at), mul(neg(load(li, at)), load(pr, at))))
            found = add(found, share)
            store(by_low, i, add(load(by_low, i), share))
            xr, xi = load(tr, i), load(ti, i)
            cr, ci = fma(hr, xr, mul(neg(hi), xi)), fma(hr, xi, mul(hi, xr))
            _phased(pr, pi, at, cr, ci)
            _phased(lr, li, at, cr, ci)
        by_high[k] = total(found)
    whole = by_high.sum()
    bits = low_bits(size)
    for k in range(inside + outside):
        position, angle = positions[first + k], positions[first + inside + outside + k]
        if k >= inside:
            slope = -whole if base >> position & 1 else whole
        elif position < bits:
            slope = signed_sum(by_low, position)
        else:
            slope = signed_sum(by_high, position - bits)
        slopes[angle] += slope


@inner
def signed_sum(values, bit):
    """Sum the values, with a minus sign if the bit of their index is set."""
    result = 0.0
    for k in range(values.size):
        result += -values[k] if k >> bit & 1 else values[k]
    return result
