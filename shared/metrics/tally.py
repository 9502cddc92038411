"""Metrics of this process: cheap to update from any thread, drained, merged and read as a whole.

In a process that exports no metrics it is off, and updates have no effect.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from shared.metrics.table import METRICS

Labels: TypeAlias = tuple[str, ...]
"""Values of a metric's labels, in the order of the table."""
Series: TypeAlias = tuple[str, Labels]
Value: TypeAlias = float | list[float]
"""A number; for a histogram the counts per bucket, the count above the last, and the sum; for a mean the sum
and the count.
"""
Delta: TypeAlias = list[tuple[str, Labels, Value]]


class Tally:
    """Values by series.

    Attributes:
        on: whether updates are recorded.
    """

    def __init__(self) -> None:
        self.on = False
        self._lock = threading.Lock()
        self._values: dict[Series, Value] = {}
        self._live: dict[str, Callable[[], float | None]] = {}
        self._sources: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Start from zero in a forked process, where a thread that no longer exists may hold the lock."""
        self._lock = threading.Lock()
        self._values, self._live, self.on = {}, {}, True

    def add(self, name: str, amount: float, *labels: str) -> None:
        """Add to a counter, or to a gauge that tracks a number of objects."""
        if self.on:
            with self._lock:
                self._values[name, labels] = self._values.get((name, labels), 0.0) + amount  # type: ignore[operator]

    def put(self, name: str, value: float, *labels: str) -> None:
        """Set a gauge."""
        if self.on:
            with self._lock:
                self._values[name, labels] = value

    def replace(self, name: str, values: Mapping[Labels, float]) -> None:
        """Replace all series of a gauge; series not among these are removed."""
        if self.on:
            with self._lock:
                for series in [one for one in self._values if one[0] == name]:
                    del self._values[series]
                self._values |= {(name, labels): value for labels, value in values.items()}

    def observe(self, name: str, value: float, *labels: str, times: float = 1.0) -> None:
        """Add an observation to a histogram or a mean, `times` times."""
        if self.on:
            with self._lock:
                self._observe(name, labels, value, times)

    def observe_each(self, name: str, values: Sequence[float], *labels: str) -> None:
        """Add observations, one at least, to a histogram."""
        if self.on:
            bounds = METRICS[name].buckets
            first, last = bisect_left(bounds, min(values)), bisect_left(bounds, max(values))
            with self._lock:
                kept = self._list(name, labels)
                kept[-1] += sum(values)
                if first == last:  # as most durations of one operation are
                    kept[first] += len(values)
                    return
                for value in values:
                    kept[bisect_left(bounds, value)] += 1.0

    def live(self, name: str, look: Callable[[], float | None]) -> None:
        """Register a gauge without labels, computed at each scrape; None omits it."""
        self._live[name] = look

    def pull(self, source: Callable[[], None]) -> None:
        """Register a source that adds what it has collected; called before values are drained or shown."""
        self._sources.append(source)

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """Increment a gauge for the duration of the block."""
        self.add(name, 1.0)
        try:
            yield
        finally:
            self.add(name, -1.0)

    def drain(self) -> Delta:
        """Return and reset everything recorded so far."""
        for source in self._sources:
            source()
        with self._lock:
            taken, self._values = self._values, {}
        return [(name, labels, value) for (name, labels), value in taken.items()]

    def merge(self, delta: Sequence[tuple[str, Sequence[str], Value]]) -> None:
        """Merge the drained values of another tally; its gauges replace the existing ones."""
        with self._lock:
            for name, labels, value in delta:
                series = name, tuple(labels)
                known = self._values.get(series)
                if known is None or METRICS[name].kind == "gauge":
                    self._values[series] = value
                elif isinstance(known, list) and isinstance(value, list):
                    known[:] = [one + more for one, more in zip(known, value, strict=True)]
                else:
                    self._values[series] = known + value  # type: ignore[operator]

    def forget(self, names: set[str]) -> None:
        """Drop all series of these metrics."""
        with self._lock:
            self._values = {series: value for series, value in self._values.items() if series[0] not in names}

    def shown(self) -> dict[str, dict[Labels, Value]]:
        """Return all values, by metric."""
        for source in self._sources:
            source()
        found: dict[str, dict[Labels, Value]] = {}
        for name, look in list(self._live.items()):
            if (seen := look()) is not None:
                found[name] = {(): seen}
        with self._lock:
            for (name, labels), value in self._values.items():
                found.setdefault(name, {})[labels] = list(value) if isinstance(value, list) else value
        return found

    def _observe(self, name: str, labels: Labels, value: float, times: float) -> None:
        metric, kept = METRICS[name], self._list(name, labels)
        if metric.kind == "mean":
            kept[0] += value * times
            kept[1] += times
        else:
            kept[bisect_left(metric.buckets, value)] += times
            kept[-1] += value * times

    def _list(self, name: str, labels: Labels) -> list[float]:
        """Return what is kept of a histogram or a mean."""
        kept = self._values.get((name, labels))
        if not isinstance(kept, list):
            kept = self._values[name, labels] = [0.0] * (len(METRICS[name].buckets) + 2)
        return kept


TALLY = Tally()
"""The tally of this process."""
