"""Rotations about Pauli strings on a buffer.

P = i^(number of Y) X^x Z^z, so (P a)_i = i^(number of Y) (-1)^|(i ^ x) & z| a_(i ^ x).
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
    signed,
    splat,
    store,
    sub,
    total,
    wide,
)

LOW = WIDTH - 1


@inner
def highest(mask):
    """Return the highest set bit of mask > 0, as a mask."""
    bit = 1
    while bit << 1 <= mask:
        bit <<= 1
    return bit


@inner
def rotate(re, im, size, x, z, quarter, odd_base, cosine, sine):
    """Apply exp(-i angle/2 P), given cosine and sine of half the angle.

    quarter is the number of Y modulo 4; odd_base is 1 if the Z bits outside the buffer contribute a minus
    sign.
    """
    if odd_base:
        sine = -sine
    if x == 0:
        _rotate_phases(re, im, size, z, cosine, sine)
        return
    # -i sine i^quarter, as factors of the real and the imaginary part.
    zero = sine - sine
    kr = sine if quarter == 1 else -sine if quarter == 3 else zero
    ki = -sine if quarter == 0 else sine if quarter == 2 else zero
    cos = splat(cosine)
    low, pivot = x & LOW, highest(x)
    high = x ^ low
    if odd(low & z):
        kr, ki = -kr, -ki
    fr, fi = signed(z & LOW, splat(kr)), signed(z & LOW, splat(ki))
    if high == 0:
        for i in range(0, size, WIDTH):
            xr, xi = load(re, i), load(im, i)
            yr, yi = crossed(xr, low), crossed(xi, low)
            gr, gi = (neg(fr), neg(fi)) if odd(i & z) else (fr, fi)
            store(re, i, fma(neg(gi), yi, fma(gr, yr, mul(cos, xr))))
            store(im, i, fma(gi, yr, fma(gr, yi, mul(cos, xi))))
        return
    i = 0
    while i < size:
        j = i ^ high
        xr, xi, yr, yi = load(re, i), load(im, i), load(re, j), load(im, j)
        ur, ui, vr, vi = crossed(yr, low), crossed(yi, low), crossed(xr, low), crossed(xi, low)
        gr, gi = (neg(fr), neg(fi)) if odd(j & z & ~LOW) else (fr, fi)
        store(re, i, fma(neg(gi), ui, fma(gr, ur, mul(cos, xr))))
        store(im, i, fma(gi, ur, fma(gr, ui, mul(cos, xi))))
        gr, gi = (neg(fr), neg(fi)) if odd(i & z & ~LOW) else (fr, fi)
        store(re, j, fma(neg(gi), vi, fma(gr, vr, mul(cos, yr))))
        store(im, j, fma(gi, vr, fma(gr, vi, mul(cos, yi))))
        i = ((i | pivot) + WIDTH) & ~pivot


@inner
def _rotate_phases(re, im, size, z, cosine, sine):
    cos, plus = splat(cosine), signed(z & LOW, splat(sine))
    for i in range(0, size, WIDTH):
        sin = neg(plus) if odd(i & z) else plus
        xr, xi = load(re, i), load(im, i)
        store(re, i, fma(sin, xi, mul(cos, xr)))
        store(im, i, fma(neg(sin), xr, mul(cos, xi)))


@inner
def string_slope(pr, pi, lr, li, size, x, z, quarter, odd_base):
    """Return Im<l|P|p>."""
    low = x & LOW
    high = x ^ low
    # Real and imaginary part of sum conj(l_i) (-1)^|(i ^ x) & z| p_(i ^ x).
    real = imaginary = splat(0.0)
    for i in range(0, size, WIDTH):
        j = i ^ high
        xr, xi, ur, ui = crossed(load(pr, j), low), crossed(load(pi, j), low), load(lr, i), load(li, i)
        sr = wide(fma(ur, xr, mul(ui, xi)))
        si = wide(fma(ur, xi, neg(mul(ui, xr))))
        if odd(j & z & ~LOW):
            real, imaginary = sub(real, sr), sub(imaginary, si)
        else:
            real, imaginary = add(real, sr), add(imaginary, si)
    found = real if quarter & 1 else imaginary
    minus = (quarter >> 1) ^ odd(low & z) ^ odd_base
    value = total(signed(z & LOW, found))
    return -value if minus else value
