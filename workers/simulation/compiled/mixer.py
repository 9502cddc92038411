"""RX on one bit, or on two at once, of a buffer, and the step of the adjoint sweep."""

from __future__ import annotations

from workers.simulation.compiled.jit import inner
from workers.simulation.compiled.lanes import (
    BITS,
    WIDTH,
    add,
    crossed,
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
def mixed(cos, sin, xr, xi, yr, yi):
    """Real and imaginary part of cos x - i sin y."""
    return fma(sin, yi, mul(cos, xr)), fma(neg(sin), yr, mul(cos, xi))


@inner
def rx(re, im, size, bit, cosine, sine):
    """exp(-i angle/2 X) on one bit; cosine and sine are of half the angle."""
    cos, sin = splat(cosine), splat(sine)
    if bit < BITS:
        for i in range(0, size, WIDTH):
            xr, xi = load(re, i), load(im, i)
            zr, zi = mixed(cos, sin, xr, xi, crossed(xr, 1 << bit), crossed(xi, 1 << bit))
            store(re, i, zr)
            store(im, i, zi)
        return
    step = 1 << bit
    for start in range(0, size, 2 * step):
        for i in range(start, start + step, WIDTH):
            j = i + step
            xr, xi, yr, yi = load(re, i), load(im, i), load(re, j), load(im, j)
            zr, zi = mixed(cos, sin, xr, xi, yr, yi)
            wr, wi = mixed(cos, sin, yr, yi, xr, xi)
            store(re, i, zr)
            store(im, i, zi)
            store(re, j, wr)
            store(im, j, wi)


@inner
def rx_pair(re, im, size, low, high, cosine, sine):
    """exp(-i angle/2 X) on two bits, 3 <= low < high, in one pass."""
    cos, sin = splat(cosine), splat(sine)
    a, b = 1 << low, 1 << high
    for outer in range(0, size, 2 * b):
        for middle in range(outer, outer + b, 2 * a):
            for i in range(middle, middle + a, WIDTH):
                ar, ai, br, bi = load(re, i), load(im, i), load(re, i + a), load(im, i + a)
                cr, ci, dr, di = load(re, i + b), load(im, i + b), load(re, i + a + b), load(im, i + a + b)
                pr, pi = mixed(cos, sin, ar, ai, br, bi)
                qr, qi = mixed(cos, sin, br, bi, ar, ai)
                rr, ri = mixed(cos, sin, cr, ci, dr, di)
                sr, si = mixed(cos, sin, dr, di, cr, ci)
                ar, ai = mixed(cos, sin, pr, pi, rr, ri)
                br, bi = mixed(cos, sin, qr, qi, sr, si)
                cr, ci = mixed(cos, sin, rr, ri, pr, pi)
                dr, di = mixed(cos, sin, sr, si, qr, qi)
                store(re, i, ar)
                store(im, i, ai)
                store(re, i + a, br)
                store(im, i + a, bi)
                store(re, i + b, cr)
                store(im, i + b, ci)
                store(re, i + a + b, dr)
                store(im, i + a + b, di)


@inner
def rx_slope(pr, pi, lr, li, size, bit):
    """Im<l|X|p>."""
    found = splat(0.0)
    if bit < BITS:
        for i in range(0, size, WIDTH):
            xr, xi = crossed(load(pr, i), 1 << bit), crossed(load(pi, i), 1 << bit)
            found = add(found, wide(fma(load(lr, i), xi, neg(mul(load(li, i), xr)))))
        return total(found)
    step = 1 << bit
    for start in range(0, size, 2 * step):
        for i in range(start, start + step, WIDTH):
            j = i + step
            xr, xi, yr, yi = load(pr, i), load(pi, i), load(pr, j), load(pi, j)
            found = add(found, wide(fma(load(lr, i), yi, neg(mul(load(li, i), yr)))))
            found = add(found, wide(fma(load(lr, j), xi, neg(mul(load(li, j), xr)))))
    return total(found)
