"""Middleware that traces submissions; installed only where tracing is on."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from novacron.traceparent import Parent, parse
from shared.traces import otlp
from shared.traces.course import COURSE, Course
from shared.traces.span import SpanKind, child, span
from shared.traces.tracing import Tracing

SUBMIT = "submit"
HEADER = b"traceparent"
INSERTED: Final = otlp.facts((
    ("db.system.name", "postgresql"), ("db.operation.name", "INSERT"), ("db.collection.name", "jobs"),
))  # fmt: skip
STEPS: Final[dict[str, tuple[SpanKind, bytes]]] = {"accept": (SpanKind.CLIENT, INSERTED)}
"""Steps other than internal work."""


class Traced:
    """Binds a course to each POST request, and exports the spans of those that create a job."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        root = self._tracing.root(client, SUBMIT)
        course = Course(str(root), partial(self._accepted, client, root, scope) if root.sampled else None)
        bound = COURSE.set(course)
        try:
            await self._app(scope, receive, send)
        finally:
            COURSE.reset(bound)

    def _accepted(self, client: Parent | None, root: Parent, scope: Scope, course: Course) -> None:
        route = getattr(scope.get("route"), "path_format", "")
        of = otlp.facts((("novacron.job.id", course.job_id or ""), *course.facts.items()))
        asked = (("http.request.method", "POST"), ("http.route", route))
        self._tracing.add(span(
            client, root.trace_id, bytes.fromhex(root.span_id), SUBMIT, SpanKind.SERVER, course.begun_ns,
            course.accepted_ns, of, asked,
        ))  # fmt: skip
        for name, begun_ns, ended_ns in course.steps:
            kind, facts = STEPS.get(name, (SpanKind.INTERNAL, b""))
            self._tracing.add(child(root, name, kind, begun_ns, ended_ns, of + facts))


def client_of(scope: Scope) -> Parent | None:
    """Parse the `traceparent` of a request; None where it has none, an invalid one or more than one."""
    named = [value for name, value in scope["headers"] if name == HEADER]
    return parse(named[0].decode("latin-1")) if len(named) == 1 else None
