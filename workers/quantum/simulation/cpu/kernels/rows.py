"""The rows of a group on one buffer, forward and backward."""

from __future__ import annotations

from workers.quantum.simulation.cpu.jit import inner
from workers.quantum.simulation.cpu.kernels.controlled import controlled_x
from workers.quantum.simulation.cpu.kernels.dense import dense, dense_pair, diagonal
from workers.quantum.simulation.cpu.kernels.excitations import excitation_slope, excite
from workers.quantum.simulation.cpu.kernels.phases import level_slope, phase_levels, phase_values, value_slope
from workers.quantum.simulation.cpu.kernels.rotations import rotation, rotation_back
from workers.quantum.simulation.cpu.kernels.simd import odd
from workers.quantum.simulation.cpu.kernels.simd_pairs import lane_pair
from workers.quantum.simulation.cpu.kernels.strings import rotate, string_slope
from workers.quantum.simulation.cpu.kernels.z_layer import z_layer, z_layer_back
from workers.quantum.simulation.cpu.tape import (
    CONTROLLED_X,
    DENSE,
    DENSE_PAIR,
    DIAGONAL,
    EXCITE,
    FIRST,
    LANE_PAIR,
    PHASES,
    ROTATION,
    SLOT,
    STRING,
    Z_LAYER,
)


@inner
def run(re, im, size, base, runs, length, first, end, tape, point, scratch):
    """Apply rows first to end to a buffer of `size` amplitudes.

    base is the index of its first amplitude; the others are at base + runs, in runs of `length`.
    """
    for row in range(first, end):
        code, a, b, c, _, _, _, angle = tape.rows[row]
        if code == ROTATION:
            cos, sin = point.half[angle]
            rotation(re, im, size, a, b, cos, sin)
        elif code == Z_LAYER:
            z_layer(re, im, size, base, tape.positions, a, b, c, point.half)
        elif code == PHASES:
            _phases(re, im, size, base, runs, length, tape, point, row, 1.0)
        else:
            _apply(re, im, size, base, tape, point, row, 1.0, scratch)


@inner
def run_back(pr, pi, lr, li, size, base, runs, length, first, end, tape, point, scratch, sums):
    """Undo the rows, last first, on the state and on its image under the observable.

    Slopes are added to sums, one per angle.
    """
    for row in range(end - 1, first - 1, -1):
        code, a, b, c, _, _, _, angle = tape.rows[row]
        if code == ROTATION:
            cos, sin = point.half[angle]
            sums[angle] += rotation_back(pr, pi, lr, li, size, a, b, cos, -sin)
        elif code == Z_LAYER:
            z_layer_back(pr, pi, lr, li, size, base, tape.positions, a, b, c, point.half, sums)
        elif code == PHASES:
            sums[angle] += _phases_slope(pr, pi, lr, li, size, base, runs, length, tape, row)
            _phases(pr, pi, size, base, runs, length, tape, point, row, -1.0)
            _phases(lr, li, size, base, runs, length, tape, point, row, -1.0)
        else:
            sums[angle] += _slope(pr, pi, lr, li, size, base, tape, row)
            _apply(pr, pi, size, base, tape, point, row, -1.0, scratch)
            _apply(lr, li, size, base, tape, point, row, -1.0, scratch)


@inner
def _apply(re, im, size, base, tape, point, row, sense, scratch):
    """Apply a row of any other kind; sense -1 undoes it."""
    code, a, b, c, outside, slot, back, angle = tape.rows[row]
    table = slot if sense > 0 else back
    if code == CONTROLLED_X:
        if base & outside == outside:
            controlled_x(re, im, size, a, b, c)
    elif code == DENSE_PAIR:
        dense_pair(re, im, size, a, b, tape.tables, table)
    elif code == LANE_PAIR:
        lane_pair(re, im, size, a, b, tape.tables, table)
    elif code == DENSE:
        dense(re, im, size, tape.positions, a, b, c, tape.tables, table, scratch)
    elif code == DIAGONAL:
        diagonal(re, im, size, base, tape.positions, a, b, c, tape.tables, table)
    elif code == STRING:
        cos, sin = point.half[angle]
        rotate(re, im, size, a, b, c, odd(base & outside), cos, sin if sense > 0 else -sin)
    else:
        cos, sin = point.full[angle]
        excite(re, im, size, a, b, c, odd(base & outside), cos, sin if sense > 0 else -sin)


@inner
def _slope(pr, pi, lr, li, size, base, tape, row):
    """Return 2 Re<l|K|p> for the row's generator K, 0 if it has none."""
    code, a, b, c, outside, _, _, _ = tape.rows[row]
    minus = odd(base & outside)
    if code == STRING:
        return string_slope(pr, pi, lr, li, size, a, b, c, minus)
    if code == EXCITE:
        return excitation_slope(pr, pi, lr, li, size, a, b, c, minus)
    return 0.0


@inner
def _phases(re, im, size, base, runs, length, tape, point, row, sense):
    first, levels, place = tape.diagonals[tape.rows[row, FIRST]]
    angle, _, cosine = tape.phases[tape.rows[row, SLOT]]
    for k in range(size // length):
        start = base + runs[k]
        if place >= 0:
            index = tape.level_index[place]
            cosines, sines = point.cosines[cosine : cosine + levels], point.sines[cosine : cosine + levels]
            phase_levels(re, im, k * length, length, index, start, cosines, sines, sense)
        else:
            phase_values(re, im, k * length, length, tape.values, first + start, sense * point.raw[angle])


@inner
def _phases_slope(pr, pi, lr, li, size, base, runs, length, tape, row):
    first, levels, place = tape.diagonals[tape.rows[row, FIRST]]
    found = 0.0
    for k in range(size // length):
        start = base + runs[k]
        if place >= 0:
            values = tape.values[first : first + levels]
            found += level_slope(pr, pi, lr, li, k * length, length, tape.level_index[place], start, values)
        else:
            found += value_slope(pr, pi, lr, li, k * length, length, tape.values, first + start)
    return found
