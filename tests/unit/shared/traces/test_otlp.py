"""Spans on the wire, read by the protocol's own library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from novacron.traceparent import Parent
from shared.traces import otlp
from shared.traces.span import SpanKind, Template, child, of_attempt, span

PARENT = Parent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=300)
PAIRS = st.lists(st.tuples(TEXT, st.one_of(TEXT, st.booleans(), INT64, st.floats(allow_nan=False)))).map(
    tuple
)


def read(*spans: bytes) -> ExportTraceServiceRequest:
    body = otlp.request(otlp.resource((("service.name", "tests"),)), ("novacron", "1.2"), spans)
    request: ExportTraceServiceRequest = ExportTraceServiceRequest.FromString(body)
    return request


def pairs(attributes: list[KeyValue]) -> list[tuple[str, object]]:
    return [(one.key, getattr(one.value, str(one.value.WhichOneof("value")))) for one in attributes]


@given(
    TEXT, PAIRS, PAIRS, st.integers(0, 2**63), st.lists(st.binary(min_size=8, max_size=8)), st.none() | TEXT
)
def test_what_is_written_is_read(name, facts, more, moment, links, error):
    one = child(
        PARENT, name, SpanKind.CONSUMER, moment, moment + 7, otlp.facts(facts), more, span_id=b"12345678",
        links=links, error=error,
    )  # fmt: skip
    [of] = read(one, one).resource_spans
    assert pairs(of.resource.attributes) == [("service.name", "tests")]
    [scope] = of.scope_spans
    assert (scope.scope.name, scope.scope.version, len(scope.spans)) == ("novacron", "1.2", 2)
    found = scope.spans[1]
    assert (found.trace_id.hex(), found.parent_span_id.hex()) == (PARENT.trace_id, PARENT.span_id)
    assert (found.span_id, found.name, found.kind) == (b"12345678", name, 5)
    assert (found.start_time_unix_nano, found.end_time_unix_nano) == (moment, moment + 7)
    assert pairs(found.attributes) == [*facts, *more]
    assert [(link.trace_id.hex(), link.span_id) for link in found.links] == [
        (PARENT.trace_id, linked) for linked in links
    ]
    assert (found.status.code, found.status.message) == ((2, error) if error is not None else (0, ""))
    assert found.flags == 0x301


def test_the_first_span_of_a_trace_has_no_parent():
    one = span(None, PARENT.trace_id, b"12345678", "submit", SpanKind.SERVER, 1, 2)
    found = read(one).resource_spans[0].scope_spans[0].spans[0]
    assert (found.parent_span_id, found.flags, found.kind) == (b"", 0x100, 2)


@given(TEXT, PAIRS, st.integers(0, 2**63), TEXT, st.lists(INT64, min_size=1))
def test_spans_of_a_template_are_those_encoded_one_by_one(name, facts, moment, varying, values):
    template = Template(PARENT, name, SpanKind.CONSUMER, otlp.facts(facts), varying)
    for value in values:
        alone = child(
            PARENT, name, SpanKind.CONSUMER, moment, moment + 7, otlp.facts(facts), ((varying, value),),
            span_id=of_attempt(PARENT.trace_id, value, 1),
        )  # fmt: skip
        assert read(template.span(value, moment, moment + 7)) == read(alone)


@pytest.mark.parametrize("other", [(2, 1), (1, 2), (11, 1)])
def test_ids_of_attempts_are_the_same_everywhere_and_differ(other):
    trace_id = PARENT.trace_id
    assert of_attempt(trace_id, 1, 1) == of_attempt(trace_id, 1, 1)
    assert len(of_attempt(trace_id, 1, 1)) == 8
    assert of_attempt(trace_id, 1, 1) != of_attempt(trace_id, *other)
    assert of_attempt(trace_id, 1, 1) != of_attempt(trace_id[:-1] + "d", 1, 1)
