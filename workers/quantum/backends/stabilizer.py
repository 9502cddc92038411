"""Clifford circuits on stabilizer tableaus, using Stim: a thousand qubits, Pauli-twirled noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from workers.quantum.backends import records
from workers.quantum.backends.base import Local, Plan
from workers.quantum.backends.batch import Batch
from workers.quantum.backends.feedback import Feedback
from workers.quantum.backends.records import Asked, Told, Whole
from workers.quantum.simulation.circuits import clifford
from workers.quantum.simulation.circuits.outcomes import FEWER_SHOTS, check_size, generator, texts
from workers.quantum.simulation.circuits.readout import Readout, readout
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.circuit import Step, noisy
from workers.quantum.simulation.noise.model import Struck
from workers.quantum.simulation.noise.tableau import FeedbackError, Lowering, expectation

SHOTS_AT_ONCE = 1 << 14

Bits = NDArray[np.uint8]


class Stabilizer(Local):
    """The stabilizer backend."""

    name = "stabilizer"

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`; expectation values are exact, including noise."""
        plan = records.prepare(Tableau(), batch)
        for pub in batch.pubs:
            record = cast("CircuitRecord", pub.circuit)
            if not record.parameters:
                clifford.check(record.instructions)
        return plan


class Tableau(Whole):
    """Clifford circuits on tableaus."""

    name = "stabilizer"

    def share(self, asked: Asked, units: range) -> Told:
        """See `workers.quantum.backends.records.CircuitSimulator`."""
        clifford.check(asked.record.instructions)
        ends = readout(asked.record)
        steps = noisy(ends.instructions, asked.noise)
        feedback = Feedback(asked, ends, steps)
        result = _sampled(asked, ends, steps, feedback)
        if asked.noise is None:
            result |= asked.distributed(feedback.probabilities)
        elif Want.DISTRIBUTION in asked.want and not asked.observables:
            raise CircuitError(
                "the stabilizer simulator gives exact probabilities of circuits without noise only; give "
                "shots, or use backend: auto"
            )
        if asked.observables:
            result |= _expectations(asked, steps, feedback)
        if "notes" in result:
            return result
        twirled = any(isinstance(step, Struck) and step.channel.paulis is None for step in steps)
        return {**result, **_notes(asked, twirled=twirled)}


def _sampled(asked: Asked, ends: Readout, steps: Sequence[Step], feedback: Feedback) -> Told:
    """Return the counts: from a Stim circuit if it can express the conditionals, else by tracking."""
    try:
        sampling = _Sampling(asked, ends, steps) if Want.COUNTS in asked.want else None
    except FeedbackError:
        counts = asked.counted(lambda: feedback.counts(asked.samples))
        return {**counts, **_notes(asked, twirled=feedback.twirled)} if counts else {}
    if sampling is None:
        return {}
    counts = asked.counted(lambda: sampling.counts(asked.samples))
    return {**counts, **_notes(asked, twirled=sampling.twirled)} if counts else {}


def _expectations(asked: Asked, steps: Sequence[Step], feedback: Feedback) -> Told:
    """Return exact expectation values: back-propagated strings, or the noiseless mean over histories.

    With both noise and conditionals they are means over shots.
    """
    try:
        values = {
            number: sum(coefficient * expectation(string, steps) for string, coefficient in terms)
            for number, terms in asked.observables.items()
        }
    except FeedbackError:
        if asked.noise is None:
            return {"expectations": feedback.expectations(asked.observables)}
        if asked.shots is None:
            raise
        means, variances = feedback.means(asked.shots)
        return {"expectations": means, "variances": variances}
    return {"expectations": values}


def _notes(asked: Asked, *, twirled: bool) -> Told:
    """Return the receipt's notes on noise."""
    if asked.noise is None:
        return {}
    return {"notes": {"noise_applied": "channels Pauli-twirled" if twirled else "as it is: Pauli channels"}}


class _Sampling:
    """A circuit to sample, with the source (record or readout) of each position of an outcome."""

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

    @property
    def twirled(self) -> bool:
        """Whether any channel was replaced by its twirl."""
        return self._lowering.twirled

    def counts(self, shots: int) -> dict[str, int]:
        """Return the counts by outcome string, ascending.

        Raises:
            OutcomeLimitError: More distinct outcomes than can be listed.
        """
        if not self._records:
            return {"0" * self._ends.width: shots}
        sampler = self._lowering.circuit.compile_sampler(seed=self._asked.seed)
        rng = generator(self._asked.seed)
        seen: dict[bytes, int] = {}
        for first in range(0, shots, SHOTS_AT_ONCE):
            self._asked.control.checkpoint()
            n = min(SHOTS_AT_ONCE, shots - first)
            for row, times in self._counted(sampler.sample_bit_packed(n), rng):
                seen[row] = seen.get(row, 0) + times
            check_size(len(seen), self._ends.width, FEWER_SHOTS)
        outcomes = np.zeros((len(seen), self._ends.width), dtype=np.uint8)
        rows = np.array([np.frombuffer(row, dtype=np.uint8) for row in seen])
        width = len(self._places)
        outcomes[:, self._places] = np.unpackbits(rows, axis=1, count=width, bitorder="little")
        counts = dict(zip(texts(outcomes), seen.values(), strict=True))
        return dict(sorted(counts.items()))

    def _counted(self, packed: Bits, rng: np.random.Generator) -> list[tuple[bytes, int]]:
        """Return distinct outcomes of the selected records, packed, with their counts."""
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
