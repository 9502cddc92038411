"""Runs chains of excitations on real vectors over numbered basis states.

Sums are taken in entry order, so that equal calls give bitwise identical results.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu.jit import compiled
from workers.quantum.simulation.ir.excitation import Indices
from workers.quantum.simulation.ir.program import Float

Numbers = NDArray[np.int32]


class Pairs(NamedTuple):
    """The states that each kind of excitation rotates into each other.

    Attributes:
        starts: int64[kinds + 1], start of each kind's pairs.
        first: int32[pairs], numbers of states; first -> cos first - sin second.
        second: int32[pairs], second -> cos second + sin first.
    """

    starts: Indices
    first: Numbers
    second: Numbers


class Rotations(NamedTuple):
    """The ops in order, each a kind of excitation rotated by offset + sum of scale * theta[parameter].

    Attributes:
        kinds: int32[ops].
        offsets: float64[ops], radians.
        starts: int64[ops + 1], start of the terms of each op's angle.
        parameters: int64[terms].
        scales: float64[terms].
    """

    kinds: Numbers
    offsets: Float
    starts: Indices
    parameters: Indices
    scales: Float


class Rows(NamedTuple):
    """A real symmetric matrix by rows.

    Attributes:
        starts: int64[m + 1], start of each row's entries.
        columns: int32[entries].
        values: float64[entries].
    """

    starts: Indices
    columns: Numbers
    values: Float


@compiled
def angle_of(op: int, theta: Float, rotations: Rotations) -> float:
    """Return the angle of an op in radians."""
    angle: float = rotations.offsets[op]
    for term in range(rotations.starts[op], rotations.starts[op + 1]):
        angle += rotations.scales[term] * theta[rotations.parameters[term]]
    return angle


@compiled
def final(theta: Float, start: int, size: int, rotations: Rotations, pairs: Pairs) -> Float:
    """Return the final vector float64[size] from state number `start`."""
    vector = np.zeros(size, np.float64)
    vector[start] = 1.0
    for op in range(len(rotations.kinds)):
        angle = angle_of(op, theta, rotations)
        cos, sin = math.cos(angle), math.sin(angle)
        kind = rotations.kinds[op]
        for place in range(pairs.starts[kind], pairs.starts[kind + 1]):
            i, j = pairs.first[place], pairs.second[place]
            a, b = vector[i], vector[j]
            vector[i], vector[j] = cos * a - sin * b, cos * b + sin * a
    return vector


@compiled
def image(vector: Float, rows: Rows) -> tuple[float, Float]:
    """Return <vector|H|vector> and H vector."""
    result = np.empty_like(vector)
    value = 0.0
    for row in range(len(vector)):
        total = 0.0
        for place in range(rows.starts[row], rows.starts[row + 1]):
            total += rows.values[place] * vector[rows.columns[place]]
        result[row] = total
        value += vector[row] * total
    return value, result


@compiled
def energy(theta: Float, start: int, rotations: Rotations, pairs: Pairs, rows: Rows) -> float:
    """Return the expectation value of the observable in the final state."""
    vector = final(theta, start, len(rows.starts) - 1, rotations, pairs)
    value: float = image(vector, rows)[0]
    return value


@compiled
def energy_and_gradient(
    theta: Float, start: int, rotations: Rotations, pairs: Pairs, rows: Rows
) -> tuple[float, Float]:
    """Return the expectation value and its derivatives float64[parameters].

    Source: Jones, Gacon, arXiv:2009.02823 (2020), algorithm 1: both states are evolved back in place.
    """
    ket = final(theta, start, len(rows.starts) - 1, rotations, pairs)
    value, bra = image(ket, rows)
    gradient = np.zeros(len(theta), np.float64)
    for op in range(len(rotations.kinds) - 1, -1, -1):
        angle = angle_of(op, theta, rotations)
        cos, sin = math.cos(angle), math.sin(angle)
        kind = rotations.kinds[op]
        slope = 0.0
        for place in range(pairs.starts[kind], pairs.starts[kind + 1]):
            i, j = pairs.first[place], pairs.second[place]
            a, b, c, d = ket[i], ket[j], bra[i], bra[j]
            slope += d * a - c * b
            ket[i], ket[j] = cos * a + sin * b, cos * b - sin * a
            bra[i], bra[j] = cos * c + sin * d, cos * d - sin * c
        for term in range(rotations.starts[op], rotations.starts[op + 1]):
            gradient[rotations.parameters[term]] += 2.0 * slope * rotations.scales[term]
    return value, gradient
