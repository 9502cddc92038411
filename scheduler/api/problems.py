"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from novacron.errors import (
    NOT_AUTHENTIC,
    BadInput,
    Conflict,
    Forbidden,
    NotAuthentic,
    NotFound,
    NovaCronError,
    TooBusy,
    Unauthorized,
    Unavailable,
)
from shared.db import session

log = logging.getLogger("novacron.api")

STATUS: dict[type[NovaCronError], HTTPStatus] = {
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    NotAuthentic: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
RETRY_S = 1.0


class Problem(JSONResponse):
    """A problem document; what Unicode has no form for, which a refused value may hold, is replaced."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        """The document as UTF-8."""
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def problem(
    status: int,
    detail: str,
    *,
    title: str | None = None,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Problem:
    """A problem document; its title, and type, are the status in words unless another title is given."""
    title = title or HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"https://novacron.dev/problems/{title.lower().replace(' ', '-')}",
        "title": title, "status": int(status), "detail": detail,
    }  # fmt: skip
    if errors:
        body["errors"] = errors
    return Problem(body, int(status), headers)


def _known(_: Request, error: Exception) -> Problem:
    status = next(
        (code for kind, code in STATUS.items() if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorized) else None
    if isinstance(error, Unavailable):
        wait_s = error.retry_after_s if isinstance(error, TooBusy) else RETRY_S
        headers = {"Retry-After": f"{wait_s:g}"}
    return problem(
        status,
        str(error),
        title=NOT_AUTHENTIC if isinstance(error, NotAuthentic) else None,
        errors=error.entries() if isinstance(error, BadInput) else None,
        headers=headers,
    )


def _http(request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"there is nothing at {request.url.path}"
    return problem(error.status_code, detail, headers=dict(error.headers or {}))


def _parameters(_: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
    errors = [
        {
            "field": ".".join(str(part) for part in one["loc"][1:]),
            "value": str(one.get("input"))[:80],
            "rule": one["msg"],
            "hint": None,
        }
        for one in error.errors()
    ]
    return problem(422, "the request does not fit the API", errors=errors)


def _nested(_: Request, error: Exception) -> Problem:
    return problem(422, "the body is nested too deep")


def _left(_: Request, error: Exception) -> Problem:
    return problem(400, "the connection ended before the body did; nothing was written")


def _unforeseen(_: Request, error: Exception) -> Problem:
    return problem(500, "something unforeseen happened; the scheduler's log has it")


def _database(_: Request, error: Exception) -> Problem:
    log.warning("database: %s", error)
    return problem(503, "the database cannot be reached; nothing was written", headers={"Retry-After": "1"})


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""
    app.add_exception_handler(NovaCronError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    for lost in session.LOST:
        app.add_exception_handler(lost, _database)
    app.add_exception_handler(RecursionError, _nested)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _unforeseen)
