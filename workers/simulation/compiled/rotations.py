"""Rotations about X or Y on one bit, or on two at once, of a buffer, and their step of the adjoint sweep."""

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
    where,
    wide,
)
from workers.simulation.flat import AXIS_X


@inner
def turned(axis, cos, sin, xr, xi, yr, yi):
    """x and y, amplitudes with the bit clear and set, after exp(-i angle/2 axis)."""
    if axis == AXIS_X:
        return (
            fma(sin, yi, mul(cos, xr)),
            fma(neg(sin), yr, mul(cos, xi)),
            fma(sin, xi, mul(cos, yr)),
            fma(neg(sin), xr, mul(cos, yi)),
        )
    return (
        fma(neg(sin), yr, mul(cos, xr)),
        fma(neg(sin), yi, mul(cos, xi)),
        fma(sin, xr, mul(cos, yr)),
        fma(sin, xi, mul(cos, yi)),
    )


@inner
def slope(axis, xr, xi, yr, yi, ur, ui, vr, vi):
    """The pair's share of Im<l|axis|p>, where x, y are amplitudes of p and u, v those of l."""
    if axis == AXIS_X:
        return fma(ur, yi, fma(neg(ui), yr, fma(vr, xi, mul(neg(vi), xr))))
    return fma(vr, xr, fma(vi, xi, fma(neg(ur), yr, mul(neg(ui), yi))))


@inner
def rotation(re, im, size, bit, axis, cosine, sine):
    """exp(-i angle/2 axis) on one bit; cosine and sine are of half the angle."""
    cos, sin = splat(cosine), splat(sine)
    if bit < BITS:
        _within(re, im, size, bit, axis, cos, sin)
        return
    step = 1 << bit
    for start in range(0, size, 2 * step):
        for i in range(start, start + step, WIDTH):
            _pair(re, im, i, i + step, axis, cos, sin)


@inner
def _pair(re, im, i, j, axis, cos, sin):
    xr, xi, yr, yi = turned(axis, cos, sin, load(re, i), load(im, i), load(re, j), load(im, j))
    store(re, i, xr)
    store(im, i, xi)
    store(re, j, yr)
    store(im, j, yi)


@inner
def _within(re, im, size, bit, axis, cos, sin):
    mask = 1 << bit
    signed = where(mask, mask, sin, neg(sin))
    for i in range(0, size, WIDTH):
        xr, xi = load(re, i), load(im, i)
        yr, yi = crossed(xr, mask), crossed(xi, mask)
        if axis == AXIS_X:
            store(re, i, fma(sin, yi, mul(cos, xr)))
            store(im, i, fma(neg(sin), yr, mul(cos, xi)))
        else:
            store(re, i, fma(signed, yr, mul(cos, xr)))
            store(im, i, fma(signed, yi, mul(cos, xi)))


@inner
def rotation_pair(re, im, size, low, high, axis, cosine, sine, cosine_high, sine_high):
    """Rotations about one axis on bits 3 <= low < high, in one pass."""
    cos, sin = splat(cosine), splat(sine)
    cos_high, sin_high = splat(cosine_high), splat(sine_high)
    a, b = 1 << low, 1 << high
    for outer in range(0, size, 2 * b):
        for middle in range(outer, outer + b, 2 * a):
            for i in range(middle, middle + a, WIDTH):
                _four(re, im, i, a, b, axis, cos, sin, cos_high, sin_high)


@inner
def _four(re, im, i, a, b, axis, cos, sin, cos_high, sin_high):
    j = i + b
    xr, xi, yr, yi = turned(axis, cos, sin, load(re, i), load(im, i), load(re, i + a), load(im, i + a))
    zr, zi, wr, wi = turned(axis, cos, sin, load(re, j), load(im, j), load(re, j + a), load(im, j + a))
    xr, xi, zr, zi = turned(axis, cos_high, sin_high, xr, xi, zr, zi)
    yr, yi, wr, wi = turned(axis, cos_high, sin_high, yr, yi, wr, wi)
    store(re, i, xr)
    store(im, i, xi)
    store(re, i + a, yr)
    store(im, i + a, yi)
    store(re, j, zr)
    store(im, j, zi)
    store(re, j + a, wr)
    store(im, j + a, wi)


@inner
def rotation_back(pr, pi, lr, li, size, bit, axis, cosine, sine):
    """Im<l|axis|p>, and the rotation on p and l."""
    cos, sin = splat(cosine), splat(sine)
    if bit < BITS:
        return _back_within(pr, pi, lr, li, size, bit, axis, cos, sin)
    step = 1 << bit
    found = splat(0.0)
    for start in range(0, size, 2 * step):
        for i in range(start, start + step, WIDTH):
            j = i + step
            xr, xi, yr, yi = load(pr, i), load(pi, i), load(pr, j), load(pi, j)
            ur, ui, vr, vi = load(lr, i), load(li, i), load(lr, j), load(li, j)
            found = add(found, wide(slope(axis, xr, xi, yr, yi, ur, ui, vr, vi)))
            _pair(pr, pi, i, j, axis, cos, sin)
            _pair(lr, li, i, j, axis, cos, sin)
    return total(found)


@inner
def _back_within(pr, pi, lr, li, size, bit, axis, cos, sin):
    mask = 1 << bit
    found = splat(0.0)
    for i in range(0, size, WIDTH):
        ur, ui = load(lr, i), load(li, i)
        xr, xi = crossed(load(pr, i), mask), crossed(load(pi, i), mask)
        if axis == AXIS_X:
            found = add(found, wide(fma(ur, xi, mul(neg(ui), xr))))
        else:
            found = add(found, wide(fma(ur, xr, mul(ui, xi))))
    _within(pr, pi, size, bit, axis, cos, sin)
    _within(lr, li, size, bit, axis, cos, sin)
    return total(found) if axis == AXIS_X else total(where(mask, mask, found, neg(found)))


@inner
def rotation_pair_back(pr, pi, lr, li, size, low, high, axis, cosine, sine, cosine_high, sine_high):
    """Im<l|axis|p> on bits 3 <= low < high, and the rotations on p and l."""
    cos, sin = splat(cosine), splat(sine)
    cos_high, sin_high = splat(cosine_high), splat(sine_high)
    found_low = found_high = splat(0.0)
    a, b = 1 << low, 1 << high
    for outer in range(0, size, 2 * b):
        for middle in range(outer, outer + b, 2 * a):
            for i in range(middle, middle + a, WIDTH):
                j = i + b
                xr, xi, yr, yi = load(pr, i), load(pi, i), load(pr, i + a), load(pi, i + a)
                ur, ui, vr, vi = load(lr, i), load(li, i), load(lr, i + a), load(li, i + a)
                zr, zi, wr, wi = load(pr, j), load(pi, j), load(pr, j + a), load(pi, j + a)
                sr, si, tr, ti = load(lr, j), load(li, j), load(lr, j + a), load(li, j + a)
                found_low = add(found_low, wide(slope(axis, xr, xi, yr, yi, ur, ui, vr, vi)))
                found_low = add(found_low, wide(slope(axis, zr, zi, wr, wi, sr, si, tr, ti)))
                found_high = add(found_high, wide(slope(axis, xr, xi, zr, zi, ur, ui, sr, si)))
                found_high = add(found_high, wide(slope(axis, yr, yi, wr, wi, vr, vi, tr, ti)))
                _four(pr, pi, i, a, b, axis, cos, sin, cos_high, sin_high)
                _four(lr, li, i, a, b, axis, cos, sin, cos_high, sin_high)
    return total(found_low), total(found_high)
