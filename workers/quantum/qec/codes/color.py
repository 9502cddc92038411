"""The triangular colour code 6.6.6, with detectors as Chromobius expects them.

Sites (r, c) with 0 <= c <= r <= 3 (d - 1) / 2 form a triangle of a triangular lattice; those with r + c = 1
mod 3 are the centres of hexagonal faces of colour r mod 3, the others data qubits. Each face is an X and a Z
stabilizer. The fourth coordinate of a detector is colour + 3 * basis (0 to 2 for X, 3 to 5 for Z), by which
Chromobius lifts matching to colour codes (Gidney and Jones, arXiv:2312.08813).
"""

from __future__ import annotations

from dataclasses import dataclass

import stim

from novacron.specs.qec_point import Point
from workers.quantum.qec.codes.targets import product, records

NEIGHBOURS = ((0, -1), (0, 1), (-1, 0), (1, 0), (1, 1), (-1, -1))
BASES = ("X", "Z")


@dataclass(frozen=True, slots=True)
class Face:
    """A face.

    Attributes:
        row: of its centre.
        column: of its centre.
        qubits: indices of the data qubits around it, 4 at the boundary and 6 inside.
    """

    row: int
    column: int
    qubits: tuple[int, ...]

    def coordinates(self, time: int, basis: str) -> tuple[int, ...]:
        """Return a detector's coordinates: column, row, time, colour and basis."""
        return (self.column, self.row, time, self.row % 3 + 3 * BASES.index(basis))


def lattice(distance: int) -> tuple[int, list[Face], list[int]]:
    """Return the number of data qubits, the faces, and the qubits of the logical operators (one side)."""
    last = 3 * (distance - 1) // 2
    sites = [(row, column) for row in range(last + 1) for column in range(row + 1)]
    numbers = {site: k for k, site in enumerate(site for site in sites if sum(site) % 3 != 1)}
    faces = [
        Face(r, c, tuple(numbers[r + i, c + j] for i, j in NEIGHBOURS if (r + i, c + j) in numbers))
        for r, c in sites
        if (r + c) % 3 == 1
    ]
    return len(numbers), faces, [number for (_, column), number in numbers.items() if column == 0]


def phenomenological(point: Point) -> stim.Circuit:
    """Return the memory circuit under phenomenological noise, [[(3 d^2 + 1) / 4, 1, d]].

    Each round depolarises every data qubit with probability p, then measures every stabilizer as a whole,
    with an outcome that is wrong with probability p. The first and the last state are prepared and read
    without error.
    """
    n_data, faces, logical = lattice(point.distance)
    basis = point.basis.upper()
    reset, measure = ("R", "M") if basis == "Z" else ("RX", "MX")
    circuit = stim.Circuit()
    circuit.append(reset, range(n_data))
    for time in range(point.rounds):
        circuit.append("DEPOLARIZE1", range(n_data), point.p)
        for kind in BASES:
            for face in faces:
                circuit.append("MPP", product(kind, face.qubits), point.p)
        _compare(circuit, faces, time, basis)
    circuit.append(measure, range(n_data))
    for number, face in enumerate(faces):
        last = number - len(faces) * (1 if basis == "Z" else 2) - n_data
        compared = [last, *(qubit - n_data for qubit in face.qubits)]
        circuit.append("DETECTOR", records(compared), face.coordinates(point.rounds, basis))
    circuit.append("OBSERVABLE_INCLUDE", records([qubit - n_data for qubit in logical]), 0)
    return circuit


def _compare(circuit: stim.Circuit, faces: list[Face], time: int, basis: str) -> None:
    """Add the detectors of a round just measured; in the first one only those of the basis are determined."""
    a_round = 2 * len(faces)
    for position, kind in enumerate(BASES):
        for number, face in enumerate(faces):
            now = position * len(faces) + number - a_round
            if time:
                circuit.append("DETECTOR", records([now, now - a_round]), face.coordinates(time, kind))
            elif kind == basis:
                circuit.append("DETECTOR", records([now]), face.coordinates(time, kind))
