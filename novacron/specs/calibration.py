"""Device calibrations, and the noise model derived from each.

Source of the model: Qiskit Aer, `qiskit_aer.noise.device.models`: thermal relaxation during the gate, then
depolarizing noise such that the average gate infidelity equals the measured error.
"""

from collections import Counter
from datetime import datetime
from math import exp, prod
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from novacron.specs.channel import MAX_QUBITS, Place, Probability, Qubit, Seconds, different, effective_t2_s
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Identifier, Integer, Label, Number


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise refuse("must be a date or a time as in ISO 8601") from None
    return text


Moment = Annotated[Label, AfterValidator(_moment)]
Pair = Annotated[tuple[Qubit, Qubit], AfterValidator(different)]


class QubitFigures(Record):
    """Measured properties of a qubit; without T1 and T2 it does not decay. T2 is capped at 2 T1.

    Attributes:
        t1_s: relaxation time T1.
        t2_s: dephasing time T2.
        p1_given_0: probability of reading 1 for a qubit in |0>.
        p0_given_1: probability of reading 0 for a qubit in |1>.
        readout_s: duration of a measurement.
        excited_population: probability of |1> in equilibrium.
    """

    t1_s: Seconds | None = None
    t2_s: Seconds | None = None
    p1_given_0: Probability = 0.0
    p0_given_1: Probability = 0.0
    readout_s: Seconds | None = None
    excited_population: Probability = 0.0

    @model_validator(mode="after")
    def _physical(self) -> Self:
        if (self.t1_s is None) != (self.t2_s is None):
            raise refuse("must be given together with the other time", at=("t1_s",))
        return self

    def kept(self, duration_s: float) -> float:
        """Return the process fidelity of relaxation: trace of the Pauli transfer matrix over 4."""
        if self.t1_s is None or self.t2_s is None:
            return 1.0
        t2_s = effective_t2_s(self.t1_s, self.t2_s)
        return (1 + exp(-duration_s / self.t1_s) + 2 * exp(-duration_s / t2_s)) / 4


class GateFigures(Record):
    """Measured properties of a gate: `error` is the average gate infidelity."""

    gate: Identifier
    qubits: Place
    error: Probability = 0.0
    duration_s: Annotated[Number, Field(ge=0, le=1e6)] = 0.0


class ParallelLimit(Record):
    """Maximum number of simultaneous instructions of one name."""

    instruction: Identifier
    maximum: Annotated[Integer, Field(ge=1, le=10_000)]


class Calibration(Record):
    """Measured properties of a device at one time.

    Attributes:
        name: the device, with what distinguishes this calibration from others.
        qubits: one entry per qubit, in order.
        gates: one entry per gate and its qubits; a gate that is not listed has no error and no duration. An
            entry applies to its qubits in any order, unless the other order has an entry of its own.
        provider: who runs the device.
        date: when it was measured, as ISO 8601.
        basis_gates: gates that the device executes, on every qubit, or on every pair with an entry.
        coupling: pairs that a two-qubit gate acts on, in the order (first, second) of the gate's qubits.
        max_shots: maximum number of shots of a job.
        max_parallel: limits of simultaneous instructions.
    """

    name: Label
    qubits: Annotated[tuple[QubitFigures, ...], Field(min_length=1, max_length=MAX_QUBITS)]
    gates: Annotated[tuple[GateFigures, ...], Field(max_length=10_000)] = ()
    provider: Label | None = None
    date: Moment | None = None
    basis_gates: Annotated[tuple[Identifier, ...], Field(max_length=100)] = ()
    coupling: Annotated[tuple[Pair, ...], Field(max_length=10_000)] = ()
    max_shots: Annotated[Integer, Field(ge=1, le=10**12)] | None = None
    max_parallel: Annotated[tuple[ParallelLimit, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _inside(self) -> Self:
        places: list[tuple[tuple[str | int, ...], tuple[int, ...]]] = []
        places += [(("gates", position, "qubits"), gate.qubits) for position, gate in enumerate(self.gates)]
        places += [(("coupling", position), pair) for position, pair in enumerate(self.coupling)]
        for at, qubits in places:
            if max(qubits) >= len(self.qubits):
                rule = f"must be qubits 0 to {len(self.qubits) - 1} of the calibration"
                raise refuse(rule, at=at, value=list(qubits))
        return self

    @model_validator(mode="after")
    def _once(self) -> Self:
        first: dict[tuple[str, tuple[int, ...]], int] = {}
        for position, gate in enumerate(self.gates):
            before = first.setdefault((gate.gate, gate.qubits), position)
            if before != position:
                rule = f"has the gate and the qubits of gates[{before}]"
                raise refuse(rule, at=("gates", position), value=[gate.gate, list(gate.qubits)])
        return self

    def noise(self) -> dict[str, Any]:
        """Return the noise model as plain data."""
        orders = Counter((gate.gate, frozenset(gate.qubits)) for gate in self.gates)
        errors = [
            error | {"ordered": orders[gate.gate, frozenset(gate.qubits)] > 1}
            for gate in self.gates
            for error in self._errors(gate)
        ]
        readout = [
            {"matrix": [[1 - q.p1_given_0, q.p1_given_0], [q.p0_given_1, 1 - q.p0_given_1]], "qubits": [i]}
            for i, q in enumerate(self.qubits)
            if q.p1_given_0 or q.p0_given_1
        ]
        return {
            "errors": errors, "readout": readout, "calibration": self.name, "n_qubits": len(self.qubits),
        }  # fmt: skip

    def _errors(self, gate: GateFigures) -> list[dict[str, Any]]:
        errors: list[dict[str, Any]] = []
        for qubit in gate.qubits:
            figures = self.qubits[qubit]
            if figures.t1_s is not None and gate.duration_s > 0:
                errors.append({
                    "name": "thermal_relaxation", "t1_s": figures.t1_s, "t2_s": figures.t2_s,
                    "duration_s": gate.duration_s, "excited_population": figures.excited_population,
                    "gates": [gate.gate], "gate_qubits": [list(gate.qubits)], "qubits": [qubit],
                })  # fmt: skip
        if (p := self._depolarizing(gate)) > 0:
            errors.append(
                {"name": "depolarizing", "p": p, "gates": [gate.gate], "gate_qubits": [list(gate.qubits)]}
            )
        return errors

    def _depolarizing(self, gate: GateFigures) -> float:
        """Return the depolarizing probability for the measured infidelity in excess of relaxation's."""
        size = 1 << len(gate.qubits)
        kept = prod(self.qubits[qubit].kept(gate.duration_s) for qubit in gate.qubits)
        average = (size * kept + 1) / (size + 1)
        missing, most = gate.error - (1 - average), average - 1 / size
        return 0.0 if missing <= 0 else 1.0 if missing >= most else missing / most
