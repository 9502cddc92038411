"""An OpenTelemetry collector on a local port that records received spans."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

Value = str | bool | int | float


@dataclass(frozen=True)
class Seen:
    """A received span.

    Attributes:
        trace_id: in hexadecimal, like the other ids.
        parent_id: empty if it has none.
        kind: its name in the protocol, without the common prefix.
        links: ids of the spans it is linked to.
        error: its message; None if its status is not an error.
        of: attributes of its resource.
    """

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    begun_ns: int
    ended_ns: int
    attributes: dict[str, Value]
    links: list[str]
    error: str | None
    of: dict[str, Value]


@dataclass
class Collector:
    """Received data, and the responses.

    Attributes:
        url: of the collector, for OTEL_EXPORTER_OTLP_ENDPOINT.
        spans: received spans, in order of arrival.
        headers: of the last request, with names in lower case.
        status: status code of responses.
        requests: number of requests.
        open: set while requests are answered; cleared, the collector reads them without answering.
    """

    url: str = ""
    spans: list[Seen] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    requests: int = 0
    open: threading.Event = field(default_factory=threading.Event)

    def named(self, name: str, **attributes: Value) -> list[Seen]:
        """Return spans with this name prefix and these `novacron.*` attributes; `__` stands for a dot."""
        wanted = {"novacron." + key.replace("__", "."): value for key, value in attributes.items()}
        found = [one for one in list(self.spans) if one.name.startswith(name)]
        return [one for one in found if wanted.items() <= one.attributes.items()]


@contextmanager
def collector(port: int = 0) -> Iterator[Collector]:
    """Run a collector."""
    found = Collector()
    found.open.set()
    connections: set[socket.socket] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            connections.add(self.connection)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.headers = {name.lower(): value for name, value in self.headers.items()}
            found.requests += 1
            found.open.wait()
            if self.path == "/v1/traces" and found.status == 200:
                found.spans += decoded(gzip.decompress(body) if "content-encoding" in found.headers else body)
            self.send_response(found.status if self.path == "/v1/traces" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Do nothing: requests are not logged."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = False  # waits for handlers that are still answering
        found.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield found
        finally:
            found.open.set()
            server.shutdown()
            serving.join()
            for one in connections:  # otherwise they are kept alive
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


def decoded(body: bytes) -> list[Seen]:
    """Return the spans of a request."""
    request = ExportTraceServiceRequest.FromString(body)
    return [
        _seen(one, _pairs(of.resource.attributes))
        for of in request.resource_spans
        for scope in of.scope_spans
        for one in scope.spans
    ]


def _seen(one: trace_pb2.Span, of: dict[str, Value]) -> Seen:
    error = one.status.message if one.status.code == trace_pb2.Status.STATUS_CODE_ERROR else None
    assert all(link.trace_id == one.trace_id for link in one.links)
    kind = trace_pb2.Span.SpanKind.Name(one.kind).removeprefix("SPAN_KIND_")
    return Seen(
        one.trace_id.hex(), one.span_id.hex(), one.parent_span_id.hex(), one.name, kind,
        one.start_time_unix_nano, one.end_time_unix_nano, _pairs(one.attributes),
        [link.span_id.hex() for link in one.links], error, of,
    )  # fmt: skip


def _pairs(attributes: list[KeyValue]) -> dict[str, Value]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: AnyValue) -> Value:
    kind = value.WhichOneof("value")
    assert kind is not None
    found: Value = getattr(value, kind)
    return found
