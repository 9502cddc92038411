"""One-qubit gates on a buffer, and their step of the adjoint sweep.

Everywhere: re, im and their likes hold `size` amplitudes; bits 0 to 2 lie within a vector, the others
between vectors.
"""

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
    sub,
    total,
    where,
    wide,
)


@inner
def product(ar, ai, xr, xi, br, bi, yr, yi):
    """Real and imaginary part of a x + b y."""
    real = fma(ar, xr, neg(mul(ai, xi)))
    imaginary = fma(ar, xi, mul(ai, xr))
    real = fma(neg(bi), yi, fma(br, yr, real))
    imaginary = fma(bi, yr, fma(br, yi, imaginary))
    return real, imaginary


@inner
def turn(re, im, size, bit, m):
    """The 2 x 2 matrix m (eight numbers: re, im by rows) on one bit."""
    if bit < BITS:
        _turn_within(re, im, size, bit, m)
    else:
        _turn_between(re, im, size, bit, m)


@inner
def _turn_between(re, im, size, bit, m):
    ar, ai, br, bi = splat(m[0]), splat(m[1]), splat(m[2]), splat(m[3])
    cr, ci, dr, di = splat(m[4]), splat(m[5]), splat(m[6]), splat(m[7])
    step = 1 << bit
    for start in range(0, size, 2 * step):
        for i in range(start, start + step, WIDTH):
            j = i + step
            xr, xi, yr, yi = load(re, i), load(im, i), load(re, j), load(im, j)
            pr, pi = product(ar, ai, xr, xi, br, bi, yr, yi)
            qr, qi = product(cr, ci, xr, xi, dr, di, yr, yi)
            store(re, i, pr)
            store(im, i, pi)
            store(re, j, qr)
            store(im, j, qi)


@inner
def lane_rows(m, bit):
    """Vectors a, b with (m x) = a x + b (x with the bit flipped), lane by lane."""
    mask = 1 << bit
    ar = where(mask, mask, splat(m[6]), splat(m[0]))
    ai = where(mask, mask, splat(m[7]), splat(m[1]))
    br = where(mask, mask, splat(m[4]), splat(m[2]))
    bi = where(mask, mask, splat(m[5]), splat(m[3]))
    return ar, ai, br, bi


@inner
def _turn_within(re, im, size, bit, m):
    ar, ai, br, bi = lane_rows(m, bit)
    mask = 1 << bit
    for i in range(0, size, WIDTH):
        xr, xi = load(re, i), load(im, i)
        pr, pi = product(ar, ai, xr, xi, br, bi, crossed(xr, mask), crossed(xi, mask))
        store(re, i, pr)
        store(im, i, pi)


@inner
def turn_back(pr, pi, lr, li, size, bit, m, slopes, first):
    """Add Im<l|X|p>, Im<l|Y|p>, Im<l|Z|p> to slopes[first : first + 3], then m on p and l."""
    if bit < BITS:
        _turn_back_within(pr, pi, lr, li, size, bit, m, slopes, first)
    else:
        _turn_back_between(pr, pi, lr, li, size, bit, m, slopes, first)


@inner
def _turn_back_between(pr, pi, lr, li, size, bit, m, slopes, first):
    ar, ai, br, bi = splat(m[0]), splat(m[1]), splat(m[2]), splat(m[3])
    cr, ci, dr, di = splat(m[4]), splat(m[5]), splat(m[6]), splat(m[7])
    step = 1 << bit
    gx = gy = gz = splat(0.0)
    for start in range(0, size, 2 * step):
        for i in range(start, start + step, WIDTH):
            j = i + step
            xr, xi, yr, yi = load(pr, i), load(pi, i), load(pr, j), load(pi, j)
            ur, ui, vr, vi = load(lr, i), load(li, i), load(lr, j), load(li, j)
            gx = add(gx, wide(fma(ur, yi, neg(mul(ui, yr)))))
            gx = add(gx, wide(fma(vr, xi, neg(mul(vi, xr)))))
            gy = sub(gy, wide(fma(ur, yr, mul(ui, yi))))
            gy = add(gy, wide(fma(vr, xr, mul(vi, xi))))
            gz = add(gz, wide(fma(ur, xi, neg(mul(ui, xr)))))
            gz = sub(gz, wide(fma(vr, yi, neg(mul(vi, yr)))))
            zr, zi = product(ar, ai, xr, xi, br, bi, yr, yi)
            wr, wi = product(cr, ci, xr, xi, dr, di, yr, yi)
            store(pr, i, zr)
            store(pi, i, zi)
            store(pr, j, wr)
            store(pi, j, wi)
            zr, zi = product(ar, ai, ur, ui, br, bi, vr, vi)
            wr, wi = product(cr, ci, ur, ui, dr, di, vr, vi)
            store(lr, i, zr)
            store(li, i, zi)
            store(lr, j, wr)
            store(li, j, wi)
    slopes[first] += total(gx)
    slopes[first + 1] += total(gy)
    slopes[first + 2] += total(gz)


@inner
def _turn_back_within(pr, pi, lr, li, size, bit, m, slopes, first):
    ar, ai, br, bi = lane_rows(m, bit)
    mask = 1 << bit
    gx = gy = gz = splat(0.0)
    for i in range(0, size, WIDTH):
        xr, xi, ur, ui = load(pr, i), load(pi, i), load(lr, i), load(li, i)
        yr, yi = crossed(xr, mask), crossed(xi, mask)
        gx = add(gx, wide(fma(ur, yi, neg(mul(ui, yr)))))
        gy = sub(gy, wide(fma(ur, yr, mul(ui, yi))))
        gz = add(gz, wide(fma(ur, xi, neg(mul(ui, xr)))))
        zr, zi = product(ar, ai, xr, xi, br, bi, yr, yi)
        store(pr, i, zr)
        store(pi, i, zi)
        zr, zi = product(ar, ai, ur, ui, br, bi, crossed(ur, mask), crossed(ui, mask))
        store(lr, i, zr)
        store(li, i, zi)
    slopes[first] += total(gx)
    slopes[first + 1] += total(where(mask, mask, neg(gy), gy))
    slopes[first + 2] += total(where(mask, mask, neg(gz), gz))
