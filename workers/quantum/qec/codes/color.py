"""Memory circuits of the triangular colour code 6.6.6, with detectors as Chromobius expects them.

The fourth coordinate of a detector is colour + 3 * basis (0 to 2 for X, 3 to 5 for Z), by which Chromobius
lifts matching to colour codes (Gidney and Jones, arXiv:2312.08813).
"""

from __future__ import annotations

import stim

from novacron.codes import Stabilizer
from novacron.codes.color import COLOURS, triangular
from novacron.specs.qec_point import Point
from workers.quantum.qec.codes.targets import product, records


def phenomenological(point: Point) -> stim.Circuit:
    """Return the memory circuit under phenomenological noise, [[(3 d^2 + 1) / 4, 1, d]].

    Each round depolarises every data qubit with probability p, then measures every stabilizer as a whole,
    with an outcome that is wrong with probability p. The first and the last state are prepared and read
    without error.
    """
    code, basis = triangular(point.distance), point.basis.upper()
    a_round = len(code.stabilizers)
    reset, measure = ("R", "M") if basis == "Z" else ("RX", "MX")
    circuit = stim.Circuit()
    circuit.append(reset, range(code.n))
    for time in range(point.rounds):
        circuit.append("DEPOLARIZE1", range(code.n), point.p)
        for one in code.stabilizers:
            circuit.append("MPP", product(one.pauli, one.qubits), point.p)
        for now, one in enumerate(code.stabilizers, -a_round):
            if time:
                circuit.append("DETECTOR", records([now, now - a_round]), _coordinates(one, time))
            elif one.pauli == basis:  # the others are random in the first round
                circuit.append("DETECTOR", records([now]), _coordinates(one, time))
    circuit.append(measure, range(code.n))
    for last, one in enumerate(code.stabilizers, -a_round - code.n):
        if one.pauli == basis:
            compared = [last, *(qubit - code.n for qubit in one.qubits)]
            circuit.append("DETECTOR", records(compared), _coordinates(one, point.rounds))
    side = code.logicals[0].qubits
    circuit.append("OBSERVABLE_INCLUDE", records([qubit - code.n for qubit in side]), 0)
    return circuit


def _coordinates(one: Stabilizer, time: int) -> tuple[float, ...]:
    """Return a detector's coordinates: column, row, time, colour and basis."""
    assert one.colour is not None
    x, row = one.at
    return ((x + row) / 2, row, time, COLOURS.index(one.colour) + 3 * (one.pauli == "Z"))
