"""What `/openapi.json` adds to the routes: required roles, request bodies, and every possible status."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from scheduler.api.problem_document import MEDIA_TYPE
from scheduler.api.schemas import Schemas
from scheduler.api.services import ROLES

PROBLEMS: Final = {
    400: "The request is no HTTP or no JSON, or its body was cut off.",
    401: "There is no token, or an unknown or expired one.",
    403: "The token's role is not enough.",
    404: "There is no such thing, or it is not the caller's.",
    408: "The headers or the body came too slowly.",
    409: "The present state does not allow this, or the Idempotency-Key came with another body.",
    413: "The body is larger than this route takes from this token.",
    422: "The input breaks a rule; `errors` names the fields.",
    429: "Too much of the caller's is under way; see Retry-After.",
    431: "The request line and the headers are too long.",
    503: "The database or what performs this is away; nothing was written; see Retry-After.",
}
ERROR: Final = {
    "type": "object",
    "properties": {
        "field": {"type": ["string", "null"]}, "value": {}, "rule": {"type": "string"},
        "hint": {"type": ["string", "null"]},
    },
    "required": ["rule"],
}  # fmt: skip
PROBLEM: Final = {
    "title": "Problem",
    "description": "RFC 9457.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"}, "title": {"type": "string"},
        "status": {"type": "integer"}, "detail": {"type": "string"},
        "errors": {"type": "array", "items": ERROR},
    },
    "required": ["type", "title", "status", "detail"],
}  # fmt: skip
RETRY_AFTER: Final = {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}
BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "/api/crypto/certificates/{certificate_id}/ocsp": {"application/ocsp-request": BINARY},
}
"""Request bodies other than JSON objects."""
OCSP: Final = {"application/ocsp-response": BINARY}
EVENT: Final = {
    "type": "object",
    "description": "A server-sent event.",
    "properties": {
        "id": {"type": "string", "description": "`Last-Event-ID` of whoever goes on behind it."},
        "event": {"type": "string", "description": "Its type."},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "/api/quantum/jobs/{job_id}/events": {"text/event-stream": {"schema": EVENT}},
    "/api/quantum/jobs/{job_id}/circuit": {
        "text/plain": {"schema": {"type": "string"}}, "application/octet-stream": BINARY,
    },
    "/api/crypto/certificates/{certificate_id}/crl": {
        "application/pkix-crl": BINARY, "application/x-pem-file": {"schema": {"type": "string"}},
    },
    "/api/crypto/certificates/{certificate_id}/ocsp": OCSP,
    "/api/crypto/certificates/{certificate_id}/ocsp/{question}": OCSP,
}  # fmt: skip
"""Responses other than JSON."""


class Application(FastAPI):
    """The application, with a complete OpenAPI description."""

    def __init__(self, routers: Sequence[APIRouter], **named: Any) -> None:
        # FastAPI's own route generates the description on the event loop and serializes it for every request.
        super().__init__(openapi_url=None, **named)
        self.add_route("/openapi.json", self._described, include_in_schema=False)
        self._parts = routers
        self._describing = Lock()
        for router in routers:
            self.include_router(router)

    def _described(self, _: Request) -> Response:
        # Generated at the first request by one thread; takes 1 s of processor time.
        with self._describing:
            return Response(self._text, media_type="application/json")

    @cached_property
    def _text(self) -> bytes:
        return json.dumps(self.openapi(), separators=(",", ":")).encode()

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI description, generated once."""
        if self.openapi_schema is None:
            described = super().openapi()
            routes = [
                route for router in self._parts for route in router.routes if isinstance(route, APIRoute)
            ]
            schemas = Schemas(routes)
            for route in routes:
                for method in route.methods or ():
                    _complete(described["paths"][route.path_format][method.lower()], route, schemas)
            parts = described.setdefault("components", {})
            parts["schemas"] = {
                **parts.get("schemas", {}), "Problem": PROBLEM, **schemas.components(described["paths"])
            }  # fmt: skip
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        return self.openapi_schema or {}


def _complete(operation: dict[str, Any], route: APIRoute, schemas: Schemas) -> None:
    path, answers = route.path_format, operation["responses"]
    if path in ANSWERS:
        answers["200"]["content"] = ANSWERS[path]
    if schema := schemas.of(route):
        required = bool(schema.get("required") or schema.get("anyOf") or "$ref" in schema)
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}, "required": required}
    elif path in BODIES and "POST" in (route.methods or ()):
        operation["requestBody"] = {"content": BODIES[path], "required": True}
    if _needs_token(route.dependant):
        operation["security"] = [{"token": []}]
    for status, description in PROBLEMS.items():
        declared = answers[str(status)]["content"] if status in route.responses else {}
        answers[str(status)] = _problem(status, description, declared)


def _problem(status: int, description: str, declared: dict[str, Any]) -> dict[str, Any]:
    """Return the responses of a status: a problem document, or what the route declares besides it."""
    content = {**declared, MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    response: dict[str, Any] = {"description": description, "content": content}
    return response | ({"headers": {"Retry-After": RETRY_AFTER}} if status in (429, 503) else {})


def _needs_token(dependant: Dependant) -> bool:
    return any(part.call in ROLES or _needs_token(part) for part in dependant.dependencies)
