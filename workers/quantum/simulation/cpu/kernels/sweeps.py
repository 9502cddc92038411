"""Runs a tape over the whole state, forward and backward, slot by slot.

The state is divided into slots; each accumulates its own sums, and slots are summed in order, so that results
are bitwise independent of the number of threads.
"""

from __future__ import annotations

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.claims import claim, finish, wait
from workers.quantum.simulation.cpu.kernels.rows import run, run_back
from workers.quantum.simulation.cpu.kernels.simd import WIDTH, load, store

SLOTS = 16


@inner
def start(re, im, base, tape, group):
    """Write the starting product state to the buffer of a group."""
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
    """Deposit the bits of chunk at the outer positions, lowest first."""
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
def amplitudes(state, buffers, row, base, size, whole):
    """Return a row's amplitudes of a chunk: the state's own if contiguous, else its buffer."""
    return state[row, base : base + size] if whole else buffers[row, :size]


@inner
def forward(state, group, tape, point, buffers, claims):
    """Apply the rows of a group to the state; before the first group, write the starting state."""
    first, end, bits, contiguous = tape.groups[group]
    size, length = 1 << bits, 1 << contiguous
    n_chunks = state.shape[1] >> bits
    outer, runs = tape.outer[group][: tape.outer.shape[1] - bits], tape.runs[group]
    slots = min(SLOTS, n_chunks)
    while True:
        slot = claim(claims, group)
        if slot >= slots:
            break
        for chunk in range(n_chunks * slot // slots, n_chunks * (slot + 1) // slots):
            base = base_of(chunk, outer)
            whole = length == size
            re = amplitudes(state, buffers, 0, base, size, whole)
            im = amplitudes(state, buffers, 1, base, size, whole)
            if group == 0:
                start(re, im, base, tape, group)
            elif not whole:
                fill(re, state[0], base, runs, length)
                fill(im, state[1], base, runs, length)
            run(re, im, size, base, runs, length, first, end, tape, point, buffers[4])
            if not whole:
                empty(re, state[0], base, runs, length)
                empty(im, state[1], base, runs, length)
        finish(claims, group)
    wait(claims, group, slots)


@inner
def backward(state, group, tape, point, buffers, claims, step, sums):
    """Undo the rows of a group on the state and its image; slopes as in `rows.run_back`, one row per slot."""
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
            a = amplitudes(state, buffers, 0, base, size, whole)
            b = amplitudes(state, buffers, 1, base, size, whole)
            c = amplitudes(state, buffers, 2, base, size, whole)
            d = amplitudes(state, buffers, 3, base, size, whole)
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
