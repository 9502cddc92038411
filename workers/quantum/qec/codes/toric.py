"""The toric code on L x L vertices with a qubit on each edge (Kitaev, Ann. Phys. 303, 2 (2003)).

One kind of error and of stabilizer is simulated: both kinds are independent under this noise and alike.
"""

from __future__ import annotations

import stim

from novacron.specs.qec_point import Point
from workers.quantum.qec.codes.targets import product, records


def stars(size: int) -> list[list[int]]:
    """Return the four edges at each vertex; edges right of vertex (i, j) come first, those below it after."""

    def right(i: int, j: int) -> int:
        return i % size * size + j % size

    def below(i: int, j: int) -> int:
        return size * size + right(i, j)

    return [
        [right(i, j), right(i, j - 1), below(i, j), below(i - 1, j)] for i in range(size) for j in range(size)
    ]


def logicals(size: int) -> list[list[int]]:
    """Return the edges that closed loops around the torus cross, one list per direction."""
    return [[i * size for i in range(size)], [size * size + j for j in range(size)]]


def phenomenological(point: Point) -> stim.Circuit:
    """Return the memory circuit under phenomenological noise, [[2 L^2, 2, L]].

    Each round flips every data qubit with probability p, then measures every stabilizer as a whole, with an
    outcome that is wrong with probability p. The first and the last state are prepared and read without
    error, so one round is code capacity.
    """
    size, basis = point.distance, point.basis.upper()
    n_data, checks = 2 * size * size, stars(size)
    reset, flip, measure = ("R", "X_ERROR", "M") if basis == "Z" else ("RX", "Z_ERROR", "MX")
    circuit = stim.Circuit()
    circuit.append(reset, range(n_data))
    for time in range(point.rounds):
        circuit.append(flip, range(n_data), point.p)
        for edges in checks:
            circuit.append("MPP", product(basis, edges), point.p)
        for number in range(len(checks)):
            now = number - len(checks)
            before = [now - len(checks)] if time else []
            circuit.append("DETECTOR", records([now, *before]), (*divmod(number, size), time))
    circuit.append(measure, range(n_data))
    for number, edges in enumerate(checks):
        compared = [number - len(checks) - n_data, *(edge - n_data for edge in edges)]
        circuit.append("DETECTOR", records(compared), (*divmod(number, size), point.rounds))
    for index, edges in enumerate(logicals(size)):
        circuit.append("OBSERVABLE_INCLUDE", records([edge - n_data for edge in edges]), index)
    return circuit
