"""The numbers that a tape needs at one point: matrices of turns, cosines and sines; and the way back."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.simulation.compiled.jit import inner
from workers.simulation.flat import AXIS_X, AXIS_Y, AXIS_Z


class Point(NamedTuple):
    """Numbers at one point, in the precision of the state.

    Attributes:
        turns: real[blocks, 8], 2 x 2 matrices as re, im by rows.
        backs: real[blocks, 8], their adjoints.
        half: real[angles, 2], cosine and sine of half of each angle.
        full: real[angles, 2], cosine and sine of each angle.
        raw: float64[angles], the angles.
        cosines: real[...], of angle times level, for each phase by level.
        sines: real[...], minus the sine of the same.
    """

    turns: NDArray[Any]
    backs: NDArray[Any]
    half: NDArray[Any]
    full: NDArray[Any]
    raw: NDArray[np.float64]
    cosines: NDArray[Any]
    sines: NDArray[Any]


@inner
def point(tape, angles):
    """The point of a tape at angles float64[angles]."""
    dtype = tape.tables.dtype
    n_blocks = len(tape.blocks.spans)
    turns, backs = np.empty((n_blocks, 8), dtype), np.empty((n_blocks, 8), dtype)
    matrix = np.empty((2, 2), np.complex128)
    for block in range(n_blocks):
        matrix[0, 0] = matrix[1, 1] = 1.0
        matrix[0, 1] = matrix[1, 0] = 0.0
        for element in range(tape.blocks.spans[block, 0], tape.blocks.spans[block, 1]):
            _multiply(_element(tape.blocks, element, angles), matrix)
        for row in range(2):
            for column in range(2):
                entry, back = matrix[row, column], matrix[column, row]
                turns[block, 4 * row + 2 * column] = entry.real
                turns[block, 4 * row + 2 * column + 1] = entry.imag
                backs[block, 4 * row + 2 * column] = back.real
                backs[block, 4 * row + 2 * column + 1] = -back.imag
    half, full = np.empty((angles.size, 2), dtype), np.empty((angles.size, 2), dtype)
    for k in range(angles.size):
        half[k, 0], half[k, 1] = math.cos(0.5 * angles[k]), math.sin(0.5 * angles[k])
        full[k, 0], full[k, 1] = math.cos(angles[k]), math.sin(angles[k])
    cosines, sines = _levels(tape, angles, dtype)
    return Point(turns, backs, half, full, angles, cosines, sines)


@inner
def _levels(tape, angles, dtype):
    size = 0
    for k in range(len(tape.phases)):
        diagonal = tape.phases[k, 1]
        if tape.diagonals[diagonal, 2] >= 0:
            size += tape.diagonals[diagonal, 1]
    cosines, sines = np.empty(size, dtype), np.empty(size, dtype)
    for k in range(len(tape.phases)):
        angle, diagonal, first = tape.phases[k]
        if tape.diagonals[diagonal, 2] < 0:
            continue
        value = tape.diagonals[diagonal, 0]
        for level in range(tape.diagonals[diagonal, 1]):
            turned = angles[angle] * tape.values[value + level]
            cosines[first + level], sines[first + level] = math.cos(turned), -math.sin(turned)
    return cosines, sines


@inner
def _element(blocks, element, angles):
    """The 2 x 2 matrix of an element: four entries by rows."""
    axis, place = blocks.elements[element, 0], blocks.elements[element, 1]
    if axis > AXIS_Z:
        entries = blocks.entries
        return entries[place], entries[place + 1], entries[place + 2], entries[place + 3]
    cos, sin = math.cos(0.5 * angles[place]), math.sin(0.5 * angles[place])
    if axis == AXIS_X:
        return complex(cos, 0.0), complex(0.0, -sin), complex(0.0, -sin), complex(cos, 0.0)
    if axis == AXIS_Y:
        return complex(cos, 0.0), complex(-sin, 0.0), complex(sin, 0.0), complex(cos, 0.0)
    return complex(cos, -sin), 0j, 0j, complex(cos, sin)


@inner
def _multiply(left, matrix):
    """Set the matrix to left times matrix."""
    a, b, c, d = left
    for column in range(2):
        x, y = matrix[0, column], matrix[1, column]
        matrix[0, column], matrix[1, column] = a * x + b * y, c * x + d * y


@inner
def slopes_of_turns(blocks, angles, sums, slopes):
    """Add the derivatives by the angles of turns.

    sums holds Im<l|X|p>, Im<l|Y|p>, Im<l|Z|p> after each block. An element's axis, carried through the
    elements after it, is a combination of the three: the elements are peeled off from the last.
    """
    frame = np.empty((2, 2), np.complex128)
    for block in range(len(blocks.spans)):
        x, y, z = sums[3 * block], sums[3 * block + 1], sums[3 * block + 2]
        # tr(frame P) is the number of axis P; U^dagger frame U carries it to the frame before U.
        frame[0, 0], frame[0, 1] = 0.5 * z, 0.5 * complex(x, -y)
        frame[1, 0], frame[1, 1] = 0.5 * complex(x, y), -0.5 * z
        for element in range(blocks.spans[block, 1] - 1, blocks.spans[block, 0] - 1, -1):
            axis, place = blocks.elements[element, 0], blocks.elements[element, 1]
            if axis == AXIS_X:
                slopes[place] += (frame[0, 1] + frame[1, 0]).real
            elif axis == AXIS_Y:
                slopes[place] += (frame[1, 0] - frame[0, 1]).imag
            elif axis == AXIS_Z:
                slopes[place] += (frame[0, 0] - frame[1, 1]).real
            _carry(_element(blocks, element, angles), frame)


@inner
def _carry(element, frame):
    """Set the frame to U^dagger frame U."""
    a, b, c, d = element
    for row in range(2):
        x, y = frame[row, 0], frame[row, 1]
        frame[row, 0], frame[row, 1] = x * a + y * c, x * b + y * d
    for column in range(2):
        x, y = frame[0, column], frame[1, column]
        frame[0, column] = a.conjugate() * x + c.conjugate() * y
        frame[1, column] = b.conjugate() * x + d.conjugate() * y
