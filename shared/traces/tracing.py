"""Tracing of this process: sampling and export of spans.

OpenTelemetry's SDK interprets the sampler (OTEL_TRACES_SAMPLER) and the resource (OTEL_SERVICE_NAME,
OTEL_RESOURCE_ATTRIBUTES, resource detectors). It is imported only if tracing is on.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from contextvars import Token
from typing import Any

from novacron._version import __version__
from novacron.traceparent import RANDOM, SAMPLED, Parent
from shared.traces import otlp
from shared.traces.batches import Batches
from shared.traces.collector import Collector
from shared.traces.environment import Address, check
from shared.traces.otlp import Attributes
from shared.traces.span import new_id

SCOPE = ("novacron", __version__)
ATTRIBUTES = "OTEL_RESOURCE_ATTRIBUTES"
INSTANCE = "service.instance.id"


def configured(service: str) -> Tracing | None:
    """Return the tracing of this process, None if it is off; raises as `check`.

    Args:
        service: default of OTEL_SERVICE_NAME.
    """
    found = check()
    return Tracing(service, *found) if found else None


class Tracing:
    """Samples traces and exports spans.

    Args:
        service: default of OTEL_SERVICE_NAME.
        at: address of the collector.
        limits: the values of `environment.LIMITS`.

    Attributes:
        add, add_each: enqueue spans (`shared.traces.batches.Recorded`) for the exporting thread. Never block.
    """

    def __init__(self, service: str, at: Address, limits: Mapping[str, int]) -> None:
        from opentelemetry import context, trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        self._context, self._trace = context, trace
        self._flags: dict[int, Any] = {}
        found = dict(Resource.create().attributes)
        if str(found["service.name"]).startswith("unknown_service"):
            found["service.name"] = service
        self._resource: dict[str, Any] = {"service.version": __version__, **found}
        self._encoded_resource = b""
        self._sampler = TracerProvider(shutdown_on_exit=False).sampler
        self._collector = Collector(at)
        self._batches = Batches(
            self._export,
            queue_size=limits["OTEL_BSP_MAX_QUEUE_SIZE"],
            batch_size=limits["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"],
            delay_s=limits["OTEL_BSP_SCHEDULE_DELAY"] / 1000,
        )
        self.add, self.add_each = self._batches.add, self._batches.add_each

    def start(self, instance: str) -> None:
        """Start to export, once in a process; after a fork, in the child.

        Args:
            instance: service.instance.id, unless OTEL_RESOURCE_ATTRIBUTES gives one.
        """
        if INSTANCE not in os.environ.get(ATTRIBUTES, ""):
            self._resource[INSTANCE] = instance
        self._encoded_resource = otlp.resource(
            (name, value) for name, value in self._resource.items() if isinstance(value, str | int | float)
        )
        self._batches.start()

    def stop(self) -> None:
        """Export queued spans, for two seconds at most."""
        self._batches.stop()
        self._collector.close()

    def root(self, client: Parent | None, name: str, facts: Attributes = ()) -> Parent:
        """Draw the id of a job's first span, the parent of its other spans, and decide whether it is sampled.

        Args:
            client: parent of that span, from the request; None to begin a trace.
            name: name of that span.
            facts: its attributes, for samplers that depend on them.
        """
        trace_id = client.trace_id if client else f"{random.getrandbits(128) or 1:032x}"
        above = self.under(client, bytes.fromhex(client.span_id)) if client else None
        kind = self._trace.SpanKind.SERVER
        sampled = self._sampler.should_sample(above, int(trace_id, 16), name, kind, dict(facts), ())
        drawn = client.flags & RANDOM if client else RANDOM
        flags = drawn | (SAMPLED if sampled.decision.is_sampled() else 0)
        return Parent(trace_id, new_id().hex(), flags)

    def enter(self, context: Any) -> Token[Any]:
        """Make a context the current one, for log lines and instrumented libraries, until `leave`."""
        return self._context.attach(context)

    def leave(self, token: Token[Any]) -> None:
        """Restore the span that was current before `enter`."""
        self._context.detach(token)

    def under(self, parent: Parent, span_id: bytes) -> Any:
        """Return an OpenTelemetry context whose current span has this id, in the parent's trace."""
        if (flags := self._flags.get(parent.flags)) is None:
            flags = self._flags[parent.flags] = self._trace.TraceFlags(parent.flags)
        here = self._trace.SpanContext(int(parent.trace_id, 16), int.from_bytes(span_id), True, flags)
        return self._trace.set_span_in_context(self._trace.NonRecordingSpan(here))

    def _export(self, spans: Sequence[bytes]) -> None:
        self._collector.post(otlp.request(self._encoded_resource, SCOPE, spans))
