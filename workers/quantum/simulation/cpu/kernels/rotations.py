"""Rotations about X or Y on one bit of a buffer, and their step of the adjoint sweep.

cos and sin are of half the angle. All arithmetic is real: half the cost of a 2 x 2 matrix.
"""

from __future__ import annotations

from typing import Any

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.simd import (
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
from workers.quantum.simulation.lowering.flat import AXIS_X


@inner
def turned(axis, cos, sin, xr, xi, yr, yi):
    """Return amplitudes x and y, with the bit clear and set, after exp(-i angle/2 axis)."""
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
    """Return the pair's contribution to Im<l|axis|p>, where x, y are amplitudes of p and u, v those of l."""
    if axis == AXIS_X:
        return fma(ur, yi, fma(neg(ui), yr, fma(vr, xi, mul(neg(vi), xr))))
    return fma(vr, xr, fma(vi, xi, fma(neg(ur), yr, mul(neg(ui), yi))))


@inner
def rotation(re, im, size, bit, axis, cosine, sine):
    """Apply exp(-i angle/2 axis) to one bit."""
    cos, sin = splat(cosine), splat(sine)
    if bit == 0:
        _within_0(re, im, size, axis, cos, sin)
    elif bit == 1:
        _within_1(re, im, size, axis, cos, sin)
    elif bit < BITS:
        _within_2(re, im, size, axis, cos, sin)
    else:
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


def _within(mask: int) -> Any:
    """Return the rotation of a bit within vectors; its constant mask makes a lane shuffle one instruction."""

    @inner
    def within(re, im, size, axis, cos, sin):
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

    return within


_within_0, _within_1, _within_2 = _within(1), _within(2), _within(4)


@inner
def rotation_back(pr, pi, lr, li, size, bit, axis, cosine, sine):
    """Return Im<l|axis|p>, and apply the rotation to p and l."""
    cos, sin = splat(cosine), splat(sine)
    if bit == 0:
        return _back_within_0(pr, pi, lr, li, size, axis, cos, sin)
    if bit == 1:
        return _back_within_1(pr, pi, lr, li, size, axis, cos, sin)
    if bit < BITS:
        return _back_within_2(pr, pi, lr, li, size, axis, cos, sin)
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


def _back_within(mask: int) -> Any:
    @inner
    def back_within(pr, pi, lr, li, size, axis, cos, sin):
        signed = where(mask, mask, sin, neg(sin))
        found = splat(0.0)
        for i in range(0, size, WIDTH):
            xr, xi, ur, ui = load(pr, i), load(pi, i), load(lr, i), load(li, i)
            yr, yi, vr, vi = crossed(xr, mask), crossed(xi, mask), crossed(ur, mask), crossed(ui, mask)
            if axis == AXIS_X:
                found = add(found, wide(fma(ur, yi, mul(neg(ui), yr))))
                store(pr, i, fma(sin, yi, mul(cos, xr)))
                store(pi, i, fma(neg(sin), yr, mul(cos, xi)))
                store(lr, i, fma(sin, vi, mul(cos, ur)))
                store(li, i, fma(neg(sin), vr, mul(cos, ui)))
            else:
                found = add(found, wide(fma(ur, yr, mul(ui, yi))))
                store(pr, i, fma(signed, yr, mul(cos, xr)))
                store(pi, i, fma(signed, yi, mul(cos, xi)))
                store(lr, i, fma(signed, vr, mul(cos, ur)))
                store(li, i, fma(signed, vi, mul(cos, ui)))
        return total(found) if axis == AXIS_X else total(where(mask, mask, found, neg(found)))

    return back_within


_back_within_0, _back_within_1, _back_within_2 = _back_within(1), _back_within(2), _back_within(4)
