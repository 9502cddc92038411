"""Operations, most of them cryptographic: submitted as jobs; short ones are awaited."""

from __future__ import annotations

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.operation import Performed
from novacron.errors import Conflict, NovaCronError, ServerError, Unavailable, from_refusal
from novacron.specs import Spec
from scheduler.api.body import AnySpec, Operation
from scheduler.api.jobs import document, when_ended
from scheduler.api.services import Services
from scheduler.planning import submission
from shared.db.tokens import Bearer
from shared.failures import FailureDocument
from shared.states import FailureClass

ANSWER_S = 20.0
"""Timeout for an operation in seconds; on a stack that is not overloaded it takes milliseconds."""


async def performed(
    found: Services,
    who: Bearer,
    operation: Spec,
    key: str | None = None,
    digest: str | None = None,
) -> Performed:
    """Return the result of an operation performed by a worker.

    Args:
        found: the services of the application.
        who: the caller, who owns the job.
        operation: the job.
        key: the caller's Idempotency-Key.
        digest: of the request sent with that key.

    Raises:
        BadInput: the operation breaks a rule, found before or while it runs.
        NotFound: as the operation reports.
        Conflict: as the operation reports, or the job was cancelled.
        NotAuthentic: as the operation reports.
        ServerError: it failed for a reason unrelated to the request.
        Unavailable: no worker has performed it in time: retrying with the same key returns its result. Or a
            service that it needs was unavailable: retry with a new key.
    """
    request = submission.Request(who, key, body_hash=digest)
    job_id = await run_in_threadpool(found.submission.submit, operation, request)
    job = (await when_ended(found, who, job_id, ANSWER_S)).plain()
    if job["status"] == "completed":
        return Performed(job["result"] or {})
    if job["status"] == "failed" and job["error"]:
        raise _failure(job["error"])
    if job["status"] == "cancelled":
        raise Conflict(f"job {job_id}, which was to do this, was {job['error_message'] or 'cancelled'}")
    raise Unavailable(f"job {job_id} is {job['status']}: it has not been performed yet; ask for the job")


async def begun(found: Services, who: Bearer, operation: Operation[AnySpec], key: str | None) -> JSONResponse:
    """Return the job that performs an operation once the job is durable.

    Raises:
        BadInput: the operation breaks a rule.
        Conflict: the key was used with another body.
    """
    request = submission.Request(who, key, body_hash=operation.digest)
    job_id = await run_in_threadpool(found.submission.submit, operation.spec, request)
    job = await run_in_threadpool(document, found, who, job_id)
    return JSONResponse(job, 202, {"Location": f"/api/quantum/jobs/{job_id}"})


def _failure(error: FailureDocument) -> NovaCronError:
    if error["class"] == FailureClass.USER:
        return from_refusal(error["message"], error)
    if FailureClass(error["class"]).retryable:
        hint = f" ({error['hint']})" if error.get("hint") else ""
        return Unavailable(f"{error['message']}{hint}; ask again, under another Idempotency-Key if with one")
    return ServerError(f"{error['class']}: {error['message']}")
