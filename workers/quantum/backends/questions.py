"""Quantities of a program, each split into units: exact and estimated expectation values, and arrays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any, Literal, Protocol, cast

import numpy as np

from workers.quantum.backends.base import Control
from workers.quantum.backends.batch import Batch, Fields, Pub
from workers.quantum.simulation.ir.engine import Engines
from workers.quantum.simulation.ir.latest import Latest
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.statevector.sampling import Group, groups, sample_group


class Question(Protocol):
    """One quantity of one pub, at the points of its batch."""

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return its number of units of work."""
        ...

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> Any:
        """Run some of its units and return a part; its unit k is unit first + k of the batch."""
        ...

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[Any], control: Control) -> Fields:
        """Merge the parts of all its units, in order, into fields of the answer."""
        ...


@dataclass(frozen=True, eq=False)
class Exact:
    """Exact expectation values, with their derivatives if requested: one unit each."""

    engines: Engines
    gradients: bool

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return one unit per expectation value."""
        return pub.size

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[list[float]]:
        """Return [value, *derivatives] of each; the values of one observable are computed together."""
        control.checkpoint()
        found: dict[int, list[float]] = {}
        points, observables = pub.pairs
        for number in dict.fromkeys(observables[unit] for unit in units):
            engine = self.engines.of(pub.observables.flat[number])
            mine = [unit for unit in units if observables[unit] == number]
            rows = pub.rows[[points[unit] for unit in mine]]
            if not self.gradients:
                found |= {u: [value] for u, value in zip(mine, engine.energies(rows).tolist(), strict=True)}
                continue
            for unit, row in zip(mine, rows, strict=True):
                control.checkpoint()
                value, gradient = engine.energy_and_gradient(row)
                found[unit] = [value, *gradient.tolist()]
        return [found[unit] for unit in units]

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[list[list[float]]], control: Control) -> Fields:
        """Return the values, and their derivatives."""
        width = 1 + pub.points.shape[-1] * self.gradients
        table = np.array([*chain.from_iterable(parts)], dtype=np.float64).reshape(*pub.shape, width)
        if not self.gradients:
            return {"expectations": table[..., 0]}
        return {"expectations": table[..., 0], "gradients": table[..., 1:]}


@dataclass(frozen=True, eq=False)
class Spread:
    """Exact variances of observables in the final states: one unit each."""

    engines: Engines

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return one unit per expectation value."""
        return pub.size

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[float]:
        """Return the variance of each; a point's values are consecutive, and share its state."""
        points, observables = pub.pairs
        state: Latest[Complex] = Latest()

        def spread(unit: int) -> float:
            control.checkpoint()
            row = pub.rows[points[unit]]
            at = state.get(row.tobytes(), lambda: self.engines.of_any().states(row[None])[0])
            return float(pub.observables.flat[observables[unit]].variance(at))

        return [spread(unit) for unit in units]

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[list[float]], control: Control) -> Fields:
        """Return the variances."""
        return {"spreads": np.array([*chain.from_iterable(parts)], dtype=np.float64).reshape(pub.shape)}


@dataclass(frozen=True, eq=False)
class Measurement:
    """Measurement of an observable.

    Attributes:
        constant: coefficient of the identity, which needs no measurement.
        groups: its other terms, grouped by measurement setting.
        shots: shots per setting.
    """

    constant: float
    groups: Sequence[Group]
    shots: int

    @classmethod
    def of(cls, observable: PauliSum, batch: Batch) -> Measurement:
        """Return the measurement of an observable with the shots, or the precision, of a batch."""
        found = groups(observable)
        return cls(observable.constant, found, batch.shots_for([group.coefficients for group in found]))

    @property
    def n_units(self) -> int:
        """One unit per setting; a constant observable has one, too."""
        return max(1, len(self.groups))


class Estimated:
    """Estimated expectation values: one unit per setting and point.

    Each unit has its own random stream, so that estimates are unbiased and independent.
    """

    def __init__(self, engines: Engines, batch: Batch, pub: Pub) -> None:
        self._engines = engines
        self._measured = [Measurement.of(observable, batch) for observable in pub.observables.flat]
        self._state: Latest[Complex] = Latest()

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return the number of settings of all expectation values."""
        if len(self._measured) == 1:
            return pub.size * self._measured[0].n_units
        return sum(self._measured[number].n_units for number in pub.pairs[1])

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[list[float]]:
        """Return the mean of each setting and the variance of that mean."""
        parts = []
        for unit, (value, setting) in zip(units, self._settings(pub, units), strict=True):
            control.checkpoint()
            measured = self._measured[pub.pairs[1][value]]
            if not measured.groups:
                parts.append([0.0, 0.0])
                continue
            point, group = pub.rows[pub.pairs[0][value]], measured.groups[setting]
            parts.append(list(self._sampled(point, group, measured.shots, batch.stream(first + unit))))
        return parts

    def _sampled(
        self, point: Float, group: Group, shots: int, rng: np.random.Generator
    ) -> tuple[float, float]:
        """Return the mean of a group of terms over the shots, and the variance of that mean."""
        return sample_group(self._at(point), group, shots, rng)

    def _settings(self, pub: Pub, units: range) -> Iterator[tuple[int, int]]:
        """Yield each unit's expectation value and setting."""
        if len(self._measured) == 1:
            yield from (divmod(unit, self._measured[0].n_units) for unit in units)
            return
        ends = list(accumulate(self._measured[number].n_units for number in pub.pairs[1]))
        for unit in units:
            value = bisect_right(ends, unit)
            yield value, unit - (ends[value - 1] if value else 0)

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[list[list[float]]], control: Control) -> Fields:
        """Sum over the settings; the variances are those of the sums, unknown (NaN) for a single shot."""
        rows, values, variances, begin = [*chain.from_iterable(parts)], [], [], 0
        for number in pub.pairs[1]:
            measured = self._measured[number]
            table = np.array(rows[begin : begin + measured.n_units], dtype=np.float64)
            begin += measured.n_units
            values.append(measured.constant + table[:, 0].sum())
            known = measured.shots > 1 or not measured.groups
            variances.append(table[:, 1].sum() if known else np.nan)
        means, spreads = (np.array(each, dtype=np.float64).reshape(pub.shape) for each in (values, variances))
        return {"expectations": means, "variances": spreads}

    def _at(self, point: Float) -> Complex:
        """Return the state at a point; the latest is cached, since a point's settings are consecutive."""
        return self._state.get(point.tobytes(), lambda: self._engines.of_any().states(point[None])[0])


Array = Literal["states", "probabilities", "samples"]
"""Name of the answer's field."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """One array per point: the final state, the probabilities of the basis states, or samples of them.

    Attributes:
        engines: engines of the program.
        field: field of the answer.
    """

    engines: Engines
    field: Array

    def n_units(self, batch: Batch, pub: Pub) -> int:
        """Return one unit per point."""
        return pub.n_points

    def run(self, batch: Batch, pub: Pub, units: range, first: int, control: Control) -> list[Any]:
        """Return the array at each point."""
        control.checkpoint()
        engine, rows = self.engines.of_any(), pub.rows[units.start : units.stop]
        if self.field == "states":
            return list(engine.states(rows))
        if self.field == "probabilities":
            return [engine.probabilities(row) for row in rows]
        shots = batch.shots_for()
        return [
            engine.sample(row, shots, batch.stream(first + unit))
            for unit, row in zip(units, rows, strict=True)
        ]

    def merge(self, batch: Batch, pub: Pub, parts: Sequence[Any], control: Control) -> Fields:
        """Stack all arrays; a single one is not copied, since it may be as large as the memory."""
        arrays = [*chain.from_iterable(parts)]
        whole = arrays[0][None] if len(arrays) == 1 else np.stack(arrays)
        return cast(Fields, {self.field: whole.reshape(*pub.grid, -1)})
