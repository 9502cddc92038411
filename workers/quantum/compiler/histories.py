"""Proof for circuits with mid-circuit measurements, resets and conditions, on the input |0...0>.

Two such circuits are equal if they leave the qubits in the same state, with the same probability, for every
value of the classical bits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from shared.circuits.instruction import Barrier, Gate, If, Instruction, Measure, Reset, Unitary, moved
from shared.circuits.record import CircuitRecord
from workers.quantum.compiler.compiled import Candidate
from workers.quantum.compiler.places import Places
from workers.quantum.simulation.circuits.branching import Branches, BranchLimitError, Follower, exact
from workers.quantum.simulation.ir.program import Complex

QUBITS = 20
"""Qubits in use up to which circuits are compared."""
AMPLITUDES = 1 << 22
"""Amplitudes of all histories together up to which all are followed."""
SAMPLES = 3
"""Histories that are followed otherwise."""


class DifferentError(Exception):
    """Two circuits differ."""


class TooWideError(Exception):
    """Two circuits have too many qubits, or too many histories, to be compared."""


def compare(source: CircuitRecord, made: Candidate, tolerance: float, seed: int) -> str:
    """Compare a compiled circuit with its source, both without free parameters.

    Args:
        source: the circuit.
        made: the compiled circuit.
        tolerance: maximum of 1 - |overlap|, if the final states are pure.
        seed: of the outcomes that are chosen where there are too many histories.

    Returns:
        `histories` if all were followed, `sampled histories` if some were.

    Raises:
        DifferentError: they differ.
        TooWideError: they are too large to be compared.
    """
    places = Places.of(source.instructions, made.record.instructions, made)
    if places.width > QUBITS:
        raise TooWideError
    pair = _Pair(source, made.record, places, tolerance)
    try:
        pair.check(None)
    except BranchLimitError:
        try:
            for number in range(SAMPLES):
                pair.check((seed, number))
        except BranchLimitError:
            raise TooWideError from None
        return "sampled histories"
    return "histories"


@dataclass(frozen=True)
class _Pair:
    source: CircuitRecord
    compiled: CircuitRecord
    places: Places
    tolerance: float

    def check(self, seed: tuple[int, int] | None) -> None:
        """Compare the ends of all histories, or of those that a seed chooses.

        Raises:
            DifferentError: they differ.
            BranchLimitError: there are too many.
        """
        places, n = self.places, self.places.width
        wanted = self._followed(self.source.instructions, places.begin, seed)
        found = self._followed(self.compiled.instructions, places.of_site, seed)
        axes = [0, *(1 + place for place in places.moved)]
        states = wanted.states.reshape(-1, *[2] * n).transpose(axes).reshape(-1, 1 << n)
        total = float(wanted.weights.sum())
        ends = [_by_bits(one, total) for one in (replace(wanted, states=states), found)]
        nowhere: Complex = np.zeros((0, 1 << n), dtype=np.complex128)
        for bits in ends[0].keys() | ends[1].keys():
            left, right = (end.get(bits, nowhere) for end in ends)
            weight = max(np.linalg.norm(left), np.linalg.norm(right)) ** 2
            # Vectors of squared norms up to w at the distance e have projectors at up to 2 e sqrt(w); e^2 is
            # 2 (1 - |overlap|) for unit vectors.
            if _distance(left, right) ** 2 > 8 * self.tolerance * weight:
                shown = "".join(map(str, bits[::-1]))
                raise DifferentError(f"source and compiled circuit differ where the bits are {shown}")

    def _followed(
        self, items: Iterable[Instruction], places: Mapping[int, int], seed: tuple[int, int] | None
    ) -> Branches:
        n = self.places.width
        most = max(1, AMPLITUDES >> n)
        follower = Follower(n, exact, most, _nothing) if seed is None else _Chosen(n, most, seed)
        start = Branches.start(n, self.source.n_cells, 1.0)
        return follower.run([_placed(item, places) for item in items], start)


class _Chosen(Follower):
    """Follows the histories with one outcome of each measurement.

    The outcome is drawn by its probability, with a random number that depends only on the bit and on how
    often it was measured: the same in a circuit that measures in another order.

    Args:
        n_qubits: number of qubits.
        max_branches: largest number of histories, which resets can lead to.
        seed: of the outcomes.
    """

    def __init__(self, n_qubits: int, max_branches: int, seed: tuple[int, int]) -> None:
        super().__init__(n_qubits, exact, max_branches, _nothing)
        self._seed, self._times = seed, defaultdict[int, int](int)

    def _measured(self, qubit: int, bit: int | None, reset: bool, branches: Branches) -> Branches:
        split = super()._measured(qubit, bit, reset, branches)
        if bit is None:
            return split
        self._times[bit] += 1
        ones = split.bits[:, bit] == 1
        share = split.weights[ones].sum() / split.weights.sum()
        drawn = np.random.default_rng([*self._seed, bit, self._times[bit]]).random() < share
        return split.pick(np.flatnonzero(ones == drawn))


def _nothing() -> None:
    pass


def _placed(item: Instruction, places: Mapping[int, int]) -> Instruction:
    """Return an instruction on other qubits."""
    match item:
        case Measure() | Reset():
            return replace(item, qubit=places[item.qubit])
        case If():
            then, otherwise = (
                tuple(_placed(one, places) for one in block) for block in (item.then, item.otherwise)
            )
            return replace(item, then=then, otherwise=otherwise)
        case Barrier():
            return Barrier(())
        case Gate() | Unitary():
            return moved(item, places)
    raise AssertionError(f"{type(item).__name__} has no compiled form")


def _by_bits(branches: Branches, total: float) -> dict[tuple[int, ...], Complex]:
    """Return the states complex128[k, 2^n] of each value of the bits, their squared norms the probabilities.

    Args:
        branches: the histories.
        total: probability that is taken as 1.
    """
    rows: defaultdict[tuple[int, ...], list[Complex]] = defaultdict(list)
    for state, weight, bits in zip(branches.states, branches.weights, branches.bits, strict=True):
        rows[tuple(bits.tolist())].append(np.sqrt(weight / total) * state)
    return {bits: np.array(states) for bits, states in rows.items()}


def _distance(left: Complex, right: Complex) -> float:
    """Return the distance of two mixtures of the rows in the Frobenius norm."""
    both = np.concatenate([left, right])
    signs = np.repeat([1.0, -1.0], [len(left), len(right)])
    overlaps = np.abs(both.conj() @ both.T) ** 2
    return float(np.sqrt(max(0.0, signs @ overlaps @ signs)))
