"""Surface and repetition codes, as the circuits of Stim have them."""

from __future__ import annotations

from novacron.codes.css import Code, Operator, Pauli, Place, Stabilizer


def rotated(distance: int) -> Code:
    """Return the rotated surface code, [[d^2, 1, d]]: qubits at odd coordinates, stabilizers at even ones."""
    places = tuple((2.0 * i + 1, 2.0 * j + 1) for j in range(distance) for i in range(distance))
    last = 2 * distance
    stabilizers: list[tuple[Pauli, Place]] = []
    for y in range(0, last + 1, 2):
        for x in range(0, last + 1, 2):
            pauli: Pauli = "X" if (x + y) % 4 else "Z"
            # The boundaries above and below have stabilizers of X only, those at the sides of Z only.
            if (y if pauli == "Z" else x) not in (0, last):
                stabilizers.append((pauli, (x, y)))
    return _planar("rotated_surface", distance, places, stabilizers, ((1, 1), (-1, 1), (1, -1), (-1, -1)))


def unrotated(distance: int) -> Code:
    """Return the unrotated surface code, [[d^2 + (d - 1)^2, 1, d]]: qubits where x + y is even."""
    grid = [(x, y) for y in range(2 * distance - 1) for x in range(2 * distance - 1)]
    places = tuple((float(x), float(y)) for x, y in grid if (x + y) % 2 == 0)
    stabilizers: list[tuple[Pauli, Place]] = [("X" if x % 2 else "Z", (x, y)) for x, y in grid if (x + y) % 2]
    return _planar("unrotated_surface", distance, places, stabilizers, ((1, 0), (-1, 0), (0, 1), (0, -1)))


def repetition(distance: int) -> Code:
    """Return the repetition code, whose d data qubits on a line are protected from bit flips only."""
    places = tuple((2.0 * i, 0.0) for i in range(distance))
    stabilizers = tuple(Stabilizer("Z", (i, i + 1), (2.0 * i + 1, 0.0)) for i in range(distance - 1))
    logicals = (Operator("X", tuple(range(distance))), Operator("Z", (distance - 1,)))
    return Code("repetition", distance, places, stabilizers, logicals)


def _planar(
    name: str, distance: int, places: tuple[Place, ...], stabilizers: list[tuple[Pauli, Place]],
    neighbours: tuple[tuple[int, int], ...],
) -> Code:  # fmt: skip
    """Return a surface code: its logical X is the leftmost column, its logical Z the uppermost row."""
    numbers = {place: number for number, place in enumerate(places)}
    made = [
        Stabilizer(
            pauli,
            tuple(sorted(numbers[x + i, y + j] for i, j in neighbours if (x + i, y + j) in numbers)),
            (x, y),
        )
        for pauli, (x, y) in stabilizers
    ]
    left, top = places[0]
    column = tuple(number for (x, _), number in numbers.items() if x == left)
    row = tuple(number for (_, y), number in numbers.items() if y == top)
    return Code(name, distance, places, tuple(made), (Operator("X", column), Operator("Z", row)))
