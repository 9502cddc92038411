"""Classical variables of an OpenQASM 3 program: declaration, assignment, and moves into the circuit's memory.

A variable is known at read time until its value depends on a measurement. From then on it lives in the
circuit's memory, and the circuit computes it at run time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openqasm3 import ast

from shared.circuits.classical.computation import Apply
from shared.circuits.classical.types import Type
from shared.circuits.classical.values import RUNTIME, Bits, Computed, Duration, Qubits, Stored, Value, integer
from shared.circuits.instruction import Affine
from shared.circuits.limits import Refused
from shared.circuits.qasm3.assigned import assigned
from shared.circuits.qasm3.expression import (
    applied,
    convert,
    converted,
    declared_type,
    evaluate,
    node_size,
    selector,
)
from shared.circuits.qasm3.machine import Machine, at
from shared.circuits.qasm3.quotient import is_real
from shared.circuits.qasm3.refusal import refuse
from shared.circuits.qasm3.runtime import lifted
from shared.circuits.qasm3.scope import Symbol

Elements = Any
"""A symbol, or a list of elements."""


def declare(machine: Machine, node: Any, placed: Any = None) -> None:
    """Declare a variable and initialize it."""
    where, name, initial = placed or node, node.identifier.name, node.init_expression
    if isinstance(node.type, ast.BitType):
        _declare_bits(machine, node, where)
    elif isinstance(node.type, ast.ArrayType):
        _declare_array(machine, node, where)
    else:
        kind = declared_type(node.type, machine.scope)
        blank: Value = 0 if kind is not None else Duration()
        given = rvalue(machine, initial, real=is_real(node.type)) if initial else blank
        value = convert(given, node.type, machine.scope)
        symbol = Symbol(value, kind, const=False)
        machine.declare(where, name, symbol)
        if isinstance(value, RUNTIME):
            _store(machine, where, symbol, value)


def _declare_bits(machine: Machine, node: Any, where: Any) -> None:
    name, initial = node.identifier.name, node.init_expression
    size = 1 if node_size(node.type) is None else integer(evaluate(node.type.size, machine.scope), "the size")
    if machine.scope.parent is None:
        bits = machine.add_register(name, size, where)
    else:
        if size < 1:
            raise refuse(where, f"a register of size {size} cannot be declared", rule="sizes are positive")
        bits = Bits(machine.owned(machine.scope, size))
    if isinstance(initial, ast.QuantumMeasurement):
        machine.measure(where, machine.qubits(initial.qubit), bits.indices)
    elif initial is not None:
        value = rvalue(machine, initial)
        if isinstance(value, RUNTIME) or integer(converted(value, Type("bit", size))) != 0:
            machine.store(where, bits.indices, Type("bit", size), value)
    machine.declare(where, name, Symbol(bits, Type("bit", size), const=False))


def _declare_array(machine: Machine, node: Any, where: Any) -> None:
    kind = declared_type(node.type.base_type, machine.scope)
    sizes = [integer(evaluate(item, machine.scope), "a dimension") for item in node.type.dimensions]
    for size in sizes:
        if size < 0:
            raise refuse(where, f"an array of size {size} cannot be declared", rule="sizes are not negative")
    if _product(sizes) > machine.limits.instructions:
        raise refuse(where, f"the array has more than {machine.limits.instructions} elements")
    blank: Value = Duration() if kind is None else convert(0, node.type.base_type, machine.scope)
    elements = _blank(machine, blank, kind, sizes)
    if node.init_expression is not None:
        with at(where):
            real = is_real(node.type.base_type)
            copy(machine, where, elements, evaluate(node.init_expression, machine.scope, real=real))
    machine.declare(where, node.identifier.name, Symbol(elements, kind, const=False))


def _product(sizes: Sequence[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _blank(machine: Machine, value: Value, kind: Type | None, sizes: Sequence[int]) -> Elements:
    if not sizes:
        return Symbol(value, kind, const=False, level=machine.level)
    return [_blank(machine, value, kind, sizes[1:]) for _ in range(sizes[0])]


def rvalue(machine: Machine, node: Any, *, real: bool = False) -> Value:
    """Return the value of an expression (see `evaluate`) or of a measurement."""
    if isinstance(node, ast.QuantumMeasurement):
        qubits = machine.qubits(node.qubit)
        bits = machine.temporary(len(qubits))
        machine.measure(node, qubits, bits)
        return Bits(bits)
    return evaluate(node, machine.scope, real=real)


def assign(machine: Machine, node: Any) -> None:
    """Run an assignment statement.

    Raises:
        Refused: The target is constant or no variable, or the value does not suit it.
    """
    sign = node.op.name.removesuffix("=")
    value = rvalue(machine, node.rvalue, real=_is_real(machine, node.lvalue))
    if sign:
        value = applied(sign, [machine.operand(node.lvalue), value])
    put(machine, node, node.lvalue, value)


def _is_real(machine: Machine, target: Any) -> bool:
    """Return whether the target of an assignment is a float, an angle, or elements of these types."""
    name = target.name if isinstance(target, ast.Identifier) else target.name.name
    symbol = machine.scope.find(name)
    return symbol is not None and symbol.type is not None and symbol.type.kind in ("float", "angle")


def put(machine: Machine, node: Any, target: Any, value: Value) -> None:
    """Assign a value to the target of an identifier with indices."""
    name, indices = (target.name, []) if isinstance(target, ast.Identifier) else \
        (target.name.name, list(target.indices))  # fmt: skip
    symbol = machine.scope.find(name)
    if symbol is None:
        raise refuse(node, f"{name!r} is not declared")
    if symbol.const or isinstance(symbol.value, Qubits):
        raise refuse(node, f"{name!r} is constant and cannot be assigned")
    cases = _reached(machine, node, symbol, indices)
    if len(cases) == 1 and cases[0].condition is True:
        _put_into(machine, node, cases[0], value)
        return
    # Every element is rewritten: the selected one with the value, all others with their own.
    kept = _kept(machine, node, cases[0].elements, value) if cases else value
    for case in cases:
        if case.left or not isinstance(case.elements, Symbol):
            raise refuse(node, "only one element can be assigned at a position that depends on measured bits")
        move_into_memory(machine, node, case.elements)
        choice = applied("choose", [case.condition, kept, case.elements.value])
        set_to(machine, node, case.elements, choice)


@dataclass(frozen=True, slots=True)
class _Case:
    """A possible target of an assignment: elements, remaining indices for bits, and the condition."""

    condition: Value
    elements: Elements
    left: list[Any]


def _put_into(machine: Machine, node: Any, case: _Case, value: Value) -> None:
    if case.left:
        _put_bits(machine, node, case.elements, case.left, value)
    elif isinstance(case.elements, list):
        copy(machine, node, case.elements, value)
    else:
        set_to(machine, node, case.elements, value)


def _reached(machine: Machine, node: Any, symbol: Symbol, indices: Sequence[Any]) -> list[_Case]:
    """Return the targets of indices: one case, or one per position that a measurement may select."""
    if not isinstance(symbol.value, list):
        return [_Case(True, symbol, list(indices))]
    items: list[Any] = []
    for index in indices:
        items += [index] if isinstance(index, ast.DiscreteSet) else [[item] for item in index]
    return _cases(machine, node, symbol.value, items)


def _cases(machine: Machine, node: Any, elements: Elements, items: list[Any]) -> list[_Case]:
    if not items or isinstance(elements, Symbol):
        return [_Case(True, elements, items)]
    index, *rest = items
    if not isinstance(index, ast.DiscreteSet) and not isinstance(index[0], ast.RangeDefinition):
        place = evaluate(index[0], machine.scope)
        if isinstance(place, RUNTIME):
            return _anywhere(machine, node, elements, place, rest)
    picked, single = selector(machine.scope).positions(index, len(elements))
    if single:
        return _cases(machine, node, elements[picked[0]], rest)
    parts = [_cases(machine, node, elements[place], rest) for place in picked]
    if any(len(part) != 1 or part[0].left for part in parts):
        raise refuse(node, "this part of an array cannot be assigned")
    return [_Case(True, [part[0].elements for part in parts], [])]


def _anywhere(
    machine: Machine, node: Any, elements: list[Elements], place: Value, rest: list[Any]
) -> list[_Case]:
    kind = Type("uint", max(1, len(elements).bit_length()))
    chosen = machine.temporary(kind.bits)
    machine.store(node, chosen, kind, applied("position", [place, len(elements)]))
    found = []
    for number, element in enumerate(elements):
        hit = applied("==", [Stored(chosen, kind), number])
        for case in _cases(machine, node, element, rest):
            both = hit if case.condition is True else applied("&&", [hit, case.condition])
            found.append(_Case(both, case.elements, case.left))
    return found


def _kept(machine: Machine, node: Any, symbol: Symbol, value: Value) -> Value:
    """Return a value for a variable, unaffected by later changes of its operands."""
    if symbol.type is None or not isinstance(value, RUNTIME):
        return value
    bits = machine.temporary(symbol.type.bits)
    machine.store(node, bits, symbol.type, value)
    return Stored(bits, symbol.type)


def _put_bits(machine: Machine, node: Any, symbol: Symbol, indices: list[Any], value: Value) -> None:
    """Assign to some bits of a register or of an integer."""
    if not isinstance(symbol, Symbol) or len(indices) != 1:
        raise refuse(node, "bits of a single variable can be assigned only")
    index = indices[0]
    single = isinstance(index, list) and len(index) == 1 and not isinstance(index[0], ast.RangeDefinition)
    place = evaluate(index[0], machine.scope) if single else None
    move_into_memory(machine, node, symbol)
    if isinstance(place, RUNTIME):
        whole = lifted(symbol.value)
        kind = Type("bit", len(symbol.value.indices))  # type: ignore[union-attr]
        changed = Apply("replace", (whole, lifted(place), lifted(converted(value, Type("bool")))))
        machine.store(node, symbol.value.indices, kind, Computed(changed))  # type: ignore[union-attr]
        return
    picked = selector(machine.scope).select(symbol.value, index)
    if not isinstance(picked, Bits):
        raise refuse(node, "this cannot be assigned")
    kind = Type("bool") if single and len(picked.indices) == 1 else Type("bit", len(picked.indices))
    machine.store(node, picked.indices, kind, value)


def copy(machine: Machine, node: Any, target: Elements, value: Any) -> None:
    """Assign an array, or a part of one.

    Raises:
        Refused: The shapes differ.
    """
    if isinstance(value, Symbol):
        value = value.value
    if isinstance(target, Symbol):
        if isinstance(value, list):
            raise refuse(node, "an array is given where a single value is needed")
        set_to(machine, node, target, value)
        return
    if not isinstance(value, list) or len(value) != len(target):
        shown = f"{len(value)} elements" if isinstance(value, list) else "a single value"
        raise refuse(node, f"{shown} cannot be assigned to an array of {len(target)}")
    kept = [_snapshot(machine, node, part, item) for part, item in zip(target, value, strict=True)]
    for part, item in zip(target, kept, strict=True):
        copy(machine, node, part, item)


def _snapshot(machine: Machine, node: Any, target: Elements, value: Any) -> Any:
    """Return the value of an element before any other is assigned."""
    if isinstance(value, Symbol):
        value = value.value
    if isinstance(value, list):
        return value if isinstance(target, Symbol) else \
            [_snapshot(machine, node, *pair) for pair in zip(target, value, strict=False)] \
            if len(value) == len(target) else value  # fmt: skip
    return _kept(machine, node, target, value) if isinstance(target, Symbol) else value


def set_to(machine: Machine, node: Any, symbol: Symbol, value: Value) -> None:
    """Assign a value to a variable.

    Raises:
        Refused: The value does not suit the type, or the target cannot change at run time.
    """
    with at(node):
        if symbol.type is None:
            if not isinstance(value, Duration):
                raise Refused("a duration is needed here")
            if symbol.level < machine.level:
                raise Refused("a duration cannot depend on measured bits")
            symbol.value = value
        elif isinstance(symbol.value, Bits):
            machine.store(node, symbol.value.indices, symbol.type, converted(value, symbol.type))
        elif isinstance(value, RUNTIME) or symbol.level < machine.level:
            _store(machine, node, symbol, converted(value, symbol.type))
        else:
            symbol.value = converted(value, symbol.type)


def _store(machine: Machine, node: Any, symbol: Symbol, value: Value) -> None:
    assert symbol.type is not None
    if symbol.storage is None:
        if symbol.level < machine.level:
            raise refuse(node, "this variable cannot depend on measured bits")
        symbol.storage = machine.owned(_owner(machine, symbol), symbol.type.bits)
    machine.store(node, symbol.storage, symbol.type, value)
    symbol.value = Stored(symbol.storage, symbol.type)


def _owner(machine: Machine, symbol: Symbol) -> Any:
    """Return the block that declares a symbol; elements of arrays belong to the program."""
    scope = machine.scope
    while scope.parent is not None and all(symbol is not other for other in scope.symbols.values()):
        scope = scope.parent
    return scope


def move_into_memory(machine: Machine, node: Any, symbol: Symbol) -> None:
    """Move a known variable into the circuit's memory.

    Raises:
        Refused: It holds an input parameter.
    """
    value = symbol.value
    if isinstance(value, list):
        for element in value:
            _move_elements(machine, node, element)
    elif symbol.type is not None and not symbol.const and not isinstance(value, RUNTIME):
        if isinstance(value, Affine):
            raise refuse(node, "a variable that holds an input parameter would depend on measured bits")
        _store(machine, node, symbol, value)


def _move_elements(machine: Machine, node: Any, element: Elements) -> None:
    if isinstance(element, list):
        for part in element:
            _move_elements(machine, node, part)
    else:
        move_into_memory(machine, node, element)


def move_assigned(machine: Machine, node: Any, statements: Iterable[Any]) -> None:
    """Move variables that statements may assign into memory before emitting them conditionally."""
    for name in sorted(assigned(list(statements), machine.subroutines)):
        symbol = machine.scope.find(name)
        if symbol is not None:
            move_into_memory(machine, node, symbol)
