"""Expectation values from counts, of circuit records on any backend that supports counts.

A layer between a batch and a backend: each measurement setting of an observable becomes its own circuit,
which rotates every qubit to its letter's basis and measures it; values are computed from the counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import cast

import numpy as np

from shared.circuits.instruction import Gate, Instruction, Measure
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from shared.quantum.measurement import settings
from shared.quantum.wants import Want
from workers.quantum.backends.base import ALONE, Backend, Control, Plan, Queued, Quote, Share, refuse
from workers.quantum.backends.batch import Answer, Batch, Pub, Result, Terms
from workers.quantum.simulation.circuits.readout import readout
from workers.quantum.simulation.ir.pauli import masks
from workers.quantum.simulation.ir.program import Program
from workers.quantum.simulation.lowering.standard_gates import parametrized

REGISTER = "estimate"
TURNS = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
"""Basis change gates before a measurement of the letter."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Terms of one measurement setting, and its circuit.

    Attributes:
        circuit: its last classical bits are the measured qubits.
        n_bits: number of these bits.
        terms: for each term its coefficient and the positions among those bits whose values it multiplies.
    """

    circuit: CircuitRecord
    n_bits: int
    terms: tuple[tuple[float, tuple[int, ...]], ...]

    def moments(self, counts: Mapping[str, int]) -> tuple[float, float]:
        """Return the mean of the terms' sum, and the variance of that mean; NaN for a single shot."""
        times = np.array(list(counts.values()), dtype=np.float64)
        shots = float(times.sum())
        values = np.array([self._value(outcome[len(outcome) - self.n_bits :]) for outcome in counts])
        mean = float(times @ values) / shots
        spread = float(times @ np.square(values - mean))
        return mean, spread / (shots - 1) / shots if shots > 1 else nan

    def _value(self, bits: str) -> float:
        odd = (sum(bits[place] == "1" for place in places) % 2 for _, places in self.terms)
        return sum(-c if minus else c for (c, _), minus in zip(self.terms, odd, strict=True))


@dataclass(frozen=True, eq=False)
class Observed:
    """One observable of a pub: its constant, its settings, and the pub's values that refer to it."""

    pub: int
    constant: float
    measured: tuple[Measured, ...]
    values: tuple[int, ...]
    points: tuple[int, ...]


class Estimates:
    """The estimates of a batch, as counts of derived circuits in their own order.

    Attributes:
        plan: the plan that computes the counts.
    """

    def __init__(self, backend: Backend, batch: Batch) -> None:
        self._observed = [one for number, pub in enumerate(batch.pubs) for one in _observed(number, pub)]
        groups = [[[c for c, _ in one.terms] for one in each.measured] for each in self._observed]
        shots = max((batch.shots_for([*each]) for each in groups if each), default=1)
        counted = replace(self.counted(batch), want=frozenset({Want.COUNTS}), shots=shots, precision=None)
        self.plan = backend.prepare(counted)

    def at(self, batch: Batch) -> Plan:
        """Return the plan at the points of a batch."""
        return replace(self.plan, batch=replace(self.plan.batch, pubs=self.counted(batch).pubs))

    def counted(self, batch: Batch) -> Batch:
        """Return the derived circuits, at the points where their observable is requested."""
        pubs = tuple(
            Pub(one.circuit, batch.pubs[each.pub].rows[list(each.points)])
            for each in self._observed
            for one in each.measured
        )
        return replace(batch, pubs=pubs)

    def merge(self, batch: Batch, counted: Result) -> Result:
        """Compute the estimates from the counts."""
        values = [np.zeros(pub.size) for pub in batch.pubs]
        variances = [np.zeros(pub.size) for pub in batch.pubs]
        answers = iter(counted)
        for each in self._observed:
            values[each.pub][list(each.values)] = each.constant
            for one in each.measured:
                found = next(answers).counts
                assert found is not None
                for value, counts in zip(each.values, found, strict=True):
                    mean, variance = one.moments(counts)
                    values[each.pub][value] += mean
                    variances[each.pub][value] += variance
        return tuple(
            Answer(expectations=value.reshape(pub.shape), variances=variance.reshape(pub.shape))
            for pub, value, variance in zip(batch.pubs, values, variances, strict=True)
        )

    def n_units(self, batch: Batch) -> int:
        """Return the number of units of the counting."""
        return self.at(batch).n_units


class Estimating:
    """Adds `Want.ESTIMATES` of circuit records to a backend.

    Args:
        backend: a backend that supports counts.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.name = backend.name
        self.find, self.cancel, self.close = backend.find, backend.cancel, backend.close
        self.charge = backend.charge

    def prepare(self, batch: Batch) -> Plan:
        """See `workers.quantum.backends.base.Backend`; estimates cannot be combined with other quantities.

        Programs become gates, unless the backend runs programs itself.
        """
        if Want.ESTIMATES not in batch.want or (batch.of_programs and BACKENDS[self.name].programs):
            return self._backend.prepare(batch)
        if batch.of_programs:
            batch = replace(batch, pubs=tuple(map(_in_gates, batch.pubs)))
        refuse(f"{self.name}, beside estimates,", batch.want, {Want.ESTIMATES})
        for pub in batch.pubs:
            pub.check()
        estimates = Estimates(self._backend, batch)
        return Plan(batch, estimates, estimates.plan.memory_bytes)

    def run(self, plan: Plan, units: range | None = None, control: Control = ALONE) -> Share | Queued:
        """See `workers.quantum.backends.base.Backend`."""
        return self._backend.run(_counting(plan), units, control)

    def quote(self, plan: Plan) -> Quote | None:
        """See `workers.quantum.backends.base.Backend`."""
        return self._backend.quote(_counting(plan))

    def merge(self, plan: Plan, shares: Sequence[Share], control: Control = ALONE) -> Result:
        """See `workers.quantum.backends.base.Backend`."""
        found = self._backend.merge(_counting(plan), shares, control)
        return plan.prepared.merge(plan.batch, found) if isinstance(plan.prepared, Estimates) else found

    def poll(self, plan: Plan, queued: Queued, control: Control = ALONE) -> Share | Queued:
        """See `workers.quantum.backends.base.Backend`."""
        return self._backend.poll(_counting(plan), queued, control)


def _in_gates(pub: Pub) -> Pub:
    """Return a program and its observables in the form of circuit records."""
    observables = np.empty(pub.observables.shape, dtype=object)
    for place, observable in np.ndenumerate(pub.observables):
        observables[place] = observable.terms()
    return Pub(parametrized(cast("Program", pub.circuit)), pub.points, observables)


def _counting(plan: Plan) -> Plan:
    return plan.prepared.at(plan.batch) if isinstance(plan.prepared, Estimates) else plan


def _observed(number: int, pub: Pub) -> Iterator[Observed]:
    points, observables = pub.pairs
    for position, terms in enumerate(pub.observables.flat):
        values = tuple(value for value, one in enumerate(observables) if one == position)
        constant = sum(c for string, c in terms if not string.strip("I"))
        measured = tuple(_measured(cast("CircuitRecord", pub.circuit), terms))
        yield Observed(number, constant, measured, values, tuple(points[value] for value in values))


def _measured(record: CircuitRecord, terms: Terms) -> Iterator[Measured]:
    strings = [string for string, _ in terms]
    coefficients = [coefficient for _, coefficient in terms]
    for setting in settings([masks(string) for string in strings], coefficients):
        mine = [(coefficients[k], strings[k]) for k in setting.terms]
        letters = {
            qubit: letter for _, string in mine for qubit, letter in enumerate(string) if letter != "I"
        }
        qubits = sorted(letters)
        places = {qubit: place for place, qubit in enumerate(qubits)}
        yield Measured(
            _with_readout(record, {qubit: letters[qubit] for qubit in qubits}),
            len(qubits),
            tuple((c, tuple(places[q] for q, x in enumerate(string) if x != "I")) for c, string in mine),
        )


def _with_readout(record: CircuitRecord, letters: Mapping[int, str]) -> CircuitRecord:
    """Replace the final measurements of the circuit by measurements of qubits in their letters' bases.

    Its memory becomes a register, so that all bits keep their numbers.
    """
    first = record.n_cells
    computed = (("memory", record.memory),) if record.memory else ()
    body: list[Instruction] = list(readout(record).instructions)
    body += [Gate(name, (qubit,)) for qubit, letter in letters.items() for name in TURNS[letter]]
    body += [Measure(qubit, first + place) for place, qubit in enumerate(letters)]
    registers = (*record.registers, *computed, (REGISTER, len(letters)))
    return replace(record, registers=registers, memory=0, instructions=tuple(body))
