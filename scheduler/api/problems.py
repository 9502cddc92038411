"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from novacron.errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    NovaCronError,
    TooBusy,
    Unauthorized,
)

log = logging.getLogger("novacron.api")

STATUS: dict[type[NovaCronError], HTTPStatus] = {
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
}


def problem(
    status: int,
    detail: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A problem document."""
    phrase = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"https://novacron.dev/problems/{phrase.lower().replace(' ', '-')}",
        "title": phrase, "status": int(status), "detail": detail,
    }  # fmt: skip
    if errors:
        body["errors"] = errors
    return JSONResponse(body, int(status), headers, media_type="application/problem+json")


def _known(_: Request, error: Exception) -> JSONResponse:
    status = next(
        (code for kind, code in STATUS.items() if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )
    headers = {"Retry-After": f"{error.retry_after_s:g}"} if isinstance(error, TooBusy) else None
    if isinstance(error, Unauthorized):
        headers = {"WWW-Authenticate": "Bearer"}
    return problem(
        status, str(error), errors=error.entries() if isinstance(error, BadInput) else None, headers=headers
    )


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))


def _parameters(_: Request, error: Exception) -> JSONResponse:
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


def _database(_: Request, error: Exception) -> JSONResponse:
    log.warning("database: %s", error)
    return problem(503, "the database cannot be reached; nothing was written", headers={"Retry-After": "1"})


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""
    app.add_exception_handler(NovaCronError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(psycopg.OperationalError, _database)
