"""Proof that a compiled circuit does what its source does; part of every compilation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import pi, sqrt

import numpy as np
import stim

from shared.circuits.binding import bound
from shared.circuits.instruction import (
    Affine,
    Barrier,
    Gate,
    Instruction,
    Measure,
    Unitary,
    UnitaryInstruction,
    moved,
)
from shared.circuits.record import CircuitRecord
from workers.quantum.compiler import histories
from workers.quantum.compiler.compiled import Candidate
from workers.quantum.compiler.cost import two_qubit_count
from workers.quantum.compiler.gadgets import Gadgets, gadgets
from workers.quantum.compiler.interactions import NotReducedError, distance
from workers.quantum.compiler.places import Places
from workers.quantum.compiler.terminal import split
from workers.quantum.simulation.circuits.clifford import NotCliffordError, clifford
from workers.quantum.simulation.ir.program import Angle, Float, Op, PauliRotation, Program
from workers.quantum.simulation.lowering.circuit_record import lower_gate
from workers.quantum.simulation.statevector.engine import StateVectorEngine

UNITARY_QUBITS = 10
"""Active qubits up to which the whole unitary is compared."""
STATE_QUBITS = 24
"""Active qubits up to which random product states are compared."""
N_STATES = 2
QUARTER, ANGLE_TOLERANCE = pi / 4, 1e-7
TOLERANCE = 1e-9
"""Maximum of 1 - |overlap| for each two-qubit gate of the source. Qiskit's syntheses leave out what changes
the average fidelity of a gate by less; without such gates the overlap is 1 up to rounding errors.
"""
STRUCTURE, UNVERIFIED = "structure", "not verified"
DOUBTS = {
    STRUCTURE: "the compiled circuit is too wide to simulate, not Clifford and not equal gate by gate: "
    "only its routing is checked",
    UNVERIFIED: "a circuit with mid-circuit measurements, resets or conditions is only verified up to "
    f"{histories.QUBITS} qubits in use",
}
"""Warnings about what was not shown."""


class MiscompiledError(Exception):
    """A compiled circuit differs from its source: an error of the compiler."""


def verify(source: CircuitRecord, made: Candidate, seed: int) -> str:
    """Compare a compiled circuit with its source.

    Args:
        source: the circuit that was compiled.
        made: the compiled circuit with its layouts. If its Pauli rotations are in another order, that they
            are the source's is shown first; then it is compared with the source in this order.
        seed: of the random input states.

    Returns:
        `unitary`, `interactions`, `states`, `tableau` or, for circuits with mid-circuit measurements, resets
        or conditions, `histories` or `sampled histories`: what was compared, up to a global phase;
        `structure` for circuits that are too wide and differ in form, of which only the routing is checked
        (`router/check.py`); `not verified` for those with conditions and the like that are too wide.

    Raises:
        MiscompiledError: they differ.
    """
    if made.reordered is not None:
        _check_rotations(source, made.reordered)
        source = made.reordered
    if source.parameters:
        values = np.random.default_rng([seed, 2]).uniform(-3, 3, len(source.parameters)).tolist()
        source, made = bound(source, values), replace(made, record=bound(made.record, values))
    before, after = split(source), split(made.record)
    if before is None or after is None:
        return _compare_histories(source, made, seed)
    _check_measurements(before[1], after[1], made.final)
    pair = _Pair(_without_barriers(before[0]), _without_barriers(after[0]), made)
    if pair.width <= UNITARY_QUBITS and not made.from_zero:
        pair.demand(pair.choi_overlap(), "the unitaries")
        return "unitary"
    if not made.from_zero and pair.reduces():
        return "interactions"
    if pair.width <= STATE_QUBITS:
        pair.demand(pair.state_overlap(seed), "the final states")
        return "states"
    try:
        pair.check_tableaus()
    except NotCliffordError:
        return STRUCTURE
    return "tableau"


def _compare_histories(source: CircuitRecord, made: Candidate, seed: int) -> str:
    try:
        return histories.compare(source, made, _tolerance(source.instructions), seed)
    except histories.DifferentError as error:
        raise MiscompiledError(str(error)) from None
    except histories.TooWideError:
        return UNVERIFIED


def _tolerance(source: Iterable[Instruction]) -> float:
    """Return the maximum of 1 - |overlap|."""
    record = CircuitRecord(0, (), (), tuple(source))
    return TOLERANCE * max(1, two_qubit_count(record))


def _check_rotations(source: CircuitRecord, reordered: CircuitRecord) -> None:
    wanted, found = (_gadgets(record) for record in (source, reordered))
    if wanted is None or found is None or not wanted.is_reordered(found):
        raise MiscompiledError("the Pauli rotations are not those of the source")


def _gadgets(record: CircuitRecord) -> Gadgets | None:
    parts = split(record)
    return None if parts is None else gadgets(parts[0], record.n_qubits)


def _without_barriers(items: Iterable[UnitaryInstruction]) -> tuple[Gate | Unitary, ...]:
    return tuple(item for item in items if not isinstance(item, Barrier))


def _check_measurements(before: Iterable[Measure], after: Iterable[Measure], final: Sequence[int]) -> None:
    wanted = {item.bit: final[item.qubit] for item in before}
    found = {item.bit: item.qubit for item in after}
    if wanted != found:
        raise MiscompiledError(f"bits are measured on device qubits {found}, they must be on {wanted}")


@dataclass(frozen=True)
class _Pair:
    """Source and compiled gates, and the layouts between them."""

    before: Sequence[Gate | Unitary]
    after: Sequence[Gate | Unitary]
    made: Candidate

    @cached_property
    def places(self) -> Places:
        """Numbers of the qubits in the simulations of both."""
        return Places.of(self.before, self.after, self.made)

    @property
    def width(self) -> int:
        """Number of qubits that both simulations hold."""
        return self.places.width

    def demand(self, overlap: float, what: str) -> None:
        """Raise unless an overlap is 1 up to the tolerance.

        Raises:
            MiscompiledError: it is smaller.
        """
        if not overlap >= 1 - _tolerance(self.before):
            raise MiscompiledError(f"{what} of source and compiled circuit overlap only to {overlap:.12f}")

    def choi_overlap(self) -> float:
        """Return |tr(U^dagger V)| / 2^n: the overlap of the states that they make of halves of Bell pairs."""
        begin, n, bells = self.places.begin.values(), self.width, list[Op]()
        for number, here in enumerate(begin):
            bells += lower_gate(Gate("h", (here,)), n) + lower_gate(Gate("cx", (here, n + number)), n)
        return self._overlap(bells, len(begin), np.zeros((1, 0)))

    def state_overlap(self, seed: int) -> float:
        """Return the overlap of the final states from |0...0>, or the smallest from random product states."""
        if self.made.from_zero:
            return self._overlap((), 0, np.zeros((1, 0)))
        inputs: list[Op] = []
        for number, here in enumerate(self.places.begin.values()):
            bit = 1 << self.width - 1 - here
            inputs.append(PauliRotation(bit, bit, Angle.parameter(2 * number)))
            inputs.append(PauliRotation(0, bit, Angle.parameter(2 * number + 1)))
        angles = np.random.default_rng(seed).uniform(0, 3, (N_STATES, len(inputs)))
        return self._overlap(inputs, 0, angles)

    def _overlap(self, inputs: Sequence[Op], n_more: int, angles: Float) -> float:
        """Return the smallest |<source|compiled>| of final states.

        Args:
            inputs: ops on device qubits, before both circuits.
            n_more: number of qubits after those of the device.
            angles: float64[k, n], those of the inputs, for each of k states.
        """
        places, n = self.places, self.width + n_more
        if not n:
            return 1.0
        compiled, wanted = (
            _engine(inputs, _moved(gates, places), n, angles.shape[1])
            for gates, places in ((self.after, places.of_site), (self.before, places.begin))
        )
        axes = [*places.moved, *range(self.width, n)]
        return min(
            abs(complex(np.vdot(wanted.states(row).reshape([2] * n).transpose(axes), compiled.states(row))))
            for row in angles[:, None]
        )

    def reduces(self) -> bool:
        """Return whether both circuits have the same interactions, see `interactions.distance`.

        Then the overlap of their final states is as large as `demand` asks for every input: unitaries at the
        distance d in the operator norm have images of an overlap of at least 1 - d^2 / 2.
        """
        largest = sqrt(2 * _tolerance(self.before))
        end = dict(zip(self.made.layout, self.made.final, strict=True))
        before = _moved(self.before, dict(enumerate(self.made.layout)))
        try:
            return distance(before, self.after, end, largest) <= largest
        except NotReducedError:
            return False

    def check_tableaus(self) -> None:
        """Compare the stabilizers of the final states, from halves of Bell pairs or from |0...0>.

        Raises:
            NotCliffordError: a gate is not Clifford.
            MiscompiledError: they differ.
        """
        begin, end, found = self.places.begin, self.places.end, []
        for gates, places, start in ((self.before, end, end), (self.after, self.places.of_site, begin)):
            simulator = stim.TableauSimulator()
            simulator.set_num_qubits(self.width + (0 if self.made.from_zero else len(start)))
            if not self.made.from_zero:
                for number, place in enumerate(start.values()):
                    simulator.h(place)
                    simulator.cx(place, self.width + number)
            for item in gates:
                if item.qubits:
                    simulator.do_tableau(
                        clifford(_snapped(item)).tableau, [places[qubit] for qubit in item.qubits]
                    )
            found.append(simulator.canonical_stabilizers())
        if found[0] != found[1]:
            raise MiscompiledError("the tableaus of source and compiled circuit differ")


def _snapped(item: Gate | Unitary) -> Gate | Unitary:
    """Return a gate with angles near multiples of pi/4 set to them: syntheses give them to 1e-8 or so."""
    if isinstance(item, Unitary):
        return item
    angles = [angle for angle in item.params if not isinstance(angle, Affine)]
    near = [round(angle / QUARTER) * QUARTER for angle in angles]
    close = (
        one if abs(one - angle) < ANGLE_TOLERANCE else angle for one, angle in zip(near, angles, strict=True)
    )
    return Gate(item.name, item.qubits, tuple(close))


def _moved(gates: Iterable[Gate | Unitary], places: Mapping[int, int]) -> Iterator[UnitaryInstruction]:
    """Yield the gates on other qubits."""
    listed = [places.get(qubit, -1) for qubit in range(max(places, default=-1) + 1)]
    return (moved(item, listed) for item in gates)


def _engine(
    inputs: Sequence[Op], gates: Iterable[UnitaryInstruction], n: int, n_parameters: int
) -> StateVectorEngine:
    """Return the engine of some ops followed by gates, on n qubits."""
    ops = [*inputs]
    for item in gates:
        assert isinstance(item, Gate | Unitary)
        ops += lower_gate(item, n)
    return StateVectorEngine(Program(n, n_parameters, tuple(ops)), None)
