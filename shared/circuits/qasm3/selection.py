"""Indices of registers, arrays and values: single positions, ranges and sets."""

from collections.abc import Sequence
from typing import Any, Final

from openqasm3 import ast

from shared.circuits.classical.computation import Apply, Cast, Expression, Read, pattern
from shared.circuits.classical.types import MACHINE_BITS
from shared.circuits.classical.values import RUNTIME, Bits, Computed, Qubits, Stored, Value, describe, integer
from shared.circuits.limits import Refused
from shared.circuits.qasm3.expression import evaluate, lifted, refuse, size
from shared.circuits.qasm3.scope import Scope, Symbol

_MAX_RANGE: Final = 1_000_000


class Undecided(Exception):  # noqa: N818 - what the index is
    """An index that must be known, and depends on measured bits.

    Attributes:
        node: Its syntax tree node.
        expression: Its value.
        size: How many positions there are.
    """

    def __init__(self, node: Any, expression: Expression, size: int) -> None:
        super().__init__()
        self.node = node
        self.expression = expression
        self.size = size


def select(value: Value, index: Any, scope: Scope) -> Value:
    """Index a register, a value with bits, or an array.

    Args:
        value: What is indexed; an array is a list of symbols or lists.
        index: One bracket of the program: a list of positions and ranges, or a set.
        scope: Where the positions are evaluated.

    Raises:
        Refused: The value cannot be indexed, or the index is out of range.
        Undecided: A position that must be known depends on measured bits.
    """
    if isinstance(value, list):
        items = [index] if isinstance(index, ast.DiscreteSet) else list(index)
        return _element(value, items, scope)
    if isinstance(value, bool | float) or (
        isinstance(value, Stored) and value.type.kind in ("bool", "float")
    ):
        raise Refused(f"{describe(value)} cannot be indexed")
    if not isinstance(value, Qubits):
        at_runtime = _runtime_bit(value, index, scope)
        if at_runtime is not None:
            return at_runtime
    if isinstance(value, Computed):
        picked, _ = positions(index, _width(value.expression), scope)
        return Computed(Apply("bits", (value.expression, *(lifted(place) for place in picked))))
    if isinstance(value, Qubits | Bits | Stored):
        picked, _ = positions(index, size(value), scope)
        chosen = tuple(value.indices[place] for place in picked)
        return Qubits(chosen) if isinstance(value, Qubits) else Bits(chosen)
    bits = pattern(value)  # type: ignore[arg-type]
    return bits.select(positions(index, bits.width, scope)[0])


def _runtime_bit(value: Value, index: Any, scope: Scope) -> Value | None:
    """One bit at a position that depends on measured bits."""
    if isinstance(index, ast.DiscreteSet) or len(index) != 1 or isinstance(index[0], ast.RangeDefinition):
        return None
    place = evaluate(index[0], scope)
    if not isinstance(place, RUNTIME):
        return None
    return Computed(Apply("bit", (lifted(value), lifted(place))))


def _element(value: Any, items: Sequence[Any], scope: Scope) -> Value:
    """An element, or a slice, of an array, by one position or range for each dimension given."""
    if not items:
        return value  # type: ignore[no-any-return]
    if isinstance(value, Symbol):
        return select(value.value, list(items), scope)
    if not isinstance(value, list):
        return select(value, list(items), scope)
    item, *rest = items
    if not isinstance(item, ast.RangeDefinition | ast.DiscreteSet):
        place = evaluate(item, scope)
        if isinstance(place, RUNTIME):
            return _computed_element(value, place, rest, scope)
    picked, single = positions([item] if not isinstance(item, ast.DiscreteSet) else item, len(value), scope)
    if single:
        chosen = value[picked[0]]
        return chosen.value if isinstance(chosen, Symbol) and not rest else _element(chosen, rest, scope)
    return [value[at] if not rest else _element(value[at], rest, scope) for at in picked]


def _computed_element(value: list[Any], place: Value, rest: Sequence[Any], scope: Scope) -> Value:
    found = [_element(part, rest, scope) if rest else part for part in value]
    values = [part.value if isinstance(part, Symbol) else part for part in found]
    if any(isinstance(part, list) for part in values):
        raise Refused("a row of an array at a position that depends on measured bits is not supported",
                      hint="index single elements")  # fmt: skip
    return Computed(Apply("element", (lifted(place), *map(lifted, values))))


def _width(expression: Expression) -> int:
    """How many bits a value has, as far as its expression tells."""
    match expression:
        case Read() | Cast():
            return expression.type.bits
        case Apply("bit", _):
            return 1
        case Apply("bits", operands):
            return len(operands) - 1
        case Apply("~" | "<<" | ">>" | "rotl" | "rotr" | "replace", operands):
            return _width(operands[0])
        case Apply("&" | "|" | "^", operands):
            return max(map(_width, operands))
    return MACHINE_BITS


def positions(index: Any, length: int, scope: Scope) -> tuple[list[int], bool]:
    """The zero-based positions an index names among `length`, and whether it names a single one.

    Raises:
        Refused: A position is out of range.
        Undecided: A position depends on measured bits.
    """
    if isinstance(index, ast.DiscreteSet):
        return [_position(item, length, scope) for item in index.values], False
    if len(index) != 1:
        raise Refused("registers have one dimension only")
    if isinstance(index[0], ast.RangeDefinition):
        return [_checked(i, length, index[0]) for i in expand_range(index[0], scope, length)], False
    value = None if isinstance(index[0], ast.DiscreteSet) else evaluate(index[0], scope)
    if isinstance(value, list):
        return [_checked(integer(_plain(item), "the index"), length, index[0]) for item in value], False
    return [_position(index[0], length, scope)], True


def _plain(item: Any) -> Value:
    return item.value if isinstance(item, Symbol) else item


def _position(node: Any, length: int, scope: Scope) -> int:
    runner = scope.root.runner
    if runner is not None and id(node) in runner.assumed:
        return runner.assumed[id(node)]
    value = evaluate(node, scope)
    if isinstance(value, RUNTIME):
        raise Undecided(node, lifted(value), length)
    return _checked(integer(value, "the index"), length, node)


def _checked(position: int, length: int, node: Any) -> int:
    if not -length <= position < length:
        raise refuse(node, f"index {position} is out of range", rule=f"the register has size {length}")
    return position % length


def expand_range(node: Any, scope: Scope, length: int | None = None) -> range:
    """The integers of `start:step:end`, both ends included; open ends need a register's length.

    Raises:
        Refused: The step is zero, an end is missing, or the range is too long.
    """

    def end(part: Any, default: int | None) -> int:
        if part is not None:
            value = integer(evaluate(part, scope), "a range end")
            return value + length if length is not None and value < 0 else value
        if default is None:
            raise refuse(node, "this range needs both ends")
        return default

    step = 1 if node.step is None else integer(evaluate(node.step, scope), "the step")
    if step == 0:
        raise refuse(node, "the step of a range is 0")
    first, last = (0, length - 1) if length is not None else (None, None)
    if step < 0:
        first, last = last, first
    result = range(end(node.start, first), end(node.end, last) + (1 if step > 0 else -1), step)
    if abs(result.stop - result.start) // abs(step) > _MAX_RANGE:
        raise refuse(node, f"the range is longer than {_MAX_RANGE}")
    return result
