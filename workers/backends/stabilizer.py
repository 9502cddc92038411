"""Clifford circuits on stabilizer tableaus, by Stim: a thousand qubits, noise Pauli-twirled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import stim
from numpy.typing import NDArray

from workers.backends.circuits import Asked, check
from workers.noise.circuit import Step, noisy
from workers.noise.tableau import Lowering, expectation
from workers.simulation import clifford
from workers.simulation.outcomes import FEWER_SHOTS, SHOTS, check_size, generator, texts
from workers.simulation.readout import Readout, readout

SHOTS_AT_ONCE = 1 << 14

Bits = NDArray[np.uint8]


class Stabilizer:
    """The stabilizer backend."""

    name = "stabilizer"

    def run(self, asked: Asked) -> dict[str, Any]:
        """See `workers.backends.circuits.CircuitBackend`; expectation values are exact, with noise, too."""
        check(self.name, asked.record)
        clifford.check(asked.record.instructions)
        ends = readout(asked.record)
        steps = noisy(ends.instructions, asked.noise)
        value: dict[str, Any] = {}
        if asked.shots is None:
            value["probabilities"] = _probabilities(asked, ends, steps)
        else:
            value = _Sampling(asked, ends, steps).value(asked.shots)
        if asked.observables:
            value["expectations"] = {
                name: sum(coefficient * expectation(string, steps) for string, coefficient in terms)
                for name, terms in asked.observables.items()
            }
        return value


class _Sampling:
    """A circuit to sample: which record or readout each place of an outcome comes from."""

    def __init__(self, asked: Asked, ends: Readout, steps: Sequence[Step]) -> None:
        self._asked, self._ends = asked, ends
        lowering = Lowering(asked.record.n_cells, asked.noise, steps)
        sources: list[int | None] = (
            lowering.records[: ends.width] if ends.measured == "classical bits" else []
        )
        sources += [None] * (ends.width - len(sources))
        for qubit, place in zip(ends.qubits, ends.places, strict=True):
            sources[place] = lowering.measure(qubit)
        self._lowering = lowering
        self._places = [place for place, source in enumerate(sources) if source is not None]
        self._records = [source for source in sources if source is not None]
        misread = (lowering.flips[record] for record in self._records)
        self._flips = {column: rates for column, rates in enumerate(misread) if any(rates)}

    def value(self, shots: int) -> dict[str, Any]:
        """The counts, and what the receipt should say of the noise.

        Raises:
            OutcomeLimitError: More different outcomes than can be listed.
        """
        if not self._records:
            return {"counts": {"0" * self._ends.width: shots}} | self._receipt()
        sampler = self._lowering.circuit.compile_sampler(seed=self._asked.seed)
        rng = generator(self._asked.seed)
        seen: dict[bytes, int] = {}
        for first in range(0, shots, SHOTS_AT_ONCE):
            self._asked.checkpoint()
            n = min(SHOTS_AT_ONCE, shots - first)
            for row, times in self._counted(sampler.sample_bit_packed(n), rng):
                seen[row] = seen.get(row, 0) + times
            check_size(len(seen), self._ends.width, FEWER_SHOTS)
        outcomes = np.zeros((len(seen), self._ends.width), dtype=np.uint8)
        rows = np.array([np.frombuffer(row, dtype=np.uint8) for row in seen])
        width = len(self._places)
        outcomes[:, self._places] = np.unpackbits(rows, axis=1, count=width, bitorder="little")
        counts = dict(zip(texts(outcomes), seen.values(), strict=True))
        return {"counts": dict(sorted(counts.items()))} | self._receipt()

    def _counted(self, packed: Bits, rng: np.random.Generator) -> list[tuple[bytes, int]]:
        """Different outcomes of the records wanted, packed, and how often each came."""
        if self._flips or self._records != list(range(self._lowering.circuit.num_measurements)):
            bits = np.unpackbits(
                packed, axis=1, count=self._lowering.circuit.num_measurements, bitorder="little"
            )[:, self._records]
            for column, (up, down) in self._flips.items():
                chances = np.where(bits[:, column] == 1, down, up)
                bits[:, column] ^= rng.random(len(bits)) < chances
            packed = np.packbits(bits, axis=1, bitorder="little")
        rows = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").reshape(-1)
        different, times = np.unique(rows, return_counts=True)
        return [(row.tobytes(), int(n)) for row, n in zip(different, times, strict=True)]

    def _receipt(self) -> dict[str, Any]:
        if self._asked.noise is None:
            return {}
        notes = ["channels Pauli-twirled"] if self._lowering.twirled else []
        if self._lowering.symmetric:
            notes.append("readout errors of bits that conditions depend on made symmetric")
        return {"receipt": {"noise_applied": "; ".join(notes) or "as it is: Pauli channels"}}


def _probabilities(asked: Asked, ends: Readout, steps: Sequence[Step]) -> dict[str, float]:
    """Exact probabilities: a stabilizer state's outcomes are equally likely, and an affine space of bits.

    Raises:
        ValueError: Measurements inside, or noise: they have to be sampled.
        OutcomeLimitError: More than 2^20 outcomes.
    """
    if not ends.unitary or asked.noise is not None:
        raise ValueError(
            "the stabilizer simulator gives exact probabilities of circuits of gates without noise only; "
            "give shots, or take backend: auto"
        )
    if not ends.qubits:
        return {"0" * ends.width: 1.0}
    simulator = stim.TableauSimulator(seed=asked.seed)
    simulator.do_circuit(Lowering(0, None, steps).circuit)
    simulator.set_num_qubits(asked.record.n_qubits)
    measured = list(ends.qubits)
    directions = _basis(
        np.array([s.to_numpy()[0] for s in simulator.canonical_stabilizers()], dtype=bool)[:, measured]
    )
    check_size(1 << len(directions), ends.width, SHOTS)
    found = np.array([simulator.measure_many(*measured)], dtype=bool)
    for direction in directions:
        found = np.concatenate([found, found ^ direction])
    outcomes = np.repeat(ends.frame([0] * ends.width)[None], len(found), axis=0)
    outcomes[:, list(ends.places)] = found
    return dict.fromkeys(sorted(texts(outcomes)), 1.0 / len(found))


def _basis(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A basis of the row space over GF(2)."""
    rows, rank = rows.copy(), 0
    for column in range(rows.shape[1]):
        pivots = np.flatnonzero(rows[rank:, column])
        if len(pivots) == 0:
            continue
        rows[[rank, rank + pivots[0]]] = rows[[rank + pivots[0], rank]]
        others = np.flatnonzero(rows[:, column])
        rows[others[others != rank]] ^= rows[rank]
        rank += 1
        if rank == len(rows):
            break
    return rows[:rank]
