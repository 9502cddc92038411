"""Fixed gates on two bits within vectors: all columns of a row are in one register."""

from __future__ import annotations

from typing import Any

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.simd import WIDTH, crossing, fma, load, mul, neg, store


def _kernel(low: int, high: int) -> Any:
    """Return the kernel for bits with these masks; its table is that of `dense.dense`."""
    by_low, by_high, by_both = crossing(low), crossing(high), crossing(low | high)

    @inner
    def apply(re, im, size, table, offset):
        ar, ai = load(table, offset), load(table, offset + WIDTH)
        br, bi = load(table, offset + 2 * WIDTH), load(table, offset + 3 * WIDTH)
        cr, ci = load(table, offset + 4 * WIDTH), load(table, offset + 5 * WIDTH)
        dr, di = load(table, offset + 6 * WIDTH), load(table, offset + 7 * WIDTH)
        for i in range(0, size, WIDTH):
            xr, xi = load(re, i), load(im, i)
            yr, yi = fma(ar, xr, neg(mul(ai, xi))), fma(ar, xi, mul(ai, xr))
            fr, fi = by_low(xr), by_low(xi)
            yr, yi = fma(neg(bi), fi, fma(br, fr, yr)), fma(bi, fr, fma(br, fi, yi))
            fr, fi = by_high(xr), by_high(xi)
            yr, yi = fma(neg(ci), fi, fma(cr, fr, yr)), fma(ci, fr, fma(cr, fi, yi))
            fr, fi = by_both(xr), by_both(xi)
            store(re, i, fma(neg(di), fi, fma(dr, fr, yr)))
            store(im, i, fma(di, fr, fma(dr, fi, yi)))

    return apply


_first, _outer, _second = _kernel(1, 2), _kernel(1, 4), _kernel(2, 4)


@inner
def lane_pair(re, im, size, low, high, table, offset):
    """Apply a 4 x 4 matrix to bits low < high < 3; the table is that of `dense.dense`."""
    if high == 1:
        _first(re, im, size, table, offset)
    elif low == 0:
        _outer(re, im, size, table, offset)
    else:
        _second(re, im, size, table, offset)
