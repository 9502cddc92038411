"""Points whose shots are drawn by their number of faults: a stream of chunks for each stratum.

The points of a sweep share their shots: one point if each is sampled at its own p, all that differ in p alone
if they are reweighted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novacron.errors import BadInput
from novacron.specs import QECMemory
from novacron.specs.qec_point import GivenPoint, Point
from shared.db.qec_blocks import Stream
from workers.operations.quantum.qec_blocks import Lane
from workers.quantum.qec import strata
from workers.quantum.qec.strata import Strata
from workers.quantum.qec.stratified import Stratified, stratified
from workers.runtime.context import Context

MOST_SPREAD = 0.01
"""By how much the odds of faults may depart from a common factor where shots are reweighted."""
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Sweeps:
    """A study with what is known of it.

    Attributes:
        spec: the job's.
        points: its points.
        streams: one a sweep: numbers of its `points`, the first being sampled; `strong_ids`; faults of the
            first stratum, `least`; `ids`, `chunk_shots` and `costs` by stratum; `shares`, `beyond` by point.
        counts: by the id of a stratum's stream.
    """

    spec: QECMemory
    points: Sequence[Point | GivenPoint]
    streams: Sequence[Mapping[str, Any]]
    counts: Mapping[str, Stream]

    @staticmethod
    def identified(context: Context[QECMemory], points: Sequence[Point | GivenPoint]) -> list[dict[str, Any]]:
        """Return the sweeps of a study.

        Raises:
            BadInput: the faults of a point are not independent, too many, or do not scale uniformly.
        """
        found = []
        for numbers in _sweeps(points, reweighted=context.spec.sampling == "reweighted"):
            context.checkpoint()
            found.append({"points": numbers, **_sweep([points[one] for one in numbers], context.seed)})
        return found

    @staticmethod
    def ids(streams: Sequence[Mapping[str, Any]]) -> list[str]:
        """Return the ids of the streams of all strata."""
        return [one for sweep in streams for one in sweep["ids"]]

    @property
    def begun(self) -> bool:
        """Whether every stratum has shots."""
        return all(0 in self.counts[one].errors for one in self.ids(self.streams))

    def lanes(self) -> list[Lane]:
        """Return the streams of all strata with the chunks that each needs next."""
        return [lane for sweep in self.streams for lane in self._lanes(sweep)]

    def unused(self) -> int:
        """Return the number of rows of counts that no point begins with: there are none here."""
        return 0

    def told(self) -> list[dict[str, Any]]:
        """Return the points of the result whose strata all have shots."""
        told: dict[int, dict[str, Any]] = {}
        for sweep in self.streams:
            told.update(self._told(sweep))
        return [told[number] for number in sorted(told)]

    @cached_property
    def _goal(self) -> float:
        """The relative standard error at which a point ends: that of `max_errors` in direct sampling."""
        errors = self.spec.errors_wanted
        return max(0.0 if errors is None else errors**-0.5, self.spec.relative_error or 0.0)

    def _lanes(self, sweep: Mapping[str, Any]) -> Iterator[Lane]:
        first = sweep["points"][0]
        chunks, added = self._course(sweep)
        wanted = chunks if added is None else chunks + added
        for stratum, stream in enumerate(sweep["ids"]):
            part, counts = {"stream": stream, "faults": sweep["least"] + stratum}, self.counts[stream]
            missing = [chunk for chunk in range(wanted[stratum]) if chunk not in counts.errors]
            yield Lane(first, self.points[first].label, part, counts, missing, len(sweep["points"]))

    def _told(self, sweep: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield number and result of each point of a sweep."""
        chunks, added = self._course(sweep)
        if added is not None:
            chunks = np.array([len(self.counts[one].prefix) for one in sweep["ids"]])
        if not chunks.all():
            return
        errors, known = self._errors(sweep, chunks), _strata(sweep)
        seconds = sum(
            self.counts[stream].seconds[chunk]
            for stream, n_chunks in zip(sweep["ids"], chunks, strict=True)
            for chunk in range(n_chunks)
        )
        for place, number in enumerate(sweep["points"]):
            rate = known.estimate(place, chunks, errors)
            yield (
                number,
                {
                    **self.points[number].facts,
                    "sampling": self.spec.sampling,
                    "sampled_p": self.points[sweep["points"][0]].facts["p"],
                    "faults": [sweep["least"], sweep["least"] + len(chunks) - 1],
                    "shots": int(chunks @ known.chunk_shots),
                    "errors": int(errors.sum()),
                    "rate": rate.rate,
                    "std_error": rate.std_error,
                    "rate_low": rate.low,
                    "rate_high": rate.high,
                    "seconds": round(seconds, 6),
                    "strong_id": sweep["strong_ids"][place],
                    "seeds": [self.spec.seed],
                },
            )

    def _course(self, sweep: Mapping[str, Any]) -> tuple[Counts, Counts | None]:
        """Return the counted chunks of each stratum, and those of the round that is not complete yet.

        Rounds are gone through from the first one, each a function of the counts before it: the chunks that
        count do not depend on which others were sampled, or when.
        """
        known = _strata(sweep)
        chunks = np.zeros(len(sweep["ids"]), dtype=np.int64)
        sampled = np.array([len(self.counts[one].prefix) for one in sweep["ids"]])
        while True:
            added = known.more(chunks, self._errors(sweep, chunks), self._goal, self.spec.max_shots)
            if added is None or (chunks + added > sampled).any():
                return chunks, added
            chunks += added

    def _errors(self, sweep: Mapping[str, Any], chunks: Counts) -> Counts:
        prefixes = [self.counts[one].prefix for one in sweep["ids"]]
        return np.array([sum(prefix[:n]) for prefix, n in zip(prefixes, chunks, strict=True)])


def _strata(sweep: Mapping[str, Any]) -> Strata:
    return Strata(*(np.array(sweep[name]) for name in ("chunk_shots", "costs", "shares", "beyond")))


def _sweeps(points: Sequence[Point | GivenPoint], *, reweighted: bool) -> list[list[int]]:
    """Return the numbers of the points of each sweep, by p."""
    found: dict[Any, list[int]] = {}
    for number, point in enumerate(points):
        facts = point.facts
        same = reweighted and facts["p"] is not None
        key = (facts["distance"], facts["decoder"]) if same else number
        found.setdefault(key, []).append(number)
    return list(found.values())


def _sweep(points: Sequence[Point | GivenPoint], seed: int) -> dict[str, Any]:
    """Return what identifies a sweep and its strata."""
    made = [stratified(point) for point in points]
    sampled = made[0]
    for point, other in zip(points, made, strict=True):
        _check_scaling(point, sampled, other)
    least = sampled.least
    shares, beyond = strata.shares([one.faults.probabilities for one in made], least)
    numbers = range(least, least + shares.shape[1])
    return {
        "strong_ids": [one.experiment.strong_id for one in made],
        "least": least,
        "ids": [sampled.stream(seed, n_faults) for n_faults in numbers],
        "chunk_shots": [sampled.chunk_shots(n_faults) for n_faults in numbers],
        "costs": [2 + sampled.events(n_faults) for n_faults in numbers],
        "shares": shares.tolist(),
        "beyond": beyond.tolist(),
    }


def _check_scaling(point: Point | GivenPoint, sampled: Stratified, other: Stratified) -> None:
    if sampled.spread(other) > MOST_SPREAD:
        rule = f"needs faults whose odds scale uniformly with p; those of {point.label} do not"
        raise BadInput(rule, field="sampling", value="reweighted", hint="set stratified")
