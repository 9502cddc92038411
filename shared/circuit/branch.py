"""Turns conditions on measured bits into the record's `if`: equality of some bits with a value."""

from collections.abc import Sequence
from typing import Final

from shared.circuit.instruction import If, Instruction, count
from shared.circuit.limits import Budget, Refused

MAX_CONDITION_BITS: Final = 12

Block = tuple[Instruction, ...]


def branches(bits: Sequence[int], labels: Sequence[int], blocks: Sequence[Block], budget: Budget) -> Block:
    """Choose a block by the bits.

    All bits are read before the chosen block runs, even where the block overwrites them.

    Args:
        bits: The bits read; the first is the least significant of the index into `labels`.
        labels: For each value of the bits, which block runs; length 2^len(bits).
        blocks: The blocks.
        budget: Charged for conditions and for copies of blocks.

    Raises:
        Refused: The condition expands to too many instructions.
    """
    kinds = set(labels)
    if len(kinds) == 1:
        block = blocks[labels[0]]
        budget.spend(count(block))
        return block
    if len(kinds) == 2:
        for label, rest in zip(sorted(kinds, reverse=True), sorted(kinds), strict=True):
            if labels.count(label) == 1:
                budget.spend(1 + count(blocks[label]) + count(blocks[rest]))
                return (If(tuple(bits), labels.index(label), blocks[label], blocks[rest]),)
    half = len(labels) // 2
    low = branches(bits[:-1], labels[:half], blocks, budget)
    high = branches(bits[:-1], labels[half:], blocks, budget)
    if low == high:
        return low
    budget.spend()
    return (If((bits[-1],), 1, high, low),)


def check_width(n_bits: int) -> None:
    """Refuse conditions over more bits than can be tabulated.

    Raises:
        Refused: There are more than `MAX_CONDITION_BITS` bits.
    """
    if n_bits > MAX_CONDITION_BITS:
        raise Refused(
            f"this condition reads {n_bits} measured bits",
            rule=f"at most {MAX_CONDITION_BITS} bits, unless a register is compared by == or !=",
        )
