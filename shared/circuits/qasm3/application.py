"""Gate applications of OpenQASM 3: standard gates, defined gates, modifiers and broadcasting."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from openqasm3 import ast

from shared.circuits.broadcast import broadcast
from shared.circuits.classical.values import Qubits, integer, number
from shared.circuits.instruction import (
    Angle,
    Barrier,
    Gate,
    Unitary,
    UnitaryInstruction,
    added,
    moved,
    scaled,
)
from shared.circuits.limits import Refused
from shared.circuits.qasm3.definition import Definition
from shared.circuits.qasm3.expression import evaluate
from shared.circuits.qasm3.machine import Machine, at
from shared.circuits.qasm3.modifier import control, inverse, power, work_of_power
from shared.circuits.qasm3.refusal import place, refuse
from shared.circuits.qasm3.scope import Scope, Symbol
from shared.circuits.qasm3.shape import ALIASES, check_shape, shape_of
from shared.circuits.recognition import named

Runner = Callable[[Machine, Sequence[Any]], None]


def apply_gate(machine: Machine, node: Any, run: Runner) -> None:
    """Apply a gate statement, or a `gphase` statement, to its operands.

    Args:
        machine: Receives the instructions.
        node: `ast.QuantumGate` or `ast.QuantumPhase`.
        run: Runs statements; used for the bodies of defined gates.

    Raises:
        Refused: An unknown gate, a wrong number of angles or qubits, or an invalid modifier.
    """
    is_phase = isinstance(node, ast.QuantumPhase)
    name = "gphase" if is_phase else node.name.name
    arguments = [node.argument] if is_phase else node.arguments
    with at(node):
        shape = shape_of(machine, name, node)
        angles = [_angle(machine, argument) for argument in arguments]
        operands = [machine.qubits(operand) for operand in node.qubits]
        modifiers = [_Modifier(machine, modifier) for modifier in node.modifiers]
        n_controls = sum(modifier.n_controls for modifier in modifiers)
        check_shape(node, name, shape, len(angles), len(operands), n_controls)
        for row in broadcast(operands):
            with _applied(machine, name, node):
                ops = _modified(machine, name, angles, row, modifiers, run)
            for op in ops:
                machine.emit(op)


@contextmanager
def _applied(machine: Machine, name: str, node: Any) -> Iterator[None]:
    """Add the place of application to refusals raised in the body of a gate."""
    try:
        yield
    except Refused as error:
        if error.line is not None and error.hint is None and machine.inside != "gate":
            line, column = place(node)
            error.hint = f"gate {name} is applied in line {line}, column {column}"
        raise


def _angle(machine: Machine, node: Any) -> Angle:
    return machine.angle(node)


class _Modifier:
    def __init__(self, machine: Machine, node: Any) -> None:
        self.kind = node.modifier.name
        self.n_controls, self.exponent = 0, 1.0
        with at(node):
            if self.kind == "pow":
                power_ = evaluate(node.argument, machine.scope, real=True)
                self.exponent = float(number(power_, "the power"))
                if not math.isfinite(self.exponent):
                    raise refuse(node, "the power is not finite")
            elif self.kind in ("ctrl", "negctrl"):
                self.n_controls = 1
                if node.argument is not None:
                    self.n_controls = integer(
                        evaluate(node.argument, machine.scope), "the number of controls"
                    )
                if not 1 <= self.n_controls <= machine.limits.qubits:
                    raise refuse(node, f"{self.n_controls} controls are not possible")


def _modified(
    machine: Machine,
    name: str,
    angles: Sequence[Angle],
    qubits: tuple[int, ...],
    modifiers: Sequence[_Modifier],
    run: Runner,
) -> list[UnitaryInstruction]:
    n_controls = sum(modifier.n_controls for modifier in modifiers)
    ops = _expanded(machine, name, angles, qubits[n_controls:], run, bare=not modifiers)
    end = n_controls
    for modifier in reversed(modifiers):
        if modifier.kind == "inv":
            ops = inverse(ops)
        elif modifier.kind == "pow":
            machine.budget.work(work_of_power(ops, modifier.exponent))
            ops = power(ops, modifier.exponent, machine.limits.instructions)
        else:
            controls = qubits[end - modifier.n_controls : end]
            end -= modifier.n_controls
            flips = (
                [Gate("x", (qubit,), noiseless=True) for qubit in controls]
                if modifier.kind == "negctrl"
                else []
            )
            ops = [*flips, *control(ops, controls, machine.limits.instructions), *flips]
        machine.budget.allow(len(ops))
        machine.budget.work(len(ops))
    return ops


def _expanded(
    machine: Machine, name: str, angles: Sequence[Angle], qubits: tuple[int, ...], run: Runner, bare: bool
) -> list[UnitaryInstruction]:
    definition = machine.gates.get(name)
    if definition is not None:
        return _defined(machine, definition, angles, qubits, run)
    if name in ("U", "u2", "u3"):
        # The global phases of these matter only under a control: omit them if they have no effect.
        return _phased(name, angles, qubits, visible=not bare or machine.inside == "gate")
    return [Gate(ALIASES.get(name, name), qubits, tuple(angles))]


def _phased(
    name: str, angles: Sequence[Angle], qubits: tuple[int, ...], visible: bool
) -> list[UnitaryInstruction]:
    if name == "u2":
        angles = (math.pi / 2, *angles)
    theta, phi, lam = angles
    body: UnitaryInstruction = Gate("u", qubits, (theta, phi, lam))
    phase = scaled(theta, 0.5) if name == "U" else scaled(added(phi, lam), -0.5)
    return [Gate("gphase", (), (phase,)), body] if visible else [body]


def _defined(
    machine: Machine, definition: Definition, angles: Sequence[Angle], qubits: tuple[int, ...], run: Runner
) -> list[UnitaryInstruction]:
    key = (definition, tuple(angles))
    if key not in machine.expansions:
        machine.expansions[key] = _body(machine, definition, angles, run)
    return [moved(op, qubits) for op in machine.expansions[key]]


def _body(
    machine: Machine, definition: Definition, angles: Sequence[Angle], run: Runner
) -> tuple[UnitaryInstruction, ...]:
    """Return the gates of a definition, on qubits numbered as its operands."""
    node, gates = definition.node, machine.gates
    scope = Scope(symbols=dict(definition.constants))
    for parameter, value in zip(node.arguments, angles, strict=True):
        scope.symbols[parameter.name] = Symbol(value)
    for index, operand in enumerate(node.qubits):
        scope.symbols[operand.name] = Symbol(Qubits((index,)))
    machine.gates = definition.gates
    try:
        with machine.expanding("gate"), machine.nested(scope, []) as body:
            run(machine, node.body)
    finally:
        machine.gates = gates
    ops = [op for op in body if isinstance(op, Gate | Unitary | Barrier)]
    return named(node.name.name, len(node.qubits), angles, ops, machine.budget, phase=True)
