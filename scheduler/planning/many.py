"""Several jobs submitted by one request: all of them are accepted, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from novacron.errors import BadInput, TooBusy, together
from novacron.json_types import Json
from novacron.specs import Spec
from scheduler.planning.submission import RACES, Request, Submission
from shared import content
from shared.db import session
from shared.db.session import Connection

if TYPE_CHECKING:
    from shared.db.session import Engine

MOST = 1000
"""Jobs of one request."""


def submit(submission: Submission, engine: Engine, body: Json, request: Request) -> list[str]:
    """Accept jobs; return their ids in order once all are durable.

    Raises:
        BadInput: the body has another form, or jobs break rules; fields begin with `jobs[i]`.
        TooBusy: the tenant has too many unfinished jobs.
    """
    bodies = _bodies(body)
    specs = _validated(submission, bodies, request)
    for _ in range(RACES):
        with session.borrowed(engine) as connection:
            if found := _inserted(submission, connection, specs, bodies, request):
                return found
    raise TooBusy("the same content is being submitted many times at once")


def _bodies(body: Json) -> Sequence[Json]:
    bodies = body.get("jobs") if isinstance(body, dict) and len(body) == 1 else None
    if not isinstance(bodies, list) or not bodies:
        raise BadInput("must be a list of jobs, the only key of the body", field="jobs")
    if len(bodies) > MOST:
        rule = f"has {len(bodies):,} jobs, and a request takes {MOST:,}"
        raise BadInput(rule, field="jobs", hint="submit them in parts, or as a sweep")
    return bodies


def _validated(submission: Submission, bodies: Sequence[Json], request: Request) -> list[Spec]:
    specs, refusals = [], []
    for position, body in enumerate(bodies):
        try:
            with _placed(position):
                specs.append(submission.validated(body, request.who))
        except BadInput as error:
            refusals += error.all
    if refusals:
        raise together(refusals)
    return specs


@contextmanager
def _placed(position: int) -> Iterator[None]:
    """Name the job in errors that the block raises."""
    try:
        yield
    except BadInput as error:
        for one in error.all:
            one.field = f"jobs[{position}]" + (f".{one.field}" if one.field else "")
        raise


class _LostError(Exception):
    """A concurrent submission has one of the contents."""


def _inserted(
    submission: Submission, connection: Connection, specs: Sequence[Spec], bodies: Sequence[Json],
    request: Request,
) -> list[str] | None:  # fmt: skip
    """Insert all jobs in one transaction; None if a concurrent submission has one of the contents."""
    found: list[str] = []
    try:
        with connection.transaction():
            for position, (spec, body) in enumerate(zip(specs, bodies, strict=True)):
                key = request.idempotency_key and f"{request.idempotency_key}/{position}"
                own = replace(request, idempotency_key=key)
                with _placed(position):
                    job_id = submission.accept(connection, spec, own, content.digest(body))
                if job_id is None:
                    raise _LostError
                found.append(job_id)
    except _LostError:
        return None
    return found
