"""Broadcasts one gate statement over whole registers."""

from collections.abc import Sequence

from shared.circuits.limits import Refused


def broadcast(operands: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Return the operand tuples of the single applications: registers advance in step, single qubits repeat.

    Raises:
        Refused: Registers differ in size, or one application names a qubit twice.
    """
    sizes = {len(operand) for operand in operands if len(operand) != 1}
    if len(sizes) > 1:
        raise Refused(f"registers of different sizes {sorted(sizes)} are used together")
    length = sizes.pop() if sizes else 1
    rows = [tuple(operand[i if len(operand) > 1 else 0] for operand in operands) for i in range(length)]
    for row in rows:
        if len(set(row)) != len(row):
            raise Refused("the same qubit is used twice in one gate")
    return rows
