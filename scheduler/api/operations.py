"""Operations, most of them cryptographic: a job is submitted, and waited for where that is soon over."""

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
"""How long an operation is waited for; it takes milliseconds on a stack that is not overloaded."""


async def performed(
    found: Services,
    who: Bearer,
    operation: Spec,
    key: str | None = None,
    digest: str | None = None,
) -> Performed:
    """The result of an operation, performed by a worker.

    Args:
        found: the services of the application.
        who: the caller, whose job it is.
        operation: the job.
        key: the caller's Idempotency-Key.
        digest: of what the caller sent with it.

    Raises:
        BadInput: the operation breaks a rule, before or while it is performed.
        NotFound: as the operation says.
        Conflict: so, too; or somebody cancelled the job.
        NotAuthentic: so, too.
        ServerError: it failed for another reason than what was asked for.
        Unavailable: no worker has performed it yet; asking again under the same key finds it done. Or what
            it needs did not serve; asking again under another key may find that it does.
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
    """Answer with the job that performs an operation, once that is durable.

    Raises:
        BadInput: the operation breaks a rule.
        Conflict: the key came with another body.
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
