"""A tape run over the whole state, forward and back, slot by slot.

The state is cut into slots; each adds up its own sums, and slots are summed in order, so that the number of
threads changes no bit.
"""

from __future__ import annotations

from workers.simulation.compiled.claims import claim, finish, wait
from workers.simulation.compiled.jit import inner
from workers.simulation.compiled.lanes import WIDTH, load, store
from workers.simulation.compiled.rows import run, run_back

SLOTS = 16


@inner
def start(re, im, base, tape, group):
    """The starting product state on the buffer of a group."""
    n_outer = tape.outer.shape[1] - tape.groups[group, 2]
    x = 1.0 + 0.0j
    inner = (1 << tape.outer.shape[1]) - 1
    for k in range(n_outer):
        bit = tape.outer[group, k]
        x *= tape.product[bit, base >> bit & 1]
        inner ^= 1 << bit
    re[0], im[0] = x.real, x.imag
    place = 0
    for bit in range(tape.outer.shape[1]):
        if not inner >> bit & 1:
            continue
        low, high, size = tape.product[bit, 0], tape.product[bit, 1], 1 << place
        for i in range(size):
            x = complex(re[i], im[i])
            re[size + i], im[size + i] = (high * x).real, (high * x).imag
            re[i], im[i] = (low * x).real, (low * x).imag
        place += 1


@inner
def base_of(chunk, outer):
    """The bits of chunk put at the outer positions, lowest first."""
    base = 0
    for k in range(outer.size):
        base |= (chunk >> k & 1) << outer[k]
    return base


@inner
def fill(buffer, state, base, runs, length):
    """Copy runs of the state into a buffer."""
    for k in range(buffer.size // length):
        for i in range(0, length, WIDTH):
            store(buffer, k * length + i, load(state, base + runs[k] + i))


@inner
def empty(buffer, state, base, runs, length):
    """Copy a buffer back to its runs of the state."""
    for k in range(buffer.size // length):
        for i in range(0, length, WIDTH):
            store(state, base + runs[k] + i, load(buffer, k * length + i))


@inner
def forward(state, group, tape, point, buffers, claims):
    """The rows of a group on the state; before the first group, the starting state."""
    first, end, bits, contiguous = tape.groups[group]
    size, length = 1 << bits, 1 << contiguous
    n_chunks = state.shape[1] >> bits
    outer, runs = tape.outer[group][: tape.outer.shape[1] - bits], tape.runs[group]
    slots = min(SLOTS, n_chunks)
    re, im = state[0], state[1]
    while True:
        slot = claim(claims, group)
        if slot >= slots:
            break
        for chunk in range(n_chunks * slot // slots, n_chunks * (slot + 1) // slots):
            base = base_of(chunk, outer)
            whole = length == size
            br = re[base : base + size] if whole else buffers[0][:size]
            bi = im[base : base + size] if whole else buffers[1][:size]
            if group == 0:
                start(br, bi, base, tape, group)
            elif not whole:
                fill(br, re, base, runs, length)
                fill(bi, im, base, runs, length)
            run(br, bi, size, base, runs, length, first, end, tape, point, buffers[4])
            if not whole:
                empty(br, re, base, runs, length)
                empty(bi, im, base, runs, length)
        finish(claims, group)
    wait(claims, group, slots)


@inner
def backward(state, group, tape, point, buffers, claims, step, sums):
    """The rows of a group undone on the state and its image; slopes as in `rows.run_back`, a row a slot."""
    first, end, bits, contiguous = tape.groups[group]
    size, length = 1 << bits, 1 << contiguous
    n_chunks = state.shape[1] >> bits
    outer, runs = tape.outer[group][: tape.outer.shape[1] - bits], tape.runs[group]
    slots = min(SLOTS, n_chunks)
    while True:
        slot = claim(claims, step)
        if slot >= slots:
            break
        for chunk in range(n_chunks * slot // slots, n_chunks * (slot + 1) // slots):
            base = base_of(chunk, outer)
            whole = length == size
            a = state[0][base : base + size] if whole else buffers[0][:size]
            b = state[1][base : base + size] if whole else buffers[1][:size]
            c = state[2][base : base + size] if whole else buffers[2][:size]
            d = state[3][base : base + size] if whole else buffers[3][:size]
            if not whole:
                fill(a, state[0], base, runs, length)
                fill(b, state[1], base, runs, length)
                fill(c, state[2], base, runs, length)
                fill(d, state[3], base, runs, length)
            mine = sums[slot]
            run_back(a, b, c, d, size, base, runs, length, first, end, tape, point, buffers[4], mine)
            if not whole and group > 0:
                empty(a, state[0], base, runs, length)
                empty(b, state[1], base, runs, length)
                empty(c, state[2], base, runs, length)
                empty(d, state[3], base, runs, length)
        finish(claims, step)
    wait(claims, step, slots)
