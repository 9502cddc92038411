"""`traceparent` as W3C Trace Context has it, and where the client takes one from."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace

from novacron._transport import http
from novacron.traceparent import Parent, current, parse

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = f"00-{TRACE}-{SPAN}-01"


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.integers(0, 3))
def test_what_is_written_is_read(trace_id: int, span_id: int, flags: int):
    one = Parent(f"{trace_id:032x}", f"{span_id:016x}", flags)
    assert parse(str(one)) == one and one.sampled is bool(flags & 1)


@pytest.mark.parametrize(
    "text",
    [
        "", "00", GIVEN.upper(), f"ff-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01", f"{GIVEN}-more", f" {GIVEN}", f"{GIVEN}\n", f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE[1:]}-{SPAN}-01", f"00-{TRACE}-{SPAN}", GIVEN.replace("a", "\u0661"),
    ],
)  # fmt: skip
def test_what_breaks_the_rules_says_nothing(text: str):
    assert parse(text) is None


def test_a_later_version_may_say_more_and_unknown_flags_are_dropped():
    assert parse(f"01-{TRACE}-{SPAN}-ff-more") == Parent(TRACE, SPAN, 3)


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str):
    parse(text)


def test_a_request_is_sent_under_the_current_span(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TRACEPARENT", raising=False)
    assert "traceparent" not in http.headers(http.get("/"), "token")
    monkeypatch.setenv("TRACEPARENT", GIVEN)
    assert http.headers(http.get("/"), None)["traceparent"] == GIVEN
    flags = trace.TraceFlags(1)
    here = trace.SpanContext(int("1" * 32, 16), int("2" * 16, 16), is_remote=False, trace_flags=flags)
    with trace.use_span(trace.NonRecordingSpan(here)):
        assert http.headers(http.get("/"), None)["traceparent"] == f"00-{'1' * 32}-{'2' * 16}-01"
    monkeypatch.setenv("TRACEPARENT", "nonsense")
    assert current() is None


def test_the_client_does_not_import_opentelemetry():
    code = "import sys, novacron.client; from novacron.traceparent import current; current();"
    code += "sys.exit('opentelemetry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
