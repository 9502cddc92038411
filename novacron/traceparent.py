"""The header `traceparent` of W3C Trace Context (section 3.2): parser, formatter, and the current one."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass

FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
VARIABLE = "TRACEPARENT"
API = "opentelemetry.trace"
SAMPLED, RANDOM = 1, 2
KNOWN_FLAGS = SAMPLED | RANDOM


@dataclass(frozen=True, slots=True)
class Parent:
    """A remote parent span.

    Attributes:
        trace_id: 32 hexadecimal digits.
        span_id: 16 hexadecimal digits.
        flags: trace flags, of which `SAMPLED` and `RANDOM` are known.
    """

    trace_id: str
    span_id: str
    flags: int

    @property
    def sampled(self) -> bool:
        """Whether spans of this trace are recorded."""
        return bool(self.flags & SAMPLED)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"


def parse(text: str) -> Parent | None:
    """Parse a `traceparent`; None where it is invalid, which means that the trace starts anew."""
    found = FORM.fullmatch(text)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return Parent(trace_id, span_id, int(flags, 16) & KNOWN_FLAGS)


def current() -> str | None:
    """Return the `traceparent` of the current OpenTelemetry span, else of the variable TRACEPARENT, if valid.

    OpenTelemetry's API is not imported for this: a process with spans has imported it.
    """
    if (api := sys.modules.get(API)) is not None:
        span = api.get_current_span().get_span_context()
        if span.is_valid:
            return str(
                Parent(f"{span.trace_id:032x}", f"{span.span_id:016x}", span.trace_flags & KNOWN_FLAGS)
            )
    given = os.environ.get(VARIABLE, "")
    return given if parse(given) else None
