"""An observable applied to a state: its image, and the expectation value without storing the image."""

from __future__ import annotations

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.claims import claim, finish, wait
from workers.quantum.simulation.cpu.kernels.simd import (
    BITS,
    WIDTH,
    add,
    crossed,
    fma,
    load,
    mul,
    narrow,
    neg,
    odd,
    splat,
    store,
    sub,
    total,
    where,
    wide,
    zeros,
)
from workers.quantum.simulation.cpu.kernels.sweeps import SLOTS
from workers.quantum.simulation.cpu.observable import BLOCK_BITS, CONSTANT, TABLE

LOW = WIDTH - 1


@inner
def coefficients(observable, entry, end, first, table):
    """Set table[k] = sum of factor (-1)^|(first + k) & z|, by a Walsh-Hadamard transform of the low bits."""
    size = table.size
    for k in range(0, size, WIDTH):
        store(table, k, zeros(table))
    for term in range(entry, end):
        z, factor = observable.z_masks[term], observable.factors[term]
        low = z & (size - 1)
        table[low] += -factor if odd(z & first) else factor
    for bit in range(BITS):
        mask = 1 << bit
        for k in range(0, size, WIDTH):
            x = load(table, k)
            y = crossed(x, mask)
            store(table, k, where(mask, mask, sub(y, x), add(x, y)))
    step = WIDTH
    while step < size:
        for outer in range(0, size, 2 * step):
            for k in range(outer, outer + step, WIDTH):
                x, y = load(table, k), load(table, k + step)
                store(table, k, add(x, y))
                store(table, k + step, sub(x, y))
        step *= 2


@inner
def constant_pass(ir, ii, pr, pi, at, first, size, mask, factor, imaginary):
    """Add factor (or i factor) times p_(i ^ mask) for i from first to first + size to the image at `at`."""
    low, high = mask & LOW, mask & ~LOW
    f = splat(factor)
    g = neg(f)
    for k in range(0, size, WIDTH):
        j = (first + k) ^ high
        xr, xi = load(pr, j), load(pi, j)
        if low:
            xr, xi = crossed(xr, low), crossed(xi, low)
        a, b = (xi, xr) if imaginary else (xr, xi)
        store(ir, at + k, narrow(ir, fma(g if imaginary else f, wide(a), wide(load(ir, at + k)))))
        store(ii, at + k, narrow(ii, fma(f, wide(b), wide(load(ii, at + k)))))


@inner
def table_pass(ir, ii, pr, pi, at, first, size, mask, table, imaginary):
    """Do the same with a table of `size` factors."""
    low, high = mask & LOW, mask & ~LOW
    for k in range(0, size, WIDTH):
        j = (first + k) ^ high
        xr, xi = load(pr, j), load(pi, j)
        if low:
            xr, xi = crossed(xr, low), crossed(xi, low)
        f = load(table, k)
        a, b = (xi, xr) if imaginary else (xr, xi)
        store(ir, at + k, narrow(ir, fma(neg(f) if imaginary else f, wide(a), wide(load(ir, at + k)))))
        store(ii, at + k, narrow(ii, fma(f, wide(b), wide(load(ii, at + k)))))


@inner
def block_image(pr, pi, ir, ii, at, first, size, observable, table):
    """Write the image of indices first to first + size to ir, ii at `at`; return its product with the state.

    table is a buffer of `size` numbers.
    """
    for k in range(0, size, WIDTH):
        store(ir, at + k, zeros(ir))
        store(ii, at + k, zeros(ii))
    for row in range(len(observable.passes)):
        mask, imaginary, given, entry, end = observable.passes[row]
        if given == CONSTANT:
            factor = observable.constants[entry]
            constant_pass(ir, ii, pr, pi, at, first, size, mask, factor, imaginary)
        elif given == TABLE:
            factors = observable.tables[entry][first : first + size]
            table_pass(ir, ii, pr, pi, at, first, size, mask, factors, imaginary)
        else:
            coefficients(observable, entry, end, first, table)
            table_pass(ir, ii, pr, pi, at, first, size, mask, table, imaginary)
    found = splat(0.0)
    for k in range(0, size, WIDTH):
        xr, xi, yr, yi = load(pr, first + k), load(pi, first + k), load(ir, at + k), load(ii, at + k)
        found = add(found, wide(fma(xr, yr, mul(xi, yi))))
    return total(found)


@inner
def image(state, observable, buffers, table, claims, step, keep, energies):
    """Store <p|H|p> of each slot in energies; if `keep`, write the image to rows 2 and 3 of the state."""
    pr, pi = state[0], state[1]
    size = min(1 << BLOCK_BITS, pr.size)
    n_blocks = pr.size // size
    slots = min(SLOTS, n_blocks)
    ir, ii = (state[2], state[3]) if keep else (buffers[0], buffers[1])
    while True:
        slot = claim(claims, step)
        if slot >= slots:
            break
        for block in range(n_blocks * slot // slots, n_blocks * (slot + 1) // slots):
            first = block * size
            at = first if keep else 0
            energies[slot] += block_image(pr, pi, ir, ii, at, first, size, observable, table)
        finish(claims, step)
    wait(claims, step, slots)
