"""OpenQASM 3 text to a circuit record: runs the program's classical part and emits its quantum part.

Everything classical must be known before the circuit runs, except measured bits and conditions on them.

Source: OpenQASM 3.0 language specification; Cross et al., ACM Trans. Quantum Comput. 3, 12 (2022).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from openqasm3 import ast

from shared.circuit import control_flow
from shared.circuit.application import apply_gate
from shared.circuit.control_flow import Jump
from shared.circuit.definition import define
from shared.circuit.expression import convert, evaluate, refuse
from shared.circuit.instruction import Affine, Barrier, Measure, Reset
from shared.circuit.limits import Budget, Limits
from shared.circuit.machine import Machine, at
from shared.circuit.record import CircuitRecord
from shared.circuit.scan import Token
from shared.circuit.scope import Symbol
from shared.circuit.syntax import construct, parse
from shared.circuit.values import Bits, BitString, Qubits, Value, binary, integer

_GLOBAL_ONLY: Final = (
    ast.QubitDeclaration, ast.QuantumGateDefinition, ast.SubroutineDefinition, ast.IODeclaration, ast.Include,
)  # fmt: skip


def read_qasm3(text: str, found: list[Token], limits: Limits) -> CircuitRecord:
    """Read OpenQASM 3 text whose tokens were scanned already.

    Raises:
        Refused: The text is malformed, over the limits, or says what a record cannot hold.
    """
    machine = Machine(limits, Budget(limits))
    try:
        run(machine, parse(text, found))
    except Jump as jump:
        if not isinstance(jump.node, ast.EndStatement):
            raise refuse(jump.node, "this statement is outside of any loop or subroutine") from None
    return machine.record()


def run(machine: Machine, statements: Sequence[Any]) -> None:
    """Run statements in the machine's innermost block.

    Raises:
        Refused: A statement that is wrong or not supported, with its place.
        Jump: A statement leaves this block.
    """
    for statement in statements:
        handler = _HANDLERS.get(type(statement))
        if handler is None:
            raise refuse(statement, f"{construct(statement)} is not supported")
        if machine.scope.parent is not None and isinstance(statement, _GLOBAL_ONLY):
            raise refuse(statement, f"{construct(statement)} is allowed at the top of the program only")
        with at(statement):
            handler(machine, statement)


def _include(machine: Machine, node: Any) -> None:
    if node.filename != "stdgates.inc":
        raise refuse(
            node,
            f"the file {node.filename[:60]!r} cannot be included",
            rule="only stdgates.inc can be included",
            hint="paste the gate definitions into the circuit",
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
        _declare_variable(machine, ast.ClassicalDeclaration(node.type, node.identifier, None), node)
        return
    if not isinstance(node.type, ast.FloatType | ast.AngleType):
        raise refuse(node, f"input {name!r} is not an angle", rule="inputs are of type float or angle")
    machine.declare(node, name, Symbol(Affine(((name, 1.0),))))
    machine.parameters.append(name)


def _declare_constant(machine: Machine, node: Any) -> None:
    value = convert(_value(machine, node.init_expression), node.type, machine.scope)
    machine.declare(node, node.identifier.name, Symbol(value, node.type))


def _declare_variable(machine: Machine, node: Any, placed: Any = None) -> None:
    where, name, initial = placed or node, node.identifier.name, node.init_expression
    if isinstance(node.type, ast.BitType):
        _declare_bits(machine, node, where)
        return
    if isinstance(initial, ast.QuantumMeasurement):
        raise refuse(where, "a measurement needs a bit to go to", hint=f"bit {name} = measure ...;")
    if isinstance(node.type, ast.ArrayType):
        value = _array(_value(machine, initial), node.type, machine) if initial else []
    else:
        value = convert(_value(machine, initial) if initial else 0, node.type, machine.scope)
    machine.declare(where, name, Symbol(value, node.type, const=False))


def _array(value: Value, target: Any, machine: Machine) -> Value:
    if not isinstance(value, list):
        raise refuse(target, "an array needs a list of values in braces")
    return [
        item if isinstance(item, list) else convert(item, target.base_type, machine.scope) for item in value
    ]


def _declare_bits(machine: Machine, node: Any, where: Any) -> None:
    name, initial = node.identifier.name, node.init_expression
    size = 1 if node.type.size is None else integer(evaluate(node.type.size, machine.scope), "the size")
    if machine.scope.parent is not None:
        hint = "declare it at the top of the program and use it here"
        raise refuse(where, f"bit {name!r} is declared inside a block", hint=hint)
    value = (
        None if initial is None or isinstance(initial, ast.QuantumMeasurement) else _value(machine, initial)
    )
    if isinstance(value, bool | int | BitString) and integer(value) != 0:
        raise refuse(
            where,
            f"bits {name!r} start with a value other than 0",
            rule="bits start as 0 and change by measurement only",
            hint="use a const for known bit strings",
        )
    bits = machine.add_register(name, size, where)
    machine.declare(where, name, Symbol(bits))
    if isinstance(initial, ast.QuantumMeasurement):
        _measure_into(machine, where, machine.qubits(initial.qubit), bits.indices)
    elif isinstance(value, Qubits):
        _measure_into(machine, where, value.indices, bits.indices)
    elif isinstance(value, Bits):
        raise refuse(where, "measured bits cannot be copied")


def _value(machine: Machine, node: Any) -> Value:
    """A value, by an expression or a subroutine; qubits stand for a measurement the subroutine ends with."""
    if isinstance(node, ast.FunctionCall) and node.name.name in machine.subroutines:
        result = control_flow.call_subroutine(machine, node, run)
        if result is None:
            raise refuse(node, f"{node.name.name} returns nothing")
        return result  # type: ignore[no-any-return]
    return evaluate(node, machine.scope)


def _assign(machine: Machine, node: Any) -> None:
    value = _value(machine, node.rvalue)
    if isinstance(value, Qubits):
        _measure_into(machine, node, value.indices, machine.bits(node.lvalue))
        return
    if not isinstance(node.lvalue, ast.Identifier):
        raise refuse(node, "single elements cannot be assigned", rule="bits change by measurement only")
    name = node.lvalue.name
    symbol = machine.scope.find(name)
    if symbol is None:
        raise refuse(node, f"{name!r} is not declared")
    if isinstance(symbol.value, Bits):
        raise refuse(node, f"bits {name!r} cannot be assigned", rule="bits change by measurement only")
    sign = node.op.name.removesuffix("=")
    if sign:
        value = binary(sign, symbol.value, value)
    if symbol.type is not None and not isinstance(symbol.type, ast.ArrayType):
        value = convert(value, symbol.type, machine.scope)
    machine.scope.assign(name, value)


def _measure(machine: Machine, node: Any) -> None:
    qubits = machine.qubits(node.measure.qubit)
    if node.target is None:
        raise refuse(node, "the result of this measurement goes nowhere", hint="c = measure q;")
    _measure_into(machine, node, qubits, machine.bits(node.target))


def _measure_into(machine: Machine, node: Any, qubits: Sequence[int], bits: Sequence[int]) -> None:
    if len(qubits) != len(bits):
        raise refuse(node, f"{len(qubits)} qubits cannot be measured into {len(bits)} bits")
    for qubit, bit in zip(qubits, bits, strict=True):
        machine.emit(Measure(qubit, bit))


def _reset(machine: Machine, node: Any) -> None:
    for qubit in machine.qubits(node.qubits):
        machine.emit(Reset(qubit))


def _barrier(machine: Machine, node: Any) -> None:
    named = [qubit for operand in node.qubits for qubit in machine.qubits(operand)]
    machine.emit(Barrier(tuple(dict.fromkeys(named)) or tuple(range(machine.n_qubits))))


def _delay(machine: Machine, node: Any) -> None:
    """Delays have no effect on an ideal circuit: only their operands are checked."""
    for operand in node.qubits:
        machine.qubits(operand)


def _alias(machine: Machine, node: Any) -> None:
    value = evaluate(node.value, machine.scope)
    if not isinstance(value, Qubits | Bits):
        raise refuse(node, "let names qubits or bits only")
    machine.declare(node, node.target.name, Symbol(value))


def _expression(machine: Machine, node: Any) -> None:
    value = node.expression
    if not isinstance(value, ast.FunctionCall) or value.name.name not in machine.subroutines:
        evaluate(value, machine.scope)
    elif isinstance(control_flow.call_subroutine(machine, value, run), Qubits):
        raise refuse(node, "the measured result of this call goes nowhere", hint="assign it to a bit")


def _jump(machine: Machine, node: Any) -> None:
    raise Jump(node)


def _nothing(machine: Machine, node: Any) -> None:
    """Pragmas are hints for tools that know them."""


def _flow(runner: Callable[[Machine, Any, control_flow.Runner], None]) -> Callable[[Machine, Any], None]:
    return lambda machine, node: runner(machine, node, run)


_HANDLERS: Final[dict[type, Callable[[Machine, Any], None]]] = {
    ast.QuantumGate: _flow(apply_gate),
    ast.QuantumPhase: _flow(apply_gate),
    ast.QuantumMeasurementStatement: _measure,
    ast.QuantumReset: _reset,
    ast.QuantumBarrier: _barrier,
    ast.DelayInstruction: _delay,
    ast.Box: lambda machine, node: run(machine, node.body),
    ast.CompoundStatement: lambda machine, node: run(machine, node.statements),
    ast.QubitDeclaration: _declare_qubits,
    ast.ClassicalDeclaration: _declare_variable,
    ast.ConstantDeclaration: _declare_constant,
    ast.IODeclaration: _declare_io,
    ast.ClassicalAssignment: _assign,
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
    ast.ReturnStatement: _jump,
    ast.EndStatement: _jump,
    ast.Include: _include,
    ast.Pragma: _nothing,
}
