"""Rows of the table of a sweep."""

from __future__ import annotations

from typing import Any

from novacron.answers.answer import Answer


class Row(Answer, shown=("position", "job_id", "coordinates", "status", "result")):
    """One job of a sweep.

    Attributes:
        position: its place in the sweep, from 0.
        job_id: id of the job.
        coordinates: dotted path -> value.
        status: state of the job.
        from_cache: whether its result came from the cache.
        wall_time_s: seconds from its start to its end.
        cpu_s: processor time of the attempt that came to the result, seconds.
        error_message: why it failed.
        result: numbers, flags and short texts of its result by name; null if it has none.
    """

    position: int
    job_id: str
    coordinates: dict[str, Any]
    status: str
    from_cache: bool
    wall_time_s: float | None
    cpu_s: float | None
    error_message: str | None
    result: dict[str, Any] | None
