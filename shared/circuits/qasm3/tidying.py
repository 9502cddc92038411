"""Optimizes a circuit's classical operations once the whole program is read: see `tidied`.

Reading leaves redundant copies: a subroutine measures into a bit of its own, which is returned and then
assigned. Values that are only copied are written directly to their destination; values never read are
removed. Memory bits are reset to 0 after their last use, so that histories that differ in nothing else can be
merged.
"""

from collections.abc import Iterable

from shared.circuits.classical.computation import Literal, Read, bits_read, renumbered
from shared.circuits.classical.types import Type, encoded
from shared.circuits.classical.values import BitString
from shared.circuits.instruction import (
    Affine,
    Angle,
    Gate,
    If,
    Instruction,
    Measure,
    Store,
    While,
    blocks,
    memory_angles,
    memory_of,
)
from shared.circuits.qasm3.memory import FIRST
from shared.circuits.record import touched

Block = tuple[Instruction, ...]


def tidied(block: list[Instruction], n_bits: int) -> tuple[Block, int]:
    """Return the instructions with their memory renumbered after the registers, and its size in bits.

    Args:
        block: Instructions whose memory is numbered from `memory.FIRST` on.
        n_bits: Number of register bits.
    """
    if not any(bit >= FIRST for bit in touched(block)[1]):
        return tuple(block), 0
    kept, _ = _live(tuple(block), frozenset())
    kept, _ = _live(_cleared(kept, _written(kept)), frozenset())
    used = sorted(bit for bit in touched(kept)[1] if bit >= FIRST)
    numbers = {bit: n_bits + position for position, bit in enumerate(used)}
    return _renumbered(kept, numbers), len(used)


def _live(block: Block, live: frozenset[int]) -> tuple[Block, frozenset[int]]:
    """Remove dead writes from a block; return it with the memory bits live at its start.

    Args:
        block: Instructions.
        live: The bits of memory that are read after them.
    """
    waiting = list(block)
    kept: list[Instruction] = []
    while waiting:
        item = waiting.pop()
        if isinstance(item, Store) and _moved_on(item, waiting, live):
            continue
        one, live = _live_one(item, live)
        kept += [] if one is None else [one]
    return tuple(reversed(kept)), live


def _live_one(item: Instruction, live: frozenset[int]) -> tuple[Instruction | None, frozenset[int]]:
    match item:
        case Store():
            if _is_clearing(item):
                return item, live - set(item.bits)
            if all(bit >= FIRST and bit not in live for bit in item.bits):
                return None, live
            return item, (live - set(item.bits)) | _memory_read(item)
        case Measure(qubit, bit) if bit is not None and bit >= FIRST:
            return (item if bit in live else Measure(qubit, None)), live - {bit}
        case If():
            then, first = _live(item.then, live)
            otherwise, second = _live(item.otherwise, live)
            if not then and not otherwise:
                return None, live
            return If(item.bits, item.value, then, otherwise), first | second | _memory(item.bits)
        case While():
            needed = live | _memory((item.bit,))
            body, before = _live(item.body, needed)
            while not before <= needed:
                needed |= before
                body, before = _live(item.body, needed)
            return While(item.bit, body, item.line), needed
    return item, live | _memory(touched([item])[1])


def _is_clearing(item: Store) -> bool:
    return isinstance(item.value, Literal) and encoded(item.value.value, item.type) == 0 and \
        all(bit >= FIRST for bit in item.bits)  # fmt: skip


def _memory(bits: Iterable[int]) -> frozenset[int]:
    return frozenset(bit for bit in bits if bit >= FIRST)


def _memory_read(item: Store) -> frozenset[int]:
    return _memory(bits_read(item.value))


def _moved_on(item: Store, before: list[Instruction], live: frozenset[int]) -> bool:
    """Redirect a write to the destination of its only copy, in place; return whether it succeeded."""
    value = item.value
    if not isinstance(value, Read) or value.type != item.type or set(value.bits) & live:
        return False
    if any(bit < FIRST for bit in value.bits) or set(value.bits) & set(item.bits):
        return False
    moves = dict(zip(value.bits, item.bits, strict=True))
    changed: dict[int, Instruction] = {}
    open_bits, targets = set(value.bits), set(item.bits)
    for position in range(len(before) - 1, -1, -1):
        earlier = before[position]
        bits = touched([earlier])[1]
        if bits & targets:
            return False
        if bits & open_bits:
            renamed = _writes(earlier, moves, open_bits)
            if renamed is None:
                return False
            changed[position] = renamed
            open_bits -= bits
            if not open_bits:
                break
    if open_bits:
        return False
    for position, renamed in changed.items():
        before[position] = renamed
    return True


def _writes(item: Instruction, moves: dict[int, int], open_bits: set[int]) -> Instruction | None:
    """Return an instruction that writes bits without reading them, redirected to other bits."""
    match item:
        case Measure(qubit, bit) if bit is not None:
            return Measure(qubit, moves[bit])
        case Store() if set(item.bits) <= open_bits and not set(bits_read(item.value)) & set(moves):
            return Store(tuple(moves[bit] for bit in item.bits), item.type, item.value, item.line)
    return None


def _written(block: Iterable[Instruction]) -> set[int]:
    """Return the bits that some instruction may set to 1."""
    found: set[int] = set()
    for item in block:
        if isinstance(item, Measure) and item.bit is not None:
            found.add(item.bit)
        elif isinstance(item, Store) and not _is_clearing(item):
            found.update(item.bits)
        for part in blocks(item):
            found |= _written(part)
    return found


def _cleared(block: Block, written: set[int]) -> Block:
    """Return a block that clears only bits that may be 1."""
    kept: list[Instruction] = []
    for item in block:
        if isinstance(item, Store) and _is_clearing(item):
            bits = tuple(bit for bit in item.bits if bit in written)
            if bits:
                kept.append(Store(bits, Type("bit", len(bits)), Literal(BitString(0, len(bits))), item.line))
        elif isinstance(item, If):
            then, otherwise = (_cleared(part, written) for part in (item.then, item.otherwise))
            kept.append(If(item.bits, item.value, then, otherwise))
        elif isinstance(item, While):
            kept.append(While(item.bit, _cleared(item.body, written), item.line))
        else:
            kept.append(item)
    return tuple(kept)


def _renumbered(block: Block, numbers: dict[int, int]) -> Block:
    return tuple(_one(item, numbers) for item in block)


def _one(item: Instruction, numbers: dict[int, int]) -> Instruction:
    def number(bit: int) -> int:
        return numbers.get(bit, bit)

    match item:
        case Measure(qubit, bit) if bit is not None:
            return Measure(qubit, number(bit))
        case Store():
            return Store(tuple(map(number, item.bits)), item.type, renumbered(item.value, number), item.line)
        case If():
            then, otherwise = (_renumbered(part, numbers) for part in (item.then, item.otherwise))
            return If(tuple(map(number, item.bits)), item.value, then, otherwise)
        case While():
            return While(number(item.bit), _renumbered(item.body, numbers), item.line)
        case Gate() if memory_angles(item):
            return Gate(item.name, item.qubits, tuple(_angle(angle, numbers) for angle in item.params))
    return item


def _angle(angle: Angle, numbers: dict[int, int]) -> Angle:
    if not isinstance(angle, Affine):
        return angle
    terms = []
    for name, factor in angle.terms:
        first = memory_of(name)
        terms.append((name if first is None else f"@{numbers[first]}", factor))
    return Affine(tuple(terms), angle.offset)
