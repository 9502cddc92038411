"""Reads OpenQASM 3 text into a circuit record: runs the program's classical part and emits its quantum part.

Computations that depend on measured bits are emitted into the circuit.

Source: OpenQASM 3.0 language specification; Cross et al., ACM Trans. Quantum Comput. 3, 12 (2022).
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from openqasm3 import ast

from shared.circuits.classical.values import RUNTIME, Bits, Duration, Qubits, Value, describe, integer
from shared.circuits.instruction import Affine, Barrier, Measure, Reset
from shared.circuits.limits import Budget, Limits
from shared.circuits.qasm3 import control_flow, subroutine, variable
from shared.circuits.qasm3.application import apply_gate
from shared.circuits.qasm3.conditional import Jump, Runner, frame_of, run_cases, run_unless_left
from shared.circuits.qasm3.definition import define
from shared.circuits.qasm3.expression import convert, evaluate
from shared.circuits.qasm3.machine import Machine, at
from shared.circuits.qasm3.memory import Memory
from shared.circuits.qasm3.quotient import is_real
from shared.circuits.qasm3.refusal import refuse
from shared.circuits.qasm3.scope import Scope, Symbol
from shared.circuits.qasm3.selection import Undecided
from shared.circuits.qasm3.syntax import construct, parse
from shared.circuits.qasm3.unsound import sound
from shared.circuits.qasm3.work import weight
from shared.circuits.record import CircuitRecord
from shared.circuits.scan import Token

_MISTAKEN: Final = {"qelib1.inc": "OpenQASM 3 has these gates in stdgates.inc"}
_ACTING_PRAGMA: Final = re.compile(r"\s*braket\s+(unitary|noise)\b")
_PRAGMAS: Final = {
    "noise": "give the job a noise model: docs/noise.md",
    "unitary": "write the matrix as a gate, of U and controls",
}
_GLOBAL_ONLY: Final = (
    ast.QubitDeclaration, ast.QuantumGateDefinition, ast.SubroutineDefinition, ast.IODeclaration, ast.Include,
)  # fmt: skip


def read_qasm3(text: str, found: list[Token], limits: Limits) -> CircuitRecord:
    """Read OpenQASM 3 text whose tokens were already scanned.

    Raises:
        Refused: The text is malformed, over the limits, or uses features that a record cannot represent.
    """
    machine = Machine(limits, Budget(limits), Memory(limits))
    machine.scope.runner = _Runner(machine)
    try:
        run(machine, parse(text, found, limits))
    except Jump:
        pass  # `end`: frames catch all other jumps
    return machine.record()


class _Runner:
    """Provides expressions with access to their program; see `shared.circuits.qasm3.scope.Runner`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.assumed = machine.assumed

    def call(self, node: Any) -> Value | None:
        """Return the value of a call of one of the program's subroutines, or None if the name is unknown."""
        if node.name.name not in self._machine.subroutines:
            return None
        value = subroutine.call(self._machine, node, run)
        if value is None:
            raise refuse(node, f"{node.name.name} returns nothing")
        return value

    def returns(self, name: str) -> Any:
        """Return the declared return type of the program's own subroutine of this name."""
        definition = self._machine.subroutines.get(name)
        return None if definition is None else definition.return_type

    def branch(self, condition: Value, node: Any) -> Value:
        """Return the truth of an operand that is evaluated only if a run-time condition holds."""
        return subroutine.branch(self._machine, condition, node)


def run(machine: Machine, statements: Sequence[Any]) -> None:
    """Run statements in the machine's innermost block.

    Raises:
        Refused: An invalid or unsupported statement, with its position.
        Jump: A statement leaves this block.
    """
    for number, statement in enumerate(statements):
        if machine.pending:
            _run_rest(machine, statements[number:])
            return
        handler = _HANDLERS.get(type(statement))
        if handler is None:
            raise refuse(statement, f"{construct(statement)} is not supported")
        if machine.scope.parent is not None and isinstance(statement, _GLOBAL_ONLY):
            raise refuse(statement, f"{construct(statement)} is allowed at the top of the program only")
        first = len(machine.temporaries)
        try:
            with at(statement), sound(statement):
                machine.budget.work(weight(statement))
                _perform(machine, statement, handler)
        except Jump:
            machine.release_temporaries(first)
            raise
        machine.release_temporaries(first)


def _run_rest(machine: Machine, statements: Sequence[Any]) -> None:
    """Run the statements after a jump that depends on a measurement."""
    run_unless_left(machine, statements[0], statements, lambda: run(machine, statements), machine.scope)


def _perform(machine: Machine, statement: Any, handler: Callable[[Machine, Any], None]) -> None:
    """Run a statement, case by case if one of its indices depends on measured bits."""
    size = len(machine.block)
    try:
        handler(machine, statement)
    except Undecided as case:
        del machine.block[size:]
        if isinstance(statement, ast.ClassicalDeclaration):
            variable.declare(machine, ast.ClassicalDeclaration(statement.type, statement.identifier))
            statement = _assignment(statement)
            handler = variable.assign
        run_cases(machine, statement, case, lambda: _perform(machine, statement, handler))


def _assignment(declaration: Any) -> Any:
    """Return the assignment that a declaration ends with."""
    sign = ast.AssignmentOperator["="]
    node = ast.ClassicalAssignment(declaration.identifier, sign, declaration.init_expression)
    node.span = declaration.span
    return node


def _include(machine: Machine, node: Any) -> None:
    if node.filename != "stdgates.inc":
        raise refuse(
            node,
            f"the file {node.filename[:60]!r} cannot be included",
            rule="only stdgates.inc can be included",
            hint=_MISTAKEN.get(node.filename, "paste the gate definitions into the circuit"),
        )
    machine.stdgates = True


def _declare_qubits(machine: Machine, node: Any) -> None:
    if machine.physical:
        raise refuse(node, "declared qubits cannot be mixed with physical ones")
    size = 1 if node.size is None else integer(evaluate(node.size, machine.scope), "the size")
    machine.declare(node, node.qubit.name, Symbol(machine.add_qubits(size, node)))


def _define_subroutine(machine: Machine, node: Any) -> None:
    name = node.name.name
    if name in machine.subroutines:
        raise refuse(node, f"subroutine {name!r} is already defined")
    machine.subroutines[name] = node


def _declare_io(machine: Machine, node: Any) -> None:
    name = node.identifier.name
    if node.io_identifier.name == "output":
        variable.declare(machine, ast.ClassicalDeclaration(node.type, node.identifier, None), node)
        return
    if not isinstance(node.type, ast.FloatType | ast.AngleType):
        raise refuse(node, f"input {name!r} is not an angle", rule="inputs are of type float or angle")
    machine.declare(node, name, Symbol(Affine(((name, 1.0),))))
    machine.parameters.append(name)


def _declare_constant(machine: Machine, node: Any) -> None:
    value = evaluate(node.init_expression, machine.scope, real=is_real(node.type))
    value = convert(value, node.type, machine.scope)
    if isinstance(value, RUNTIME):
        raise refuse(node, f"the constant {node.identifier.name!r} is {describe(value)}")
    machine.declare(node, node.identifier.name, Symbol(value))


def _measure(machine: Machine, node: Any) -> None:
    qubits = machine.qubits(node.measure.qubit)
    if node.target is None:
        for qubit in qubits:
            machine.emit(Measure(qubit, None))
        return
    target = None
    try:
        target = machine.operand(node.target)
    except Undecided:
        pass
    if isinstance(target, Bits) and _assignable(machine, node.target):
        machine.measure(node, qubits, target.indices)
        return
    bits = machine.temporary(len(qubits))
    machine.measure(node, qubits, bits)
    variable.put(machine, node, node.target, Bits(bits))


def _assignable(machine: Machine, target: Any) -> bool:
    """Return whether an operand names register bits, into which a measurement can write directly."""
    name = target.name if isinstance(target, ast.Identifier) else target.name.name
    symbol = machine.scope.find(name)
    return symbol is not None and isinstance(symbol.value, Bits)


def _reset(machine: Machine, node: Any) -> None:
    for qubit in machine.qubits(node.qubits):
        machine.emit(Reset(qubit))


def _barrier(machine: Machine, node: Any) -> None:
    named = [qubit for operand in node.qubits for qubit in machine.qubits(operand)]
    machine.emit(Barrier(tuple(dict.fromkeys(named)) or tuple(range(machine.n_qubits))))


def _delay(machine: Machine, node: Any) -> None:
    """Check a delay's operands; delays have no effect on an ideal circuit."""
    length = evaluate(node.duration, machine.scope)
    if not isinstance(length, Duration):
        raise refuse(node.duration, f"a duration is needed here, not {describe(length)}", hint="delay[100ns]")
    if (
        not length.open
        and min(length.seconds, length.periods) < 0.0
        and max(length.seconds, length.periods) <= 0.0
    ):
        raise refuse(node.duration, "a delay cannot be negative")
    for operand in node.qubits:
        machine.qubits(operand)


def _box(machine: Machine, node: Any) -> None:
    with machine.nested(Scope(machine.scope)):
        run(machine, node.body)


def _compound(machine: Machine, node: Any) -> None:
    with machine.nested(Scope(machine.scope)):
        run(machine, node.statements)


def _alias(machine: Machine, node: Any) -> None:
    value = evaluate(node.value, machine.scope)
    if not isinstance(value, Qubits | Bits):
        raise refuse(node, "let names qubits or bits only")
    machine.declare(node, node.target.name, Symbol(value))


def _expression(machine: Machine, node: Any) -> None:
    value = node.expression
    if isinstance(value, ast.FunctionCall) and value.name.name in machine.subroutines:
        subroutine.call(machine, value, run)
    else:
        evaluate(value, machine.scope)


def _jump(machine: Machine, node: Any) -> None:
    frame_of(machine, node)
    raise Jump(node)


def _pragma(machine: Machine, node: Any) -> None:
    """Ignore a pragma, unless it would change the circuit's behaviour."""
    found = _ACTING_PRAGMA.match(node.command)
    if found is not None:
        rule = f"the pragma 'braket {found[1]}' changes the circuit and is not read"
        raise refuse(node, rule, hint=_PRAGMAS[found[1]])


def _flow(runner: Callable[[Machine, Any, Runner], None]) -> Callable[[Machine, Any], None]:
    return lambda machine, node: runner(machine, node, run)


_HANDLERS: Final[dict[type, Callable[[Machine, Any], None]]] = {
    ast.QuantumGate: _flow(apply_gate),
    ast.QuantumPhase: _flow(apply_gate),
    ast.QuantumMeasurementStatement: _measure,
    ast.QuantumReset: _reset,
    ast.QuantumBarrier: _barrier,
    ast.DelayInstruction: _delay,
    ast.Box: _box,
    ast.CompoundStatement: _compound,
    ast.QubitDeclaration: _declare_qubits,
    ast.ClassicalDeclaration: variable.declare,
    ast.ConstantDeclaration: _declare_constant,
    ast.IODeclaration: _declare_io,
    ast.ClassicalAssignment: variable.assign,
    ast.ExpressionStatement: _expression,
    ast.AliasStatement: _alias,
    ast.QuantumGateDefinition: define,
    ast.SubroutineDefinition: _define_subroutine,
    ast.BranchingStatement: _flow(control_flow.run_if),
    ast.SwitchStatement: _flow(control_flow.run_switch),
    ast.ForInLoop: _flow(control_flow.run_for),
    ast.WhileLoop: _flow(control_flow.run_while),
    ast.BreakStatement: _jump,
    ast.ContinueStatement: _jump,
    ast.ReturnStatement: subroutine.run_return,
    ast.EndStatement: _jump,
    ast.Include: _include,
    ast.Pragma: _pragma,
}
