"""Gates of OpenQASM 2: gates of the record, gates defined by a text, and the expansion of definitions."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from shared.circuits.gates import GATES
from shared.circuits.instruction import Angle, Barrier, Gate, Reset, UnitaryInstruction, moved
from shared.circuits.limits import Budget, Refused
from shared.circuits.qasm2.expression import Expression, value
from shared.circuits.recognition import named
from shared.circuits.scan import Token


@dataclass(frozen=True, slots=True, eq=False)
class Native:
    """A gate of the record, possibly under another name.

    Attributes:
        n_angles: Number of parameters.
        n_qubits: Number of qubits.
        name: The record's gate.
        angles: Computes the record's angles from the parameters.
    """

    n_angles: int
    n_qubits: int
    name: str
    angles: Callable[..., tuple[Angle, ...]] = lambda *angles: angles


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A gate, barrier or reset within a definition body.

    Attributes:
        gate: The applied operation.
        angles: Its parameters, as expressions of the definition's parameters.
        qubits: Its qubits, as positions among those of the definition.
    """

    gate: "AnyGate | Literal['barrier', 'reset']"
    angles: tuple[Expression, ...]
    qubits: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A gate that a text defines; compared by identity, not by name.

    Attributes:
        name: For messages, and to test whether it equals the record's gate of this name.
        n_angles: Number of parameters.
        n_qubits: Number of qubits.
        body: The calls it consists of; None for an opaque gate.
        depth: Levels of definitions nested in it.
    """

    name: str
    n_angles: int
    n_qubits: int
    body: tuple[Call, ...] | None
    depth: int = 1


AnyGate: TypeAlias = Native | Definition
Step: TypeAlias = UnitaryInstruction | Reset
Expansion: TypeAlias = tuple[Step, ...]

BUILT_IN: Final[Mapping[str, AnyGate]] = {"U": Native(3, 1, "u"), "CX": Native(0, 2, "cx")}
RECORD: Final[Mapping[str, AnyGate]] = {
    **{name: Native(n_angles, n_qubits, name) for name, (n_qubits, n_angles) in GATES.items() if n_qubits},
    "u0": Native(1, 1, "id", lambda _: ()),
    "u1": Native(1, 1, "p"),
    "u2": Native(2, 1, "u", lambda phi, lam: (math.pi / 2, phi, lam)),
    "u3": Native(3, 1, "u"),
    "cu1": Native(1, 2, "cp"),
    "cu3": Native(3, 2, "cu", lambda theta, phi, lam: (theta, phi, lam, 0.0)),
}
"""Gates that the include provides beside those that qelib1.inc composes of others."""


class Expander:
    """Expands gates to instructions of the record; each definition is expanded once per set of parameters."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._known: dict[tuple[Definition, tuple[float, ...]], Expansion] = {}

    def applied(self, gate: AnyGate, angles: tuple[float, ...], token: Token) -> Expansion:
        """Return the instructions of a gate on qubits numbered from 0.

        Args:
            gate: The gate.
            angles: Its parameters.
            token: The application, for error positions.

        Raises:
            Refused: A parameter without a finite value, an opaque gate, or more work than allowed.
        """
        if isinstance(gate, Native):
            return (Gate(gate.name, tuple(range(gate.n_qubits)), gate.angles(*angles)),)
        key = (gate, angles)
        if key not in self._known:
            self._known[key] = self._expanded(gate, angles, token)
        return self._known[key]

    def _expanded(self, gate: Definition, angles: tuple[float, ...], token: Token) -> Expansion:
        if gate.body is None:
            raise Refused(
                f"gate {gate.name} is opaque: it has no definition to run", token.line, token.column,
                hint="define it with a gate statement, or delete it",
            )  # fmt: skip
        result: list[Step] = []
        for call in gate.body:
            self._budget.work(1)
            result.extend(self._called(call, angles, token))
            self._budget.allow(len(result))
        unitary = [op for op in result if not isinstance(op, Reset)]
        if len(unitary) < len(result):
            return tuple(result)
        return named(gate.name, gate.n_qubits, angles, unitary, self._budget, phase=False)

    def _called(self, call: Call, angles: tuple[float, ...], token: Token) -> Sequence[Step]:
        if call.gate == "barrier":
            return (Barrier(call.qubits),)
        if call.gate == "reset":
            return [Reset(qubit) for qubit in call.qubits]
        values = tuple([value(angle, angles) for angle in call.angles])
        return [placed(op, call.qubits) for op in self.applied(call.gate, values, token)]


def placed(op: Step, qubits: Sequence[int]) -> Step:
    """Return a step of an expansion with its qubit i replaced by `qubits[i]`."""
    return Reset(qubits[op.qubit]) if isinstance(op, Reset) else moved(op, qubits)
