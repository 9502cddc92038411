"""What goes into the compiler and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from novacron.json_types import JsonObject
from shared.circuits.record import CircuitRecord
from shared.circuits.validation import record_from_json

Method = Literal["alap", "asap"]
Router = Literal["sabre", "qiskit_sabre", "basic", "lookahead"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile.

    Attributes:
        level: 0 translates, 1 and 2 optimize, 3 searches for the best of many.
        seed: of all random choices.
        routing: name of the router.
        scheduling: whether instructions start as late or as soon as possible.
        exact_unitary: whether the result must equal the source for every input state, not only for |0...0>.
        budget_s: processor time of all searches of level 3, in seconds of a reference machine.
        free_order: whether the circuit's Pauli rotations may be executed in any order.
    """

    level: int = 2
    seed: int = 0
    routing: Router = "sabre"
    scheduling: Method = "alap"
    exact_unitary: bool = False
    budget_s: float = 10.0
    free_order: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass as it ran.

    Attributes:
        name: of the pass.
        gain: two-qubit gates removed; negative if it added some.
        seconds: processor time.
    """

    name: str
    gain: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A compiled circuit before its verification.

    Attributes:
        record: the circuit on the device's qubits, in basis gates.
        layout: device qubit of each source qubit at the beginning.
        final: device qubit of each source qubit at the end.
        strategy: the strategy that made it.
        from_zero: whether it equals the source only for the input |0...0>.
        stages: the passes.
        reordered: the source with its Pauli rotations in the order executed, None if that is its own.
    """

    record: CircuitRecord
    layout: tuple[int, ...]
    final: tuple[int, ...]
    strategy: str
    from_zero: bool = False
    stages: tuple[Stage, ...] = ()
    reordered: CircuitRecord | None = None

    def to_json(self) -> JsonObject:
        """Return the candidate as JSON data, for the task that chooses."""
        return {
            "record": self.record.to_json(), "layout": list(self.layout), "final": list(self.final),
            "strategy": self.strategy, "from_zero": self.from_zero,
            "stages": [[one.name, one.gain, one.seconds] for one in self.stages],
            "reordered": None if self.reordered is None else self.reordered.to_json(),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Candidate:
        """Return a candidate from what `to_json` returned."""
        return cls(
            record_from_json(data["record"]), tuple(data["layout"]), tuple(data["final"]),
            data["strategy"], data["from_zero"], tuple(Stage(*one) for one in data["stages"]),
            None if data["reordered"] is None else record_from_json(data["reordered"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled, verified circuit.

    Attributes:
        record: the circuit on the device's qubits, in basis gates; it has as many qubits as the device.
        layout: device qubit of each source qubit at the beginning.
        final: device qubit of each source qubit at the end.
        verified: how equality with the source was shown.
        schedule: start of each instruction, and the times in which qubits wait.
        metadata: figures before and after, the passes, the winning strategy.
    """

    record: CircuitRecord
    layout: tuple[int, ...]
    final: tuple[int, ...]
    verified: str
    schedule: dict[str, Any]
    metadata: dict[str, Any]

    def to_json(self) -> JsonObject:
        """Return the job's result."""
        return {
            "circuit": self.record.to_json(),
            "layout": {"initial": list(self.layout), "final": list(self.final)},
            "verified": self.verified,
            "schedule": self.schedule,
            "metadata": self.metadata,
        }
