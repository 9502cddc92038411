"""Errors as RFC 9457 problem documents, whichever process raises them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NotRequired, TypedDict

from novacron.errors import (
    TITLES,
    BadInput,
    Conflict,
    Entry,
    Forbidden,
    NotAuthentic,
    NotFound,
    NovaCronError,
    TooBusy,
    Unauthorized,
    Unavailable,
)
from shared.db import session


class TooLarge(NovaCronError):  # noqa: N818 - as the other refusals
    """A body exceeds the limit of its route and sender.

    Args:
        most: limit in bytes.
    """

    def __init__(self, most: int) -> None:
        super().__init__(f"the body is larger than {most:,} bytes, the most for this route and token")


MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[NovaCronError], HTTPStatus] = {
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    NotAuthentic: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooBusy: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
PHRASES = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}
"""Phrases of statuses that Python 3.13 renamed: problem types must not depend on the Python version."""
RETRY_S = 1.0
UNFORESEEN = "internal error; see the scheduler's log"


class ProblemDocument(TypedDict):
    """A problem document (RFC 9457, section 3.1).

    Attributes:
        type: URI of the problem type.
        title: title of that type.
        status: HTTP status.
        detail: description of this occurrence.
        errors: violated rules.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[Entry]]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document.

    Attributes:
        status: HTTP status.
        detail: description of this occurrence.
        title: title of the problem type; the status phrase by default.
        errors: violated rules, as in `BadInput.entries`.
        headers: headers of the response.
    """

    status: int
    detail: str
    title: str = ""
    errors: list[Entry] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> ProblemDocument:
        """Return the document as plain JSON."""
        title = self.title or PHRASES.get(self.status) or HTTPStatus(self.status).phrase
        problem: ProblemDocument = {
            "type": f"https://novacron.dev/problems/{title.lower().replace(' ', '-')}",
            "title": title, "status": int(self.status), "detail": self.detail,
        }  # fmt: skip
        if self.errors:
            problem["errors"] = self.errors
        return problem

    def body(self) -> bytes:
        """Return the document in UTF-8; lone surrogates, which a refused value may contain, are replaced."""
        return json.dumps(self.document(), ensure_ascii=False).encode("utf-8", "replace")


class Refused(Exception):  # noqa: N818 - reads as what happened to the request
    """Another process answered a request with a problem document, to be passed on to the client.

    Attributes:
        status: HTTP status.
        headers: headers of the response.
        body: the document.
    """

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(body.decode())
        self.status = status
        self.headers = headers
        self.body = body


def retry_after(seconds: float) -> dict[str, str]:
    """Return the Retry-After header, in whole seconds (RFC 9110, section 10.2.3)."""
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


def of(error: Exception) -> Problem | None:
    """Return the problem for an exception; None for unexpected exceptions."""
    if isinstance(error, NovaCronError):
        return _known(error)
    if isinstance(error, session.AWAY):
        return _database(error)
    if isinstance(error, RecursionError):
        return Problem(422, "the body is nested too deep")
    return None


def _known(error: NovaCronError) -> Problem:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), None)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorized) else {}
    if isinstance(error, Unavailable):
        headers = retry_after(error.retry_after_s if isinstance(error, TooBusy) else RETRY_S)
    return Problem(
        status or HTTPStatus.INTERNAL_SERVER_ERROR,
        str(error),
        title=next((title for kind, title in TITLES.items() if isinstance(error, kind)), ""),
        errors=error.entries() if isinstance(error, BadInput) else [],
        headers=headers,
    )


def _database(error: Exception) -> Problem:
    read_only = isinstance(error, session.READ_ONLY)
    why = "accepts no writes now" if read_only else "cannot be reached"
    return Problem(503, f"the database {why}; nothing was written", headers=retry_after(RETRY_S))
