"""Splits a batch into questions and their units, and merges the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from workers.quantum.backends.base import Control, Share
from workers.quantum.backends.batch import Answer, Batch, Fields, Pub, Result
from workers.quantum.backends.questions import Exact, Question
from workers.quantum.simulation.ir.engine import Engine

Asking = Callable[[int, Pub], Iterable[Question]]
"""Returns the questions that a batch asks of one of its pubs, given its number."""


class Questions:
    """The prepared questions of a batch; see `workers.quantum.backends.base.Prepared`."""

    def __init__(self, batch: Batch, asking: Asking) -> None:
        self._asked = [(at, asked) for at, pub in enumerate(batch.pubs) for asked in asking(at, pub)]

    def n_units(self, batch: Batch) -> int:
        """Return the number of units of all questions."""
        return sum(asked.n_units(batch, batch.pubs[at]) for at, asked in self._asked)

    def run(self, batch: Batch, units: range | None, control: Control) -> Share:
        """Run some units, by default all."""
        share: list[tuple[int, Any]] = []
        first = 0
        for number, (at, asked) in enumerate(self._asked):
            pub = batch.pubs[at]
            inside = range(asked.n_units(batch, pub))
            last = first + len(inside)
            if units is not None:
                inside = range(max(units.start, first) - first, min(units.stop, last) - first)
            if inside:
                share.append((number, asked.run(batch, pub, inside, first, control)))
            first = last
        return share

    def engine(self, batch: Batch) -> Engine:
        """Return the compiled program of a batch that asks for one exact expectation value.

        Raises:
            TypeError: it asks for something else.
        """
        ((at, asked),) = self._asked
        if not isinstance(asked, Exact):
            raise TypeError(f"{type(asked).__name__} has no engine with an observable")
        return asked.engines.of(batch.pubs[at].observables.item())

    def merge(self, batch: Batch, shares: Sequence[Share], control: Control) -> Result:
        """Merge shares that cover all units, in order, into the answers."""
        answers: list[Fields] = [{} for _ in batch.pubs]
        for number, (at, asked) in enumerate(self._asked):
            parts = [part for share in shares for owner, part in share if owner == number]
            answers[at] |= asked.merge(batch, batch.pubs[at], parts, control)
        return tuple(Answer(**fields) for fields in answers)
