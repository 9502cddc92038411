"""What is mitigated: a circuit, its observables, and what is known about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from novacron.specs.mitigation import Sector
from shared.quantum.wants import Want
from workers.quantum import backends
from workers.quantum.backends.batch import Batch, Pub, Terms
from workers.quantum.backends.immediate import answers
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.measurement import Observables
from workers.quantum.mitigation.symmetry import projected, projector
from workers.quantum.simulation.ir.program import Float

ZERO = 1e-9
"""Exact values below this are zero by symmetry."""


@dataclass(frozen=True, eq=False)
class Known:
    """A circuit whose values are known: the reference, or one of the training circuits.

    Attributes:
        isa: the circuit, with the gates of the target.
        means: float64[n_terms], exact value of each term.
    """

    isa: Isa
    means: Float


class Problem:
    """A bound circuit and the observables of its final state.

    Attributes:
        isa: the circuit.
        n: number of observables.
        observables: those, followed by their projections and the projector if there are sectors.

    Args:
        isa: the circuit, all its parameters bound.
        observables: sums of Pauli strings; character i acts on qubit `isa.sites[i]`.
        reference: a circuit with the same gates whose state is close to the target, None for none.
        training: circuits with the same gates that can be simulated.
        sectors: symmetries of the ideal state and of the observables.
    """

    def __init__(
        self,
        isa: Isa,
        observables: Sequence[Terms],
        reference: Isa | None = None,
        training: Sequence[Isa] = (),
        sectors: Sequence[Sector] = (),
    ) -> None:
        self.isa, self.n = isa, len(observables)
        self._plain = list(observables)
        self.verified = bool(sectors)
        every = list(observables)
        if sectors:
            projection = projector(sectors, isa.n_letters)
            every += [projected(terms, projection) for terms in observables]
            every.append(projected([("I" * isa.n_letters, 1.0)], projection))
        self.observables = Observables(every)
        self._reference, self._training = reference, tuple(training)

    @property
    def has_reference(self) -> bool:
        """Whether there is a reference."""
        return self._reference is not None

    @cached_property
    def reference(self) -> Known | None:
        """The reference with its exact values."""
        return None if self._reference is None else self._known(self._reference)

    @cached_property
    def training(self) -> tuple[Known, ...]:
        """The training circuits with their exact values."""
        return tuple(map(self._known, self._training))

    @cached_property
    def asymptotes(self) -> Float:
        """float64[n], value of each observable in the maximally mixed state: tr(O)/2^n."""
        return self.observables.constants[: self.n]

    @property
    def spreads(self) -> Float:
        """float64[n], bound of each observable's distance from its asymptote."""
        return self.observables.spreads[: self.n]

    def _known(self, isa: Isa) -> Known:
        """Simulate a circuit without noise."""
        asked = np.empty(len(self.observables.strings), dtype=object)
        for number, letters in enumerate(self.observables.strings):
            asked[number] = [(isa.moved(letters), 1.0)]
        batch = Batch((Pub(isa.record, observables=asked),), frozenset({Want.EXPECTATIONS}))
        (answer,) = answers(backends.load("statevector"), batch)
        assert answer.expectations is not None
        means = np.where(np.abs(answer.expectations) < ZERO, 0.0, answer.expectations)
        return Known(isa, means)
