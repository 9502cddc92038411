"""Error-correcting codes."""

from __future__ import annotations

from typing import TypedDict

from novacron.answers.answer import Answer


class Operator(TypedDict):
    """A product of X, or of Z, on some data qubits."""

    pauli: str
    qubits: list[int]


class Stabilizer(Operator):
    """A measured stabilizer: its place (x, y), and the colour of its face in a colour code."""

    at: list[float]
    colour: str | None


class CodeDescription(Answer, shown=("code", "parameters")):
    """An error-correcting code, with a place in the plane for everything; y grows downwards.

    Attributes:
        code: family.
        distance: code distance, of a repetition code against bit flips.
        parameters: [[n, k, d]].
        n: number of data qubits.
        k: number of logical qubits.
        d: the fewest Pauli errors that no stabilizer detects and a logical qubit suffers from.
        qubits: (x, y) of each data qubit.
        stabilizers: those that a round measures.
        logicals: logical operators: X and Z of the first logical qubit, of the next, and so on.
        period: width and height of the torus on which the code lies; null on a plane.
        stretch: unit of y in units of x.
    """

    code: str
    distance: int
    parameters: str
    n: int
    k: int
    d: int
    qubits: list[list[float]]
    stabilizers: list[Stabilizer]
    logicals: list[Operator]
    period: list[float] | None
    stretch: float
