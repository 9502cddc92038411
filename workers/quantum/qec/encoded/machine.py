"""The physical qubits of patches, as a Stim circuit with noise and detectors that grows by operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import stim

from shared.circuits.instruction import Gate, Reset
from workers.quantum.qec.encoded.patch import Basis, Position, Rectangle
from workers.quantum.simulation.noise.circuit import noisy
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.readout_error import flips
from workers.quantum.simulation.noise.tableau import Lowering

Parity = frozenset[int]
"""Measurement records, by number, whose outcomes add up modulo 2 to a value; `ONE` is the constant 1."""
ZERO: Parity = frozenset()
ONE: Parity = frozenset({-1})


class Machine:
    """Physical qubits at positions, and the known values of their stabilizers.

    Its operations are `reset`, `h` and `cx`, each followed by the errors of the noise model, and measurements
    of Z.

    Attributes:
        circuit: the circuit so far.
        twirled: whether any channel was replaced by its Pauli twirl.
        rounds: rounds of syndrome extraction so far.
        uneven: whether a readout error that depends on the state was replaced by its mean.

    Args:
        noise: the model of physical gates; it must not refer to particular qubits.
    """

    def __init__(self, noise: NoiseModel | None) -> None:
        self.circuit = stim.Circuit()
        self.twirled = False
        self._noise = noise
        self._lowered: dict[str, stim.Circuit] = {}
        self._rounds: dict[tuple[Rectangle, ...], stim.Circuit] = {}
        up, down = flips(noise, 0)
        self._misread, self.uneven = (up + down) / 2, up != down
        self._qubits: dict[Position, int] = {}
        self._known: dict[Position, Parity] = {}
        self._n_records = 0
        self.rounds = 0

    @property
    def n_qubits(self) -> int:
        """Number of physical qubits used so far."""
        return len(self._qubits)

    def prepare(self, data: Iterable[Position], basis: Basis) -> None:
        """Prepare data qubits in |0> (Z) or |+> (X)."""
        places = list(data)
        self._reset(places)
        if basis == "X":
            self.hadamard(places)

    def begin(self, patch: Rectangle, basis: Basis) -> None:
        """Prepare a patch in logical |0> (Z) or |+> (X): its stabilizers of that type are 1."""
        self.prepare(patch.data, basis)
        self._known |= {at: ZERO for at, its in patch.plaquettes.items() if its == basis}

    def hadamard(self, places: Iterable[Position]) -> None:
        """Apply H to qubits."""
        self._apply(Gate("h", (0,)), [(self._qubit(at),) for at in places])

    def turn(self, patch: Rectangle) -> None:
        """Move the qubits of a patch by a quarter turn, with the values of their stabilizers."""
        places = (*patch.data, *patch.plaquettes)
        qubits = {patch.rotated(at): self._qubits.pop(at) for at in places if at in self._qubits}
        known = {patch.rotated(at): self._known.pop(at) for at in places if at in self._known}
        self._qubits |= qubits
        self._known |= known
        self._rounds.clear()

    def extract(self, patches: tuple[Rectangle, ...]) -> dict[Position, int]:
        """Measure all stabilizers of patches once; return the records by plaquette.

        A detector compares each with its known value.
        """
        places = [at for patch in patches for at in patch.plaquettes]
        if patches not in self._rounds:
            whole, self.circuit = self.circuit, stim.Circuit()
            self._round(patches)
            self._rounds[patches], self.circuit = self.circuit, whole
        self.circuit += self._rounds[patches]
        records = self._record(places)
        for at in places:
            if at in self._known:
                self._detect(at, self._known[at] ^ {records[at]})
            self._known[at] = frozenset({records[at]})
        self.rounds += 1
        return records

    def _round(self, patches: tuple[Rectangle, ...]) -> None:
        """Append the gates and the measurement of all stabilizers of patches."""
        every = [(patch, at, its) for patch in patches for at, its in patch.plaquettes.items()]
        places, turned = [at for _, at, _ in every], [at for _, at, its in every if its == "X"]
        self._reset(places)
        self.hadamard(turned)
        supports = [patch.support(at) for patch, at, _ in every]
        for step in range(4):
            self.circuit.append("TICK")
            ends = [
                self._ends(at, its, target)
                for (_, at, its), support in zip(every, supports, strict=True)
                if (target := support[step]) is not None
            ]
            self._apply(Gate("cx", (0, 1)), ends)
        self.circuit.append("TICK")
        self.hadamard(turned)
        self._measure(places)

    def measure(self, data: Iterable[Position], basis: Basis) -> dict[Position, int]:
        """Measure data qubits; return the records."""
        places = list(data)
        if basis == "X":
            self.hadamard(places)
        self._measure(places)
        return self._record(places)

    def end(self, patch: Rectangle) -> dict[Position, int]:
        """Measure the data qubits of a patch in Z, which determines its Z stabilizers once more."""
        records = self.measure(patch.data, "Z")
        for at, its in patch.plaquettes.items():
            if its == "Z":
                own = frozenset(records[one] for one in patch.support(at) if one is not None)
                self._detect(at, self._known[at] ^ own)
            self._known.pop(at, None)
        return records

    def split(self, whole: Rectangle, parts: Sequence[Rectangle], basis: Basis) -> dict[Position, int]:
        """Measure the data qubits between parts of a patch; return the records.

        Stabilizers of this basis that extended over the seam shrink to those of the parts; the others that
        touched it are gone.
        """
        seam = [at for at in whole.data if not any(at in part.data for part in parts)]
        records = self.measure(seam, basis)
        kept = {at for part in parts for at in part.plaquettes}
        for at in whole.plaquettes:
            lost = frozenset(records[one] for one in whole.support(at) if one in records)
            if at not in kept:
                del self._known[at]
            elif lost:
                self._known[at] ^= lost
        return records

    def observe(self, number: int, parity: Parity) -> None:
        """Declare an observable, without its constant."""
        self.circuit.append("OBSERVABLE_INCLUDE", self._targets(parity), number)

    def _qubit(self, at: Position) -> int:
        return self._qubits.setdefault(at, len(self._qubits))

    def _ends(self, plaquette: Position, basis: Basis, data: Position) -> tuple[int, int]:
        """Return control and target of the coupling of a plaquette with a data qubit."""
        ends = (self._qubit(plaquette), self._qubit(data))
        return ends if basis == "X" else (ends[1], ends[0])

    def _reset(self, places: Iterable[Position]) -> None:
        self._apply(Reset(0), [(self._qubit(at),) for at in places])

    def _apply(self, operation: Gate | Reset, groups: Sequence[tuple[int, ...]]) -> None:
        """Apply an operation to disjoint groups of qubits, then its errors to all of them."""
        if groups:
            for part in self._with_errors(operation):
                places = [target.value for target in part.targets_copy()]
                targets = [group[place] for group in groups for place in places]
                self.circuit.append(part.name, targets, part.gate_args_copy())

    def _with_errors(self, operation: Gate | Reset) -> stim.Circuit:
        """Return an operation on qubits 0 and 1 with its errors."""
        name = operation.name if isinstance(operation, Gate) else "reset"
        if name not in self._lowered:
            lowering = Lowering(0, self._noise, noisy([operation], self._noise))
            self._lowered[name] = lowering.circuit
            self.twirled |= lowering.twirled
        return self._lowered[name]

    def _measure(self, places: Sequence[Position]) -> None:
        self.circuit.append("M", [self._qubit(at) for at in places], self._misread)

    def _record(self, places: Sequence[Position]) -> dict[Position, int]:
        """Return the numbers of the records of a measurement just appended."""
        first, self._n_records = self._n_records, self._n_records + len(places)
        return {at: first + number for number, at in enumerate(places)}

    def _detect(self, at: Position, parity: Parity) -> None:
        self.circuit.append("DETECTOR", self._targets(parity), (*at, self.rounds))

    def _targets(self, parity: Parity) -> list[stim.GateTarget]:
        return [stim.target_rec(record - self._n_records) for record in sorted(parity - ONE)]
