"""Jobs that continue earlier ones: a sweep with more values, failed jobs once more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from novacron.errors import BadInput, Conflict, NotFound
from novacron.specs.refusal import did_you_mean
from scheduler.planning.submission import Request, Submission
from shared import content
from shared.db import reading, sweeps
from shared.db.session import Connection

RETRIED = ("failed", "cancelled")


def extend(
    submission: Submission,
    connection: Connection,
    sweep: str,
    over: Mapping[str, list[Any]],
    request: Request,
) -> str:
    """Submit a sweep with further values; results of its completed jobs are taken over.

    Returns:
        The id of the new sweep.

    Raises:
        NotFound: there is no such job.
        BadInput: it is not a sweep or not swept over one of the paths; and as `Submission.submit`.
    """
    spec = _spec(connection, sweep, request)
    if spec["kind"] != "sweep":
        raise BadInput(f"is a {spec['kind']} job, not a sweep", field="job_id", value=sweep)
    axes = _grown(spec, over)
    asked = content.digest({"extend": sweep, "over": dict(over)})
    return submission.submit(
        {**spec, "over": axes, "session": None}, replace(request, continues=sweep, body_hash=asked)
    )


def retry(submission: Submission, connection: Connection, job_id: str, request: Request) -> str:
    """Submit a failed or cancelled job again; of a sweep, only the jobs that did not complete.

    Returns:
        The id of the new job.

    Raises:
        NotFound: there is no such job.
        Conflict: there is nothing to retry.
    """
    spec, status = (
        _spec(connection, job_id, request),
        reading.status(connection, request.who.tenant_id, job_id),
    )
    request = replace(request, body_hash=content.digest({"retry": job_id}))
    if spec["kind"] == "sweep":
        counts = sweeps.counts(connection, job_id)
        if counts.failed + counts.cancelled == 0:
            raise Conflict(f"no job of the sweep {job_id} has failed")
        return submission.submit({**spec, "session": None}, replace(request, continues=job_id))
    if status not in RETRIED:
        raise Conflict(f"job {job_id} is {status}: only failed and cancelled jobs are retried")
    return submission.submit({**spec, "session": None}, request, stored=True)


def _spec(connection: Connection, job_id: str, request: Request) -> Any:
    spec = reading.spec(connection, request.who.tenant_id, job_id)
    if spec is None:
        raise NotFound(f"there is no job {job_id!r} in this tenant")
    return spec


def _grown(spec: Mapping[str, Any], over: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the axes of a sweep with further values; those that move in step grow together."""
    axes: dict[str, list[Any]] = dict(spec["over"])
    for path in over:
        if path not in axes:
            hint = did_you_mean(path, list(axes)) or "it has " + ", ".join(axes)
            raise BadInput("the sweep is not over this path", field=f"over.{path}", hint=hint)
        group = next((group for group in spec["together"] if path in group), [path])
        if len({len(over.get(one, ())) for one in group}) > 1:
            rule = f"must have equally many values as {', '.join(group)}, which move in step"
            raise BadInput(rule, field=f"over.{path}")
        rows = list(zip(*(axes[one] for one in group), strict=True))
        more = list(zip(*(over[one] for one in group), strict=True))
        rows = list({json.dumps(row, sort_keys=True): row for row in (*rows, *more)}.values())
        if group == [spec["start_from"]] and all(isinstance(row[0], int | float) for row in rows):
            rows.sort(reverse=axes[path][0] > axes[path][-1])  # a chain stays in its order
        axes |= dict(zip(group, map(list, zip(*rows, strict=True)), strict=True))
    return axes
