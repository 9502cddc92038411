"""Rows of tables of jobs."""

from __future__ import annotations

from typing import Any

from novacron.answers.answer import Answer


class Row(Answer, shown=("position", "job_id", "name", "coordinates", "status", "result")):
    """One job of a sweep, or of a list.

    Attributes:
        position: its place in its sweep, from 0; null if it belongs to none.
        job_id: id of the job.
        name: its name.
        kind: its kind.
        coordinates: dotted path -> value; empty if it belongs to no sweep.
        status: state of the job.
        from_cache: whether its result came from the cache.
        wall_time_s: seconds from its start to its end.
        cpu_s: processor time of the attempt that came to the result, seconds.
        error_message: why it failed.
        result: numbers, flags and short texts of its result by name; null if it has none.
    """

    position: int | None
    job_id: str
    name: str
    kind: str
    coordinates: dict[str, Any]
    status: str
    from_cache: bool
    wall_time_s: float | None
    cpu_s: float | None
    error_message: str | None
    result: dict[str, Any] | None
