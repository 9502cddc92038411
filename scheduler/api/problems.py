"""Exception handlers that answer every error with an RFC 9457 problem document."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from novacron.errors import NovaCronError
from scheduler.api import problem_document as documents
from scheduler.api.problem_document import MEDIA_TYPE, UNFORESEEN, Problem, Refused
from shared.db import session

log = logging.getLogger("novacron.api")


def problem(status: int, detail: str, **more: Any) -> Response:
    """Return a response with a problem document; see `Problem`."""
    return _response(Problem(status, detail, **more))


def _response(told: Problem) -> Response:
    return Response(told.body(), int(told.status), dict(told.headers), media_type=MEDIA_TYPE)


def answer(error: Exception) -> Response:
    """Return the response to a request that raised an exception; unexpected exceptions are logged."""
    known = documents.of(error)
    if known is None:
        log.error("unforeseen", exc_info=error)
        return problem(500, UNFORESEEN)
    if isinstance(error, session.AWAY):
        log.warning("database: %s", error)
    return _response(known)


def _known(_: Request, error: Exception) -> Response:
    return answer(error)


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return Response(error.body, error.status, dict(error.headers), media_type=MEDIA_TYPE)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"there is nothing at {request.url.path}"
    return problem(error.status_code, detail, headers=dict(error.headers or {}))


def _parameters(_: Request, error: Exception) -> Response:
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
    return problem(422, "the request does not match the API", errors=errors)


def _left(_: Request, error: Exception) -> Response:
    return problem(400, "the connection ended before the body did; nothing was written")


def _unforeseen(_: Request, error: Exception) -> Response:
    return problem(500, UNFORESEEN)


def install(app: FastAPI) -> None:
    """Register the exception handlers."""
    for known in (NovaCronError, RecursionError, *session.AWAY):
        app.add_exception_handler(known, _known)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _unforeseen)
