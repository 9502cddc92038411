"""Proof that a compiled circuit does what its source does; part of every compilation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import stim

from shared.circuits.instruction import Affine, Barrier, Gate, Measure, Unitary, UnitaryInstruction, moved
from shared.circuits.record import CircuitRecord, touched
from workers.quantum.compiler.compiled import Candidate
from workers.quantum.compiler.gadgets import Gadgets, gadgets
from workers.quantum.compiler.interactions import NotReducedError, distance
from workers.quantum.compiler.terminal import split
from workers.quantum.simulation.circuits.clifford import NotCliffordError, clifford
from workers.quantum.simulation.ir.program import Complex, Op, Program
from workers.quantum.simulation.lowering.circuit_record import lower_gate
from workers.quantum.simulation.statevector.engine import StateVectorEngine

UNITARY_QUBITS = 10
"""Active qubits up to which the whole unitary is compared."""
STATE_QUBITS = 24
"""Active qubits up to which random product states are compared."""
N_STATES = 2
QUARTER, ANGLE_TOLERANCE = pi / 4, 1e-7
TOLERANCE = 1e-9
"""Maximum of 1 - |overlap|."""
DISTANCE = sqrt(2 * TOLERANCE)
"""Distance of two unitaries in the operator norm, at which the overlap of their images is as large."""
STRUCTURE, UNVERIFIED = "structure", "not verified"
DOUBTS = {
    STRUCTURE: "the compiled circuit is too wide to simulate, not Clifford and not equal gate by gate: "
    "only its routing is checked",
    UNVERIFIED: "a circuit with mid-circuit measurements, resets or conditions is not verified",
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
        `unitary`, `interactions`, `states` or `tableau`: what was compared, up to a global phase; `structure`
        for circuits that are too wide and differ in form, of which only the routing is checked
        (`router/check.py`); `not verified` for circuits with mid-circuit measurements, resets or conditions.

    Raises:
        MiscompiledError: they differ.
    """
    if made.reordered is not None:
        _check_rotations(source, made.reordered)
        source = made.reordered
    before, after = split(source), split(made.record)
    if before is None or after is None:
        return UNVERIFIED
    _check_measurements(before[1], after[1], made.final)
    pair = _Pair(_without_barriers(before[0]), _without_barriers(after[0]), made)
    if pair.free:
        pair = pair.bound(seed)
    if pair.width <= UNITARY_QUBITS and not made.from_zero:
        _demand(pair.choi_overlap(), "the unitaries")
        return "unitary"
    if not made.from_zero and pair.reduces():
        return "interactions"
    if pair.width <= STATE_QUBITS:
        for number in range(1 if made.from_zero else N_STATES):
            inputs = None if made.from_zero else np.random.default_rng([seed, number])
            _demand(pair.state_overlap(inputs), "the final states")
        return "states"
    try:
        pair.check_tableaus()
    except NotCliffordError:
        return STRUCTURE
    return "tableau"


def _demand(overlap: float, what: str) -> None:
    if not overlap >= 1 - TOLERANCE:
        raise MiscompiledError(f"{what} of source and compiled circuit overlap only to {overlap:.12f}")


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

    @property
    def free(self) -> bool:
        return any(isinstance(angle, Affine) for item in self.before for angle in getattr(item, "params", ()))

    @property
    def qubits(self) -> list[int]:
        """Source qubits that are acted on."""
        return sorted(touched(self.before)[0])

    @property
    def sites(self) -> list[int]:
        """Device qubits that are acted on, or hold a source qubit that is."""
        made = self.made
        held = {sites[qubit] for sites in (made.layout, made.final) for qubit in self.qubits}
        return sorted(held | touched(self.after)[0])

    @property
    def width(self) -> int:
        """Number of qubits that both simulations hold."""
        return len(self.sites)

    def bound(self, seed: int) -> _Pair:
        """Return the pair at random values of the parameters."""
        rng = np.random.default_rng([seed, 2])
        values: dict[str, float] = {}

        def number(item: Gate | Unitary) -> Gate | Unitary:
            if isinstance(item, Unitary):
                return item
            angles = []
            for angle in item.params:
                if isinstance(angle, Affine):
                    for name, _ in angle.terms:
                        values.setdefault(name, float(rng.uniform(-3, 3)))
                    angle = angle.offset + sum(factor * values[name] for name, factor in angle.terms)
                angles.append(angle)
            return Gate(item.name, item.qubits, tuple(angles))

        return _Pair(list(map(number, self.before)), list(map(number, self.after)), self.made)

    def choi_overlap(self) -> float:
        """Return |tr(U^dagger V)| / 2^n: the overlap of the states that they make of halves of Bell pairs."""
        n, qubits, sites = self.width, self.qubits, self.sites
        bells: list[Op] = []
        for number, qubit in enumerate(qubits):
            here = sites.index(self.made.layout[qubit])
            bells += lower_gate(Gate("h", (here,)), n) + lower_gate(Gate("cx", (here, n + number)), n)
        return self._overlap(bells, len(qubits))

    def state_overlap(self, rng: np.random.Generator | None) -> float:
        """Return the overlap of the final states from one product state; None is |0...0>."""
        inputs: list[Op] = []
        for qubit in self.qubits if rng is not None else ():
            assert rng is not None
            here, (polar, azimuth) = self.sites.index(self.made.layout[qubit]), rng.uniform(0, 3, 2)
            inputs += lower_gate(Gate("ry", (here,), (polar,)), 0) + lower_gate(
                Gate("rz", (here,), (azimuth,)), 0
            )
        return self._overlap(inputs, 0)

    def _overlap(self, inputs: Sequence[Op], n_more: int) -> float:
        """Return |<source|compiled>|, both on device qubits; the source's are moved to the final layout."""
        n, made = self.width + n_more, self.made
        if not n:
            return 1.0
        place = {site: index for index, site in enumerate(self.sites)}
        begin = {qubit: place[made.layout[qubit]] for qubit in self.qubits}
        end = {qubit: place[made.final[qubit]] for qubit in self.qubits}
        compiled = _state(inputs, _moved(self.after, place), n)
        wanted = _state(inputs, _moved(self.before, begin), n)
        axes = list(range(n))
        taken = set(end.values())
        spare = iter(sorted(set(range(self.width)) - taken))
        target = {begin[qubit]: end[qubit] for qubit in self.qubits}
        for index in range(self.width):
            axes[target[index] if index in target else next(spare)] = index
        return float(abs(np.vdot(wanted.reshape([2] * n).transpose(axes), compiled.reshape([2] * n))))

    def reduces(self) -> bool:
        """Return whether both circuits have the same interactions, see `interactions.distance`.

        Then the overlap of their final states is as large as `_demand` asks for every input.
        """
        end = dict(zip(self.made.layout, self.made.final, strict=True))
        before = _moved(self.before, dict(enumerate(self.made.layout)))
        try:
            return distance(before, self.after, end, DISTANCE) <= DISTANCE
        except NotReducedError:
            return False

    def check_tableaus(self) -> None:
        """Compare the stabilizers of the final states, from halves of Bell pairs or from |0...0>.

        Raises:
            NotCliffordError: a gate is not Clifford.
            MiscompiledError: they differ.
        """
        place = {site: index for index, site in enumerate(self.sites)}
        begin = {qubit: place[self.made.layout[qubit]] for qubit in self.qubits}
        end = {qubit: place[self.made.final[qubit]] for qubit in self.qubits}
        found = []
        for gates, places, start in ((self.before, end, end), (self.after, place, begin)):
            simulator = stim.TableauSimulator()
            simulator.set_num_qubits(self.width + (0 if self.made.from_zero else len(self.qubits)))
            if not self.made.from_zero:
                for number, qubit in enumerate(self.qubits):
                    simulator.h(start[qubit])
                    simulator.cx(start[qubit], self.width + number)
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


def _state(inputs: Sequence[Op], gates: Iterable[UnitaryInstruction], n: int) -> Complex:
    """Return the final state complex128[2^n]."""
    ops = [*inputs]
    for item in gates:
        assert isinstance(item, Gate | Unitary)
        ops += lower_gate(item, n)
    program = Program(max(n, 1), 0, tuple(ops))
    state: Complex = StateVectorEngine(program, None).states(np.zeros((1, 0)))[0]
    return state
