"""Fixed gates on several bits of a buffer: dense and diagonal matrices as tables of vectors."""

from __future__ import annotations

import numpy as np

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.simd import (
    WIDTH,
    add,
    crossed,
    fma,
    load,
    mul,
    neg,
    store,
    sub,
    zeros,
)


@inner
def spread(value, positions, first, count):
    """Deposit the bits of value, lowest first, at positions[first : first + count]."""
    result = 0
    for k in range(count):
        result |= (value >> k & 1) << positions[first + k]
    return result


@inner
def gathered(value, positions, first, count):
    """Extract the bits of value at positions[first : first + count] as a number, lowest first."""
    result = 0
    for k in range(count):
        result |= (value >> positions[first + k] & 1) << k
    return result


@inner
def dense(re, im, size, positions, first, between, within, table, offset, scratch):
    """Apply a matrix to bits positions[first : first + between + within], those between vectors first.

    table[offset:] holds for each row and column between vectors, and each flip of bits within, the real
    parts of eight lanes and the imaginary ones. scratch holds 2^(between + within) complex vectors.
    """
    n_rows, n_flips = 1 << between, 1 << within
    places, masks = np.empty(n_rows, np.int64), np.empty(n_flips, np.int64)
    for row in range(n_rows):
        places[row] = spread(row, positions, first, between)
    for flip in range(n_flips):
        masks[flip] = spread(flip, positions, first + between, within)
    high, n_terms = places[n_rows - 1], n_rows * n_flips
    i = 0
    while i < size:
        term = 0
        for row in range(n_rows):
            xr, xi = load(re, i | places[row]), load(im, i | places[row])
            store(scratch, term, xr)
            store(scratch, term + WIDTH, xi)
            term += 2 * WIDTH
            for flip in range(1, n_flips):
                store(scratch, term, crossed(xr, masks[flip]))
                store(scratch, term + WIDTH, crossed(xi, masks[flip]))
                term += 2 * WIDTH
        row = 0
        while row + 4 <= n_rows:
            _four_rows(re, im, i, places, row, n_terms, table, offset, scratch)
            row += 4
        while row < n_rows:
            _one_row(re, im, i | places[row], n_terms, table, offset + row * n_terms * 2 * WIDTH, scratch)
            row += 1
        i = ((i | high) + WIDTH) & ~high


@inner
def _accumulated(table, at, xr, xi, yr, yi):
    cr, ci = load(table, at), load(table, at + WIDTH)
    return fma(neg(ci), xi, fma(cr, xr, yr)), fma(ci, xr, fma(cr, xi, yi))


@inner
def _one_row(re, im, place, n_terms, table, line, scratch):
    # Four independent sums.
    rr = ii = ri = ir = zeros(table)
    for at in range(0, n_terms * 2 * WIDTH, 2 * WIDTH):
        xr, xi = load(scratch, at), load(scratch, at + WIDTH)
        cr, ci = load(table, line + at), load(table, line + at + WIDTH)
        rr, ii, ri, ir = fma(cr, xr, rr), fma(ci, xi, ii), fma(cr, xi, ri), fma(ci, xr, ir)
    store(re, place, sub(rr, ii))
    store(im, place, add(ri, ir))


@inner
def _four_rows(re, im, i, places, row, n_terms, table, offset, scratch):
    ar = ai = br = bi = cr = ci = dr = di = zeros(table)
    length = n_terms * 2 * WIDTH
    line = offset + row * length
    for at in range(0, length, 2 * WIDTH):
        xr, xi = load(scratch, at), load(scratch, at + WIDTH)
        ar, ai = _accumulated(table, line + at, xr, xi, ar, ai)
        br, bi = _accumulated(table, line + length + at, xr, xi, br, bi)
        cr, ci = _accumulated(table, line + 2 * length + at, xr, xi, cr, ci)
        dr, di = _accumulated(table, line + 3 * length + at, xr, xi, dr, di)
    store(re, i | places[row], ar)
    store(im, i | places[row], ai)
    store(re, i | places[row + 1], br)
    store(im, i | places[row + 1], bi)
    store(re, i | places[row + 2], cr)
    store(im, i | places[row + 2], ci)
    store(re, i | places[row + 3], dr)
    store(im, i | places[row + 3], di)


@inner
def dense_pair(re, im, size, low, high, table, offset):
    """Apply a 4 x 4 matrix to bits 3 <= low < high; the table is that of `dense`."""
    a, b = 1 << low, 1 << high
    for outer in range(0, size, 2 * b):
        for middle in range(outer, outer + b, 2 * a):
            for i in range(middle, middle + a, WIDTH):
                x0r, x0i, x1r, x1i = load(re, i), load(im, i), load(re, i + a), load(im, i + a)
                x2r, x2i = load(re, i + b), load(im, i + b)
                x3r, x3i = load(re, i + a + b), load(im, i + a + b)
                for row in range(4):
                    line = offset + row * 8 * WIDTH
                    cr, ci = load(table, line), load(table, line + WIDTH)
                    yr, yi = fma(cr, x0r, neg(mul(ci, x0i))), fma(cr, x0i, mul(ci, x0r))
                    cr, ci = load(table, line + 2 * WIDTH), load(table, line + 3 * WIDTH)
                    yr, yi = fma(neg(ci), x1i, fma(cr, x1r, yr)), fma(ci, x1r, fma(cr, x1i, yi))
                    cr, ci = load(table, line + 4 * WIDTH), load(table, line + 5 * WIDTH)
                    yr, yi = fma(neg(ci), x2i, fma(cr, x2r, yr)), fma(ci, x2r, fma(cr, x2i, yi))
                    cr, ci = load(table, line + 6 * WIDTH), load(table, line + 7 * WIDTH)
                    yr, yi = fma(neg(ci), x3i, fma(cr, x3r, yr)), fma(ci, x3r, fma(cr, x3i, yi))
                    at = i + (row & 1) * a + (row >> 1) * b
                    store(re, at, yr)
                    store(im, at, yi)


@inner
def diagonal(re, im, size, base, positions, first, inside, outside, table, offset):
    """Apply a diagonal on bits within vectors, `inside` bits of the buffer and `outside` bits of base.

    table[offset:] holds for each setting of the inside and outside bits (inside ones lowest) eight real parts
    and eight imaginary ones, preceded by a flag for each setting, 1 for the identity.
    """
    n_inside = 1 << inside
    chosen = gathered(base, positions, first + inside, outside) << inside
    entries = offset + (1 << (inside + outside))
    high = spread(n_inside - 1, positions, first, inside)
    for setting in range(n_inside):
        if table[offset + chosen + setting] == 1:
            continue
        line = entries + (chosen + setting) * 2 * WIDTH
        cr, ci = load(table, line), load(table, line + WIDTH)
        fixed = spread(setting, positions, first, inside)
        i = 0
        while i < size:
            at = i | fixed
            xr, xi = load(re, at), load(im, at)
            store(re, at, fma(cr, xr, neg(mul(ci, xi))))
            store(im, at, fma(cr, xi, mul(ci, xr)))
            i = ((i | high) + WIDTH) & ~high
