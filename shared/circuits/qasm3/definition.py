"""Gate definitions of OpenQASM 3, fully checked at the definition.

A body sees its parameters, its qubits, and the constants and gates defined before it.

Source: OpenQASM 3.0 specification, "Gates" and "Scoping of variables".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from openqasm3 import ast

from novacron.errors import nearest
from shared.circuits.classical.functions import check_call
from shared.circuits.classical.values import CONSTANTS, Bits, Qubits
from shared.circuits.instruction import Affine
from shared.circuits.qasm3.expression import evaluate
from shared.circuits.qasm3.machine import Machine, at
from shared.circuits.qasm3.refusal import refuse
from shared.circuits.qasm3.scope import Symbol
from shared.circuits.qasm3.shape import check_shape, shape_of
from shared.circuits.qasm3.syntax import construct

_RULE: Final = "gate bodies see constants and their own parameters and qubits only"


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A gate that a program defines; compared by identity, not by name.

    Attributes:
        node: The statement.
        constants: The program's constants that its body reads.
        gates: The program's gates that its body applies.
    """

    node: ast.QuantumGateDefinition
    constants: dict[str, Symbol] = field(default_factory=dict)
    gates: "dict[str, Definition]" = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of qubits and number of angles."""
        return len(self.node.qubits), len(self.node.arguments)


def define(machine: Machine, node: ast.QuantumGateDefinition) -> None:
    """Check a definition and add it to the program's gates.

    Raises:
        Refused: The name is already defined, an operand name occurs twice, or the body uses a name that is
            not visible to it.
    """
    name = node.name.name
    if name in machine.gates:
        raise refuse(node, f"gate {name!r} is already defined")
    if machine.globals.find(name) is not None or name in machine.subroutines:
        raise refuse(node, f"{name!r} is already declared")
    operands = [item.name for item in (*node.arguments, *node.qubits)]
    if len(set(operands)) != len(operands):
        raise refuse(node, f"gate {name!r} has two operands of the same name")
    definition = Definition(node)
    parameters = frozenset(item.name for item in node.arguments)
    _Body(machine, definition, parameters, frozenset(item.name for item in node.qubits)).check(node.body)
    machine.gates[name] = definition


class _Body:
    """Checks a body without knowing the values of its parameters.

    Attributes:
        values: Names whose values are known at each application.
        qubits: Names of qubits.
    """

    def __init__(
        self, machine: Machine, definition: Definition, values: frozenset[str], qubits: frozenset[str]
    ) -> None:
        self.machine = machine
        self.definition = definition
        self.values = set(values)
        self.qubits = set(qubits)

    def check(self, statements: list[Any]) -> None:
        """Check statements in order; names they declare are visible to those that follow."""
        for statement in statements:
            match statement:
                case ast.QuantumGate() | ast.QuantumPhase():
                    self._application(statement)
                case ast.ForInLoop():
                    self._expressions(statement.set_declaration)
                    self._inner(statement.block, statement.identifier.name)
                case ast.ConstantDeclaration():
                    self._expressions(statement.init_expression)
                    self.values.add(statement.identifier.name)
                case _:
                    self._other(statement)

    def _other(self, statement: Any) -> None:
        match statement:
            case ast.Box():
                self._inner(statement.body)
            case ast.CompoundStatement():
                self._inner(statement.statements)
            case ast.AliasStatement():
                self._operand(statement.value)
                self.qubits.add(statement.target.name)
            case ast.QuantumBarrier() | ast.DelayInstruction():
                if isinstance(statement, ast.DelayInstruction):
                    self._expressions(statement.duration)
                for operand in statement.qubits:
                    self._operand(operand)
            case _:  # not allowed in a gate
                raise refuse(statement, f"{construct(statement)} is not allowed in a gate definition")

    def _inner(self, statements: list[Any], *declared: str) -> None:
        inner = _Body(
            self.machine, self.definition, frozenset(self.values), frozenset(self.qubits - set(declared))
        )
        inner.values.update(declared)
        inner.check(statements)

    def _application(self, node: Any) -> None:
        is_phase = isinstance(node, ast.QuantumPhase)
        name = "gphase" if is_phase else node.name.name
        if name in self.values or name in self.qubits:
            raise refuse(node, f"{name!r} is an operand of gate {self.definition.node.name.name}, not a gate")
        arguments = [node.argument] if is_phase else node.arguments
        controlled = any(modifier.modifier.name in ("ctrl", "negctrl") for modifier in node.modifiers)
        given = None if controlled else len(node.qubits)
        check_shape(node, name, shape_of(self.machine, name, node), len(arguments), given)
        if name in self.machine.gates:
            self.definition.gates[name] = self.machine.gates[name]
        for argument in (*arguments, *(m.argument for m in node.modifiers if m.argument is not None)):
            self._expressions(argument)
        for operand in node.qubits:
            self._operand(operand)
        named = [operand.name for operand in node.qubits if isinstance(operand, ast.Identifier)]
        if len(set(named)) != len(named):
            raise refuse(node, "the same qubit is used twice in one gate")

    def _operand(self, node: Any) -> None:
        for name in _names(node):
            if name.name in self.qubits:
                continue
            if name.name in self.values or self._constant(name):
                if node is name:
                    raise refuse(node, f"a qubit is needed here, not {name.name!r}")
                continue
            self._unseen(name, self.qubits)

    def _expressions(self, node: Any) -> None:
        """Check the names in an expression; evaluate it if it has no parameters."""
        names = list(_names(node))
        for name in names:
            if name.name not in self.values and not self._constant(name):
                self._unseen(name, self.values)
        for called in _calls(node):
            if called.name.name in self.machine.subroutines:
                raise refuse(called, f"gate {self.definition.node.name.name} calls a subroutine", rule=_RULE)
            with at(called):
                check_call(called.name.name, len(called.arguments))
        if isinstance(node, ast.Expression) and not any(name.name in self.values for name in names):
            evaluate(node, self.machine.globals)

    def _constant(self, name: Any) -> bool:
        symbol = self.machine.globals.find(name.name)
        if symbol is None:
            return name.name in CONSTANTS
        if not symbol.const or isinstance(symbol.value, Qubits | Bits | Affine):
            return False
        self.definition.constants[name.name] = symbol
        return True

    def _unseen(self, name: Any, seen: set[str]) -> None:
        gate = self.definition.node.name.name
        if name.name in self.qubits:
            raise refuse(name, f"{name.name!r} is a qubit, not a value")
        if self.machine.globals.find(name.name) is not None or name.name.startswith("$"):
            hint = f"make it an operand of gate {gate}, or declare it as const"
            raise refuse(name, f"gate {gate} uses {name.name!r}, which is no constant", _RULE, hint)
        close = nearest(name.name, seen)
        raise refuse(
            name,
            f"{name.name!r} is not declared",
            rule=_RULE,
            hint=f"did you mean {close!r}?" if close else None,
        )


def _names(node: Any) -> Iterator[Any]:
    """Yield the identifiers that an expression or operand reads, except function names."""
    called = {id(call.name) for call in _calls(node)}
    return (found for found in _found(node, ast.Identifier) if id(found) not in called)


def _calls(node: Any) -> Iterator[Any]:
    return _found(node, ast.FunctionCall)


def _found(root: Any, kind: type) -> Iterator[Any]:
    """Yield the nodes of a kind in a syntax tree, in source order."""
    rest = [root]
    while rest:
        node = rest.pop()
        if isinstance(node, list):
            rest.extend(reversed(node))
        elif isinstance(node, ast.QASMNode):
            if isinstance(node, kind):
                yield node
            rest.extend(reversed(list(vars(node).values())))
