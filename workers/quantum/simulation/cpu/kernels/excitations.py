"""Fermionic excitations on a buffer: pairs of amplitudes rotated by a real angle.

Source: Romero et al., Quantum Sci. Technol. 4, 014008 (2018), eq. 12; the pairs are those of `FlatProgram`.
"""

from __future__ import annotations

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.simd import (
    WIDTH,
    add,
    crossed,
    fma,
    load,
    mul,
    neg,
    odd,
    ones,
    signed,
    splat,
    store,
    sub,
    total,
    where,
    wide,
    zeros,
)

LOW = WIDTH - 1


@inner
def excite(re, im, size, sources, targets, signs, odd_base, cosine, sine):
    """Map a_i, a_j to cos a_i - s sin a_j, cos a_j + s sin a_i for every source index i and its partner j."""
    both = sources | targets
    low, high = both & LOW, both & ~LOW
    from_lanes, to_lanes = sources & LOW, targets & LOW
    if odd_base:
        sine = -sine
    one, none, cos, sin = ones(re), zeros(re), splat(cosine), signed(signs & LOW, splat(sine))
    keep_from, keep_to = where(low, from_lanes, cos, one), where(low, to_lanes, cos, one)
    take_from, take_to = where(low, from_lanes, neg(sin), none), where(low, to_lanes, sin, none)
    if high == 0:
        keep_from = where(low, to_lanes, cos, keep_from)
        take_from = where(low, to_lanes, sin, take_from)
    i = sources & ~LOW
    while i < size:
        j = i ^ high
        minus = odd(i & signs & ~LOW)
        a, b = (neg(take_from), neg(take_to)) if minus else (take_from, take_to)
        xr, xi, yr, yi = load(re, i), load(im, i), load(re, j), load(im, j)
        store(re, i, fma(a, crossed(yr, low), mul(keep_from, xr)))
        store(im, i, fma(a, crossed(yi, low), mul(keep_from, xi)))
        if high:
            store(re, j, fma(b, crossed(xr, low), mul(keep_to, yr)))
            store(im, j, fma(b, crossed(xi, low), mul(keep_to, yi)))
        i = _next(i, high, sources)


@inner
def _next(i, high, sources):
    """Return the next index whose bits in `high` are those of `sources`."""
    return (((i | high) + WIDTH) & ~high) | (sources & high)


@inner
def excitation_slope(pr, pi, lr, li, size, sources, targets, signs, odd_base):
    """Return 2 Re<l|T - T^dagger|p>."""
    both = sources | targets
    low, high = both & LOW, both & ~LOW
    zero = splat(0.0)
    found = zero
    i = sources & ~LOW
    while i < size:
        j = i ^ high
        # At lanes with source indices: l_j p_i - l_i p_j.
        ur, ui = crossed(load(lr, j), low), crossed(load(li, j), low)
        yr, yi = crossed(load(pr, j), low), crossed(load(pi, j), low)
        gain = wide(fma(ur, load(pr, i), mul(ui, load(pi, i))))
        loss = wide(fma(load(lr, i), yr, mul(load(li, i), yi)))
        share = sub(gain, loss)
        found = sub(found, share) if odd(i & signs & ~LOW) else add(found, share)
        i = _next(i, high, sources)
    value = 2.0 * total(signed(signs & LOW, where(low, sources & LOW, found, zero)))
    return -value if odd_base else value
