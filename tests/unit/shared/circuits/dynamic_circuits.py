"""Random dynamic circuits of Qiskit, and their exact distributions by following every history."""

import math
import random

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import CASE_DEFAULT, Clbit
from qiskit.circuit.classical import expr, types
from qiskit.quantum_info import Operator

FLIP = np.array([[0, 1], [1, 0]], dtype=complex)
BINARY = {
    "BIT_AND": lambda a, b: a & b, "BIT_OR": lambda a, b: a | b, "BIT_XOR": lambda a, b: a ^ b,
    "EQUAL": lambda a, b: a == b, "NOT_EQUAL": lambda a, b: a != b, "LESS": lambda a, b: a < b,
    "LESS_EQUAL": lambda a, b: a <= b, "GREATER": lambda a, b: a > b, "GREATER_EQUAL": lambda a, b: a >= b,
    "SHIFT_LEFT": lambda a, b: a << b, "SHIFT_RIGHT": lambda a, b: a >> b, "ADD": lambda a, b: a + b,
    "SUB": lambda a, b: a - b, "LOGIC_AND": lambda a, b: a and b, "LOGIC_OR": lambda a, b: a or b,
}  # fmt: skip


class History:
    """One course of a circuit: its weight, state, bits and variables."""

    def __init__(self, n_qubits):
        self.weight, self.memory = 1.0, {}
        self.state = np.zeros([2] * n_qubits, dtype=complex)
        self.state[(0,) * n_qubits] = 1.0

    def copy(self):
        other = object.__new__(History)
        other.weight, other.state, other.memory = self.weight, self.state, dict(self.memory)
        return other

    def apply(self, matrix, qubits):
        k, axes = len(qubits), list(qubits)[::-1]
        moved = np.tensordot(matrix.reshape([2] * (2 * k)), self.state, (range(k, 2 * k), axes))
        self.state = np.moveaxis(moved, range(k), axes)

    def projected(self, qubit):
        """The histories that go on with 0 and with 1."""
        for value in (0, 1):
            part = np.zeros_like(self.state)
            place = (slice(None),) * qubit + (value,)
            part[place] = self.state[place]
            chance = float(np.sum(np.abs(part) ** 2))
            if chance > 1e-14:
                other = self.copy()
                other.state, other.weight = part / math.sqrt(chance), self.weight * chance
                yield value, other

    def value(self, node):
        """The value of an expression, a bit, a register or a variable."""
        if isinstance(node, Clbit):
            return bool(self.memory.get(node, 0))
        if isinstance(node, ClassicalRegister):
            return sum(self.memory.get(bit, 0) << i for i, bit in enumerate(node))
        if isinstance(node, expr.Var):
            known = isinstance(node.var, Clbit | ClassicalRegister)
            return self.value(node.var) if known else self.memory[node.var]
        if isinstance(node, expr.Value):
            return node.value
        if isinstance(node, expr.Cast):
            return wrapped(self.value(node.operand), node.type)
        if isinstance(node, expr.Index):
            return bool(self.value(node.target) >> self.value(node.index) & 1)
        if isinstance(node, expr.Unary):
            operand = self.value(node.operand)
            return not operand if node.op.name == "LOGIC_NOT" else wrapped(~int(operand), node.type)
        return wrapped(BINARY[node.op.name](self.value(node.left), self.value(node.right)), node.type)

    def holds(self, condition):
        if isinstance(condition, tuple):
            return self.value(condition[0]) == condition[1]
        return bool(self.value(condition))

    def store(self, target, value):
        if isinstance(target.var, ClassicalRegister):
            self.memory.update({bit: value >> i & 1 for i, bit in enumerate(target.var)})
        else:
            self.memory[target.var] = wrapped(value, target.type)


def wrapped(value, kind):
    return bool(value) if isinstance(kind, types.Bool) else int(value) & (1 << kind.width) - 1


def followed(circuit, history, qubits):
    """The histories after a circuit or block, each with what it left by: "break", "continue" or None."""
    going, ended = [history], []
    for item in circuit.data:
        found = [end for one in going for end in step(item, one, [qubits[q] for q in item.qubits])]
        going = [one for one, left in found if left is None]
        ended += [end for end in found if end[1] is not None]
    return ended + [(one, None) for one in going]


def step(item, history, qubits):
    operation = item.operation
    match operation.name:
        case "measure" | "reset":
            for value, one in history.projected(qubits[0]):
                if operation.name == "measure":
                    one.memory[item.clbits[0]] = value
                elif value:
                    one.apply(FLIP, qubits)
                yield one, None
        case "barrier" | "delay":
            yield history, None
        case "store":
            one = history.copy()
            one.store(operation.lvalue, one.value(operation.rvalue))
            yield one, None
        case "break_loop" | "continue_loop":
            yield history, operation.name
        case "if_else" | "switch_case":
            block = chosen(operation, history)
            yield from [(history, None)] if block is None else within(block, history, qubits)
        case "for_loop" | "while_loop":
            yield from ((one, None) for one in looped(operation, history, qubits))
        case _:
            one = history.copy()
            one.apply(Operator(operation).data, qubits)
            yield one, None


def within(block, history, qubits):
    return followed(block, history, dict(zip(block.qubits, qubits, strict=True)))


def chosen(operation, history):
    """The block that a condition or a switch enters, None for none."""
    if operation.name == "if_else":
        blocks = [*operation.blocks, None]
        return blocks[0] if history.holds(operation.condition) else blocks[1]
    value = int(history.value(operation.target))
    for labels, block in operation.cases_specifier():
        if any(label is CASE_DEFAULT or label == value for label in labels):
            return block
    return None


def looped(operation, history, qubits):
    """The histories after a loop; what a `while` loop still goes on with after 60 rounds is left out."""
    counted = operation.name == "for_loop"
    going, done = [history], []
    for _ in operation.params[0] if counted else range(60):
        following: list[History] = []
        for one in going:
            if not counted and not one.holds(operation.condition):
                done.append(one)
                continue
            for other, left in within(operation.blocks[0], one, qubits):
                (done if left == "break_loop" else following).append(other)
        going = following
    return done + going if counted else done


def distribution(circuit):
    """Probabilities by outcome: character i is classical bit i."""
    start = History(circuit.num_qubits)
    found: dict[str, float] = {}
    for one, _ in followed(circuit, start, {q: i for i, q in enumerate(circuit.qubits)}):
        outcome = "".join(str(int(one.memory.get(bit, 0))) for bit in circuit.clbits)
        found[outcome] = found.get(outcome, 0.0) + one.weight
    return found


class Writer:
    """Writes a random circuit with conditions, loops, switches, variables and expressions."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.qubits = QuantumRegister(self.random.randint(1, 3), "q")
        self.registers = [ClassicalRegister(2, "c"), ClassicalRegister(self.random.randint(2, 3), "d")]
        self.bits = [bit for register in self.registers for bit in register]
        self.circuit = QuantumCircuit(self.qubits, *self.registers)
        self.variables = []

    def write(self):
        if self.random.random() < 0.7:
            for name, width in (("n", 3), ("m", 5)):
                value = expr.lift(self.random.randrange(1 << width), types.Uint(width))
                self.variables.append(self.circuit.add_var(name, value))
            self.variables.append(self.circuit.add_var("flag", expr.lift(False)))
        self.block(self.random.randint(4, 8), 2, loop=False)
        for bit in self.registers[1]:
            self.circuit.measure(self.random.choice(self.qubits), bit)
        return self.circuit

    def number(self, width=None, depth=2):
        """An unsigned expression."""
        pick = self.random.choice
        if depth == 0 or self.random.random() < 0.35:
            known = [expr.lift(register) for register in self.registers]
            found = pick(known + [v for v in self.variables if isinstance(v.type, types.Uint)])
            return found if width in (None, found.type.width) else expr.cast(found, types.Uint(width))
        width = width or pick([2, 3, 4])
        left, right = self.number(width, depth - 1), self.number(width, depth - 1)
        kind = pick(["both", "not", "shift"])
        if kind == "not":
            return expr.bit_not(left)
        if kind == "shift":
            return pick([expr.shift_left, expr.shift_right])(left, self.random.randrange(3))
        return pick([expr.bit_and, expr.bit_or, expr.bit_xor, expr.add, expr.sub])(left, right)

    def truth(self, depth=2):
        """A Boolean expression."""
        pick, kind = self.random.choice, self.random.randrange(6) if depth else 0
        if kind == 0:
            return expr.lift(pick(self.bits))
        if kind == 1:
            return expr.logic_not(self.truth(depth - 1))
        if kind == 2:
            return pick([expr.logic_and, expr.logic_or])(self.truth(depth - 1), self.truth(depth - 1))
        if kind == 3:
            found = self.number(depth=0)
            return expr.index(found, self.random.randrange(found.type.width))
        if kind == 4:
            return expr.cast(self.number(depth=depth - 1), types.Bool())
        width = pick([2, 3, 4])
        literal = expr.lift(self.random.randrange(1 << width), types.Uint(width))
        compare = pick([expr.equal, expr.not_equal, expr.less, expr.less_equal, expr.greater_equal])
        return compare(self.number(width, depth - 1), pick([literal, self.number(width, depth - 1)]))

    def condition(self):
        if self.random.random() < 0.4:
            register = self.random.choice(self.registers)
            return (register, self.random.randrange(1 << len(register)))
        return self.truth()

    def block(self, length, depth, *, loop):
        for _ in range(length):
            self.statement(depth, loop=loop)

    def statement(self, depth, *, loop):
        circuit, pick, roll = self.circuit, self.random.choice, self.random.random()
        qubit = pick(self.qubits)
        if roll < 0.35:
            pick([circuit.h, circuit.x, circuit.t, circuit.sx, lambda q: circuit.ry(1.1, q)])(qubit)
        elif roll < 0.42 and len(self.qubits) > 1:
            circuit.cx(*self.random.sample(list(self.qubits), 2))
        elif roll < 0.57:
            circuit.measure(qubit, pick(self.bits))
        elif roll < 0.62:
            pick([circuit.reset, circuit.barrier, lambda q: circuit.delay(10, q, unit="ns")])(qubit)
        elif roll < 0.78:
            self.assignment()
        elif depth:
            self.control(depth, qubit, loop=loop)
        elif loop:
            with circuit.if_test(self.condition()):
                pick([circuit.break_loop, circuit.continue_loop])()

    def assignment(self):
        target = self.random.choice([*self.variables, *map(expr.lift, [*self.registers, *self.bits])])
        whole = isinstance(target.type, types.Uint)
        self.circuit.store(target, self.number(target.type.width) if whole else self.truth())

    def control(self, depth, qubit, *, loop):
        circuit, kind = self.circuit, self.random.choice(["if", "if", "for", "switch", "while"])
        if kind == "if":
            with circuit.if_test(self.condition()) as otherwise:
                self.block(2, depth - 1, loop=loop)
            with otherwise:
                self.block(1, depth - 1, loop=loop)
        elif kind == "for":
            with circuit.for_loop(range(self.random.randint(1, 3))):
                self.block(2, depth - 1, loop=True)
        elif kind == "switch":
            target = self.random.choice([*self.registers, self.number(depth=1)])
            with circuit.switch(target) as case:
                with case(0, 3):
                    self.block(2, depth - 1, loop=loop)
                with case(case.DEFAULT):
                    self.block(1, depth - 1, loop=loop)
        else:
            bit = self.random.choice(self.bits)
            with circuit.while_loop((bit, 1)):
                circuit.reset(qubit)
                circuit.h(qubit)
                circuit.measure(qubit, bit)
