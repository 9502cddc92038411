"""Random programs of gates that define each other, with a dense evaluator of its own."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NAMES = """h x cx rz rzz swap ccx u3 cu1 ecr mcx if_else unitary c3x initialize print list self
    lambda_ gate_2""".split()
"""Names of the library, names that Qiskit keeps for itself, names of Python, and others."""


def _diagonal(*phases: float) -> np.ndarray:
    return np.asarray(np.diag(np.exp(1j * np.array(phases))))


def _controlled(matrix: np.ndarray) -> np.ndarray:
    size = len(matrix)
    result = np.eye(2 * size, dtype=complex)
    result[size:, size:] = matrix
    return result


def _turn(pauli: np.ndarray) -> Callable[[float], np.ndarray]:
    identity = np.eye(len(pauli))
    return lambda angle: np.asarray(math.cos(angle / 2) * identity - 1j * math.sin(angle / 2) * pauli)


X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1.0 + 0j, -1.0])


def _u(theta: float, phi: float, lam: float) -> np.ndarray:
    """The built-in U of OpenQASM 3; that of OpenQASM 2 differs by a phase."""
    c, s = math.cos(theta / 2), math.sin(theta / 2)
    euler = np.array([[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]])
    return np.asarray(np.exp(0.5j * theta) * euler)


@dataclass(frozen=True)
class Base:
    """A gate with a closed form; the first qubit is the most significant."""

    n_angles: int
    n_qubits: int
    of: Callable[..., np.ndarray]

    def matrix(self, angles: list[float]) -> np.ndarray:
        return np.asarray(self.of(*angles), dtype=complex)


LIBRARY = {
    "h": Base(0, 1, lambda: (X + Z) / math.sqrt(2)),
    "x": Base(0, 1, lambda: X),
    "t": Base(0, 1, lambda: _diagonal(0, math.pi / 4)),
    "sx": Base(0, 1, lambda: ((1 + 1j) * np.eye(2) + (1 - 1j) * X) / 2),
    "rx": Base(1, 1, _turn(X)),
    "ry": Base(1, 1, _turn(Y)),
    "rz": Base(1, 1, _turn(Z)),
    "p": Base(1, 1, lambda angle: _diagonal(0, angle)),
    "cx": Base(0, 2, lambda: _controlled(X)),
    "cz": Base(0, 2, lambda: _diagonal(0, 0, 0, math.pi)),
    "cp": Base(1, 2, lambda angle: _diagonal(0, 0, 0, angle)),
    "swap": Base(0, 2, lambda: np.eye(4)[[0, 2, 1, 3]]),
    "rzz": Base(1, 2, lambda angle: _turn(np.kron(Z, Z))(angle)),
    "ccx": Base(0, 3, lambda: _controlled(_controlled(X))),
}
BUILT_IN = {"U": Base(3, 1, _u)}


@dataclass(frozen=True)
class Own:
    """A defined gate: its body is (gate, expressions in the parameters, own qubits)."""

    n_angles: int
    n_qubits: int
    body: list[tuple[Base | Own, list[Expression], tuple[int, ...]]]

    def matrix(self, angles: list[float]) -> np.ndarray:
        steps = [(gate, [e.value(angles) for e in found], qubits) for gate, found, qubits in self.body]
        return unitary(self.n_qubits, steps)


@dataclass(frozen=True)
class Expression:
    """An angle, written for both languages by `text` and computed by `value`."""

    text: str
    value: Callable[[list[float]], float]


Step = tuple[Base | Own, list[float], tuple[int, ...]]


def unitary(n: int, steps: list[Step]) -> np.ndarray:
    """The matrix of applied gates, qubit 0 most significant, by full matrices of all qubits."""
    total = np.eye(1 << n, dtype=complex)
    for gate, angles, qubits in steps:
        matrix, k = gate.matrix(angles), gate.n_qubits
        full = np.zeros((1 << n, 1 << n), dtype=complex)
        for column in range(1 << n):
            bits = [column >> (n - 1 - i) & 1 for i in range(n)]
            inner = sum(bits[qubit] << (k - 1 - i) for i, qubit in enumerate(qubits))
            for row in range(1 << k):
                for i, qubit in enumerate(qubits):
                    bits[qubit] = row >> (k - 1 - i) & 1
                full[sum(bit << (n - 1 - i) for i, bit in enumerate(bits)), column] = matrix[row, inner]
        total = full @ total
    return total


class Program:
    """A random program in one of the languages, and its matrix."""

    def __init__(self, seed: int, language: int, own: bool = False) -> None:
        self.rng = random.Random(seed)
        self.language = language
        self.n = self.rng.randint(1, 4)
        self.gates: dict[str, Base | Own] = {**BUILT_IN, **LIBRARY}
        self.own: list[str] = []
        self.lines = [f"OPENQASM {language}.0;", f'include "{("qelib1", "stdgates")[language - 2]}.inc";']
        self.lines.append(f"qreg q[{self.n}];" if language == 2 else f"qubit[{self.n}] q;")
        self.steps: list[Step] = []
        if self.rng.random() < 0.2:  # without the include only built-in and own gates are known
            del self.lines[1]
            self.gates = dict(BUILT_IN)
        elif language == 3:
            self.gates |= {"gphase": Base(1, 0, lambda angle: np.exp(1j * angle).reshape(1, 1))}
        for _ in range(self.rng.randint(2, 10)):
            self._define() if self.rng.random() < 0.5 else self._apply()
        self._define() if own else self._apply()

    @property
    def last(self) -> tuple[str, Base | Own]:
        """The gate that was defined last."""
        return self.own[-1], self.gates[self.own[-1]]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def matrix(self) -> np.ndarray:
        return unitary(self.n, self.steps)

    def _expression(self, parameters: list[str], depth: int = 0) -> Expression:
        rng = self.rng
        kind = rng.choice(
            ["number", "pi", "parameter"] + ["sum", "product", "sign", "sine", "power"] * (depth < 3)
        )
        if kind == "parameter" and parameters:
            index = rng.randrange(len(parameters))
            return Expression(parameters[index], lambda values: values[index])
        if kind == "pi":
            return Expression("pi/3.0", lambda values: math.pi / 3)
        if kind in ("number", "parameter"):
            text = rng.choice(["0.25", "1.5e-1", ".7", "2.", "1E+0"])
            return Expression(text, lambda values: float(text))
        left = self._expression(parameters, depth + 1)
        if kind == "sign":
            return Expression(f"-({left.text})", lambda values: -left.value(values))
        if kind == "sine":
            name, function = rng.choice([("sin", math.sin), ("cos", math.cos)])
            return Expression(f"{name}({left.text})", lambda values: function(left.value(values)))
        if kind == "power":
            sign = "^" if self.language == 2 else "**"
            return Expression(f"-({left.text}){sign}2", lambda values: -(left.value(values) ** 2))
        right = self._expression(parameters, depth + 1)
        if kind == "sum":
            text = f"{left.text}-({right.text})"
            return Expression(f"({text})", lambda values: left.value(values) - right.value(values))
        return Expression(
            f"({left.text})*({right.text})", lambda values: left.value(values) * right.value(values)
        )

    def _line(
        self, names: list[str], parameters: list[str]
    ) -> tuple[str, str, list[Expression], tuple[int, ...]]:
        """One application: its text, the gate's name, its angles and its qubits."""
        rng = self.rng
        name = rng.choice([name for name, gate in self.gates.items() if gate.n_qubits <= len(names)])
        gate = self.gates[name]
        angles = [self._expression(parameters) for _ in range(gate.n_angles)]
        qubits = tuple(rng.sample(range(len(names)), gate.n_qubits))
        listed = f"({', '.join(e.text for e in angles)})" if angles else ""
        return f"{name}{listed} {', '.join(names[q] for q in qubits)};", name, angles, qubits

    def _define(self) -> None:
        rng = self.rng
        name = rng.choice([name for name in NAMES if name not in self.own])
        parameters = ["theta", "t_1"][: rng.randint(0, 2)]
        names = ["a", "b", "c_"][: rng.randint(1, 3)]
        body, text = [], []
        for _ in range(rng.randint(0, 5)):
            line, used, angles, qubits = self._line(names, parameters)
            body.append((self.gates[used], angles, qubits))
            text.append(line)
        listed = f"({', '.join(parameters)})" if parameters else ""
        self.lines.append(f"gate {name}{listed} {', '.join(names)} {{ {' '.join(text)} }}")
        self.gates[name] = Own(len(parameters), len(names), body)
        self.own.append(name)

    def _apply(self) -> None:
        line, name, angles, qubits = self._line([f"q[{i}]" for i in range(self.n)], [])
        self.lines.append(line)
        self.steps.append((self.gates[name], [e.value([]) for e in angles], qubits))
