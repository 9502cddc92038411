"""Requests and responses, independent of I/O: building, decoding, Retry-After."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from novacron import traceparent
from novacron._version import __version__
from novacron.errors import BadInput, NovaCronError, ServerError, from_problem

ANSWER_S = 30.0


@dataclass(frozen=True)
class Request:
    """One request to the scheduler.

    Attributes:
        path: path and query, both percent-encoded.
        body: JSON text, or None.
        timeout_s: longest time without data from the server, in seconds.
        delay_s: delay before sending, in seconds.
    """

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = ANSWER_S
    delay_s: float = 0.0


@dataclass(frozen=True)
class Response:
    """One response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def segment(text: str) -> str:
    """Percent-encode text, for example a job id, as one segment of a path."""
    return quote(text, safe="", errors="replace")  # an argument may contain undecodable bytes


def get(path: str, query: Mapping[str, object] | None = None, timeout_s: float = ANSWER_S) -> Request:
    """Build a GET; omit query entries that are None."""
    return Request("GET", _with(path, query or {}), timeout_s=timeout_s)


def delete(path: str, query: Mapping[str, object]) -> Request:
    """Build a DELETE; omit query entries that are None."""
    return Request("DELETE", _with(path, query))


def _with(path: str, query: Mapping[str, object]) -> str:
    given = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(given, doseq=True, errors='replace')}" if given else path


def post(path: str, document: object, idempotency_key: str | None = None) -> Request:
    """Build a POST of a JSON document; an idempotency key makes it safe to repeat.

    Raises:
        BadInput: the document has no JSON form, for instance NaN.
    """
    headers = {"Content-Type": "application/json"}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = idempotency_key
    return Request("POST", path, _json(document), headers)


def patch(path: str, document: object) -> Request:
    """Build a PATCH with a JSON document; raises as `post`."""
    return Request("PATCH", path, _json(document), {"Content-Type": "application/json"})


def _json(document: object) -> bytes:
    try:
        return json.dumps(document, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise BadInput(f"this cannot be sent as JSON: {error}") from None


def headers(request: Request, token: str | None) -> dict[str, str]:
    """Return all headers to send with a request."""
    sent = {"Accept": "application/json", "User-Agent": f"novacron/{__version__}", **request.headers}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if (parent := traceparent.current()) is not None:
        sent["traceparent"] = parent
    return sent


def content(response: Response) -> bytes:
    """Return the body of the response.

    Raises:
        NovaCronError: subclass for the status and the problem document.
    """
    if not 200 <= response.status < 300:
        raise problem(response)
    return response.body


def decode(response: Response) -> Any:
    """Return the JSON document of the response; raises as `content`."""
    body = content(response)
    try:
        return json.loads(body)
    except ValueError:
        raise ServerError("the answer is not JSON: is this the address of a scheduler?") from None


def problem(response: Response) -> NovaCronError:
    """Return the exception for an error response."""
    try:
        document = json.loads(response.body)
    except ValueError:
        document = None
    return from_problem(response.status, document, retry_after_s(response.headers))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds in Retry-After, None without it.

    Source: RFC 9110, section 10.2.3.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isdecimal():
        return float(value)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
