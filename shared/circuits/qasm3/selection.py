"""Indices of registers, arrays and values: single positions, ranges and sets."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from openqasm3 import ast

from shared.circuits.classical.computation import Apply, Cast, Expression, Read, pattern
from shared.circuits.classical.types import MACHINE_BITS
from shared.circuits.classical.values import RUNTIME, Bits, Computed, Qubits, Stored, Value, describe, integer
from shared.circuits.limits import Refused
from shared.circuits.qasm3.refusal import refuse
from shared.circuits.qasm3.runtime import lifted, size
from shared.circuits.qasm3.scope import Scope, Symbol

_MAX_RANGE: Final = 1_000_000


class Undecided(Exception):  # noqa: N818 - what the index is
    """An index that must be known at read time but depends on measured bits.

    Attributes:
        node: Its syntax tree node.
        expression: Its value.
        size: Number of possible positions.
    """

    def __init__(self, node: Any, expression: Expression, size: int) -> None:
        super().__init__()
        self.node = node
        self.expression = expression
        self.size = size


class Selector:
    """Indexes values by indices evaluated in a scope.

    Args:
        scope: where indices are evaluated.
        evaluate: evaluates an index there.
    """

    def __init__(self, scope: Scope, evaluate: Callable[[Any, Scope], Value]) -> None:
        self._scope, self._evaluate = scope, evaluate

    def select(self, value: Value, index: Any) -> Value:
        """Index a register, a value with bits, or an array.

        Args:
            value: The indexed value; an array is a list of symbols or lists.
            index: One bracket of the program: a list of positions and ranges, or a set.
            scope: Where the positions are evaluated.

        Raises:
            Refused: The value cannot be indexed, or the index is out of range.
            Undecided: A position that must be known at read time depends on measured bits.
        """
        if isinstance(value, list):
            items = [index] if isinstance(index, ast.DiscreteSet) else list(index)
            return self._element(value, items)
        if isinstance(value, bool | float) or (
            isinstance(value, Stored) and value.type.kind in ("bool", "float")
        ):
            raise Refused(f"{describe(value)} cannot be indexed")
        if not isinstance(value, Qubits):
            at_runtime = self._runtime_bit(value, index)
            if at_runtime is not None:
                return at_runtime
        if isinstance(value, Computed):
            picked, _ = self.positions(index, _width(value.expression))
            return Computed(Apply("bits", (value.expression, *(lifted(place) for place in picked))))
        if isinstance(value, Qubits | Bits | Stored):
            picked, _ = self.positions(index, size(value))
            chosen = tuple(value.indices[place] for place in picked)
            return Qubits(chosen) if isinstance(value, Qubits) else Bits(chosen)
        bits = pattern(value)  # type: ignore[arg-type]
        return bits.select(self.positions(index, bits.width)[0])

    def _runtime_bit(self, value: Value, index: Any) -> Value | None:
        """Return one bit at a position that depends on measured bits."""
        if isinstance(index, ast.DiscreteSet) or len(index) != 1 or isinstance(index[0], ast.RangeDefinition):
            return None
        place = self._evaluate(index[0], self._scope)
        if not isinstance(place, RUNTIME):
            return None
        return Computed(Apply("bit", (lifted(value), lifted(place))))

    def _element(self, value: Any, items: Sequence[Any]) -> Value:
        """Return an element or slice of an array, by one position or range per dimension."""
        if not items:
            return value  # type: ignore[no-any-return]
        if isinstance(value, Symbol):
            return self.select(value.value, list(items))
        if not isinstance(value, list):
            return self.select(value, list(items))
        item, *rest = items
        if not isinstance(item, ast.RangeDefinition | ast.DiscreteSet):
            place = self._evaluate(item, self._scope)
            if isinstance(place, RUNTIME):
                return self._computed_element(value, place, rest)
        picked, single = self.positions([item] if not isinstance(item, ast.DiscreteSet) else item, len(value))
        if single:
            chosen = value[picked[0]]
            return chosen.value if isinstance(chosen, Symbol) and not rest else self._element(chosen, rest)
        return [value[at] if not rest else self._element(value[at], rest) for at in picked]

    def _computed_element(self, value: list[Any], place: Value, rest: Sequence[Any]) -> Value:
        found = [self._element(part, rest) if rest else part for part in value]
        values = [part.value if isinstance(part, Symbol) else part for part in found]
        if any(isinstance(part, list) for part in values):
            raise Refused("a row of an array at a position that depends on measured bits is not supported",
                          hint="index single elements")  # fmt: skip
        return Computed(Apply("element", (lifted(place), *map(lifted, values))))

    def positions(self, index: Any, length: int) -> tuple[list[int], bool]:
        """Return the zero-based positions an index names among `length`, and whether it names a single one.

        Raises:
            Refused: A position is out of range.
            Undecided: A position depends on measured bits.
        """
        if isinstance(index, ast.DiscreteSet):
            return [self._position(item, length) for item in index.values], False
        if len(index) != 1:
            raise Refused("registers have one dimension only")
        if isinstance(index[0], ast.RangeDefinition):
            return [_checked(i, length, index[0]) for i in self.expand_range(index[0], length)], False
        value = None if isinstance(index[0], ast.DiscreteSet) else self._evaluate(index[0], self._scope)
        if isinstance(value, list):
            return [_checked(integer(_plain(item), "the index"), length, index[0]) for item in value], False
        return [self._position(index[0], length)], True

    def _position(self, node: Any, length: int) -> int:
        runner = self._scope.root.runner
        if runner is not None and id(node) in runner.assumed:
            return runner.assumed[id(node)]
        value = self._evaluate(node, self._scope)
        if isinstance(value, RUNTIME):
            raise Undecided(node, lifted(value), length)
        return _checked(integer(value, "the index"), length, node)

    def expand_range(self, node: Any, length: int | None = None) -> range:
        """Return the integers of `start:step:end`, both ends included; open ends need a register's length.

        Raises:
            Refused: The step is zero, an end is missing, or the range is too long.
        """

        def end(part: Any, default: int | None) -> int:
            if part is not None:
                value = integer(self._evaluate(part, self._scope), "a range end")
                return value + length if length is not None and value < 0 else value
            if default is None:
                raise refuse(node, "this range needs both ends")
            return default

        step = 1 if node.step is None else integer(self._evaluate(node.step, self._scope), "the step")
        if step == 0:
            raise refuse(node, "the step of a range is 0")
        first, last = (0, length - 1) if length is not None else (None, None)
        if step < 0:
            first, last = last, first
        result = range(end(node.start, first), end(node.end, last) + (1 if step > 0 else -1), step)
        if abs(result.stop - result.start) // abs(step) > _MAX_RANGE:
            raise refuse(node, f"the range is longer than {_MAX_RANGE}")
        return result


def _width(expression: Expression) -> int:
    """Return the width of a value in bits, as far as its expression determines it."""
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


def _plain(item: Any) -> Value:
    return item.value if isinstance(item, Symbol) else item


def _checked(position: int, length: int, node: Any) -> int:
    if not -length <= position < length:
        raise refuse(node, f"index {position} is out of range", rule=f"the register has size {length}")
    return position % length
