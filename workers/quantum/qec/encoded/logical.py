"""Logical gates on one or two patches, by lattice surgery where they couple the patches.

Pauli gates only change the frame, the Pauli operators by which the state differs from that of the circuit. H
is applied to every data qubit and followed by a quarter turn of the patch. CX measures ZZ of the control and
an auxiliary patch in |+>, XX of that and the target, then Z of the auxiliary patch (Horsman et al., New J.
Phys. 14, 123011 (2012)).
"""

from __future__ import annotations

from novacron.specs.noise import WrittenNoise
from workers.quantum.qec.encoded.machine import ONE, ZERO, Machine, Parity
from workers.quantum.qec.encoded.patch import Basis, Rectangle, block, opposite
from workers.quantum.simulation.noise.model import NoiseModel

Frame = dict[Basis, list[Parity]]


class Patches:
    """Logical qubits on patches of the rotated surface code, in |0> at first.

    Attributes:
        machine: the physical qubits.

    Args:
        n_qubits: 1 or 2 logical qubits.
        distance: code distance, odd.
        noise: the model of physical gates.
    """

    def __init__(self, n_qubits: int, distance: int, noise: WrittenNoise | None) -> None:
        most = 2 * (2 * distance + 1) ** 2
        self.machine = Machine(None if noise is None else NoiseModel(noise, range(most)))
        self._distance = distance
        self._own = [block(distance, number, number) for number in range(n_qubits)]
        self._place = list(range(n_qubits))
        self._frame: Frame = {"X": [ZERO] * n_qubits, "Z": [ZERO] * n_qubits}
        for patch in self._own:
            self.machine.begin(patch, "Z")
        self._wait()

    def pauli(self, basis: Basis, qubit: int) -> None:
        """Apply X or Z."""
        self._frame[basis][qubit] ^= ONE

    def h(self, qubit: int) -> None:
        """Apply H."""
        patch = self._own[self._place[qubit]]
        self.machine.hadamard(patch.data)
        self.machine.turn(patch)
        x, z = self._frame["X"], self._frame["Z"]
        x[qubit], z[qubit] = z[qubit], x[qubit]
        self._wait()

    def cx(self, control: int, target: int) -> None:
        """Apply CX."""
        above, right = (self._own[self._place[qubit]] for qubit in (control, target))
        # The auxiliary patch is in the column of the control and in the row of the target.
        row, column = self._place[target], self._place[control]
        auxiliary = block(self._distance, row, column)
        self.machine.begin(auxiliary, "X")
        zz, lost_x = self._joint("Z", above, auxiliary, beside=right)
        xx, lost_z = self._joint("X", auxiliary, right, beside=above)
        records = self.machine.end(auxiliary)
        z = frozenset(records[at] for at in auxiliary.logical("Z"))
        frame_x, frame_z = self._frame["X"], self._frame["Z"]
        frame_x[target] ^= frame_x[control] ^ zz ^ z ^ lost_z
        frame_z[control] ^= frame_z[target] ^ xx ^ lost_x

    def swap(self, first: int, second: int) -> None:
        """Apply SWAP, which exchanges the names of the patches."""
        for held in (self._place, *self._frame.values()):
            held[first], held[second] = held[second], held[first]  # type: ignore[index]

    def measure(self) -> list[Parity]:
        """Measure all logical qubits in Z; return their outcomes."""
        outcomes = []
        for qubit, place in enumerate(self._place):
            records = self.machine.end(self._own[place])
            row = frozenset(records[at] for at in self._own[place].logical("Z"))
            outcomes.append(row ^ self._frame["X"][qubit])
        return outcomes

    def _wait(self) -> None:
        for _ in range(self._distance):
            self.machine.extract(tuple(self._own))

    def _joint(
        self, basis: Basis, first: Rectangle, second: Rectangle, *, beside: Rectangle
    ) -> tuple[Parity, Parity]:
        """Measure ZZ or XX of two neighbouring patches by merging and splitting them.

        Returns:
            The outcome, and the change of the other product, XX or ZZ, by the qubits between the patches.
        """
        whole = first.joined(second)
        between = [at for at in whole.data if at not in first.data and at not in second.data]
        self.machine.prepare(between, opposite(basis))
        axis = 0 if basis == "Z" else 1
        low, high = sorted((first.middle[axis], second.middle[axis]))
        rounds = [self.machine.extract((whole, beside)) for _ in range(self._distance)]
        outcome = frozenset(
            rounds[0][at] for at, its in whole.plaquettes.items() if its == basis and low < at[axis] < high
        )
        records = self.machine.split(whole, (first, second), opposite(basis))
        line = 1 - axis
        crossing = frozenset(one for at, one in records.items() if at[line] == first.middle[line])
        return outcome, crossing
