"""Structured logging: one event per line, as text or as JSON.

Structlog binds the context (job, task, attempt, queue, worker), and the standard library's handlers write the
lines, so that records of other libraries are formatted alike. Secrets in every line are masked (`masked`).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.contextvars import get_contextvars
from structlog.stdlib import BoundLogger, filter_by_level

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s"
DATES = "%Y-%m-%dT%H:%M:%S"
FORMS = ("text", "json")
PLAIN = re.compile(r"[\w.,:/+@-]+", re.ASCII)
LONGEST = 300
TRACES = "opentelemetry.trace"
SECRET = re.compile(
    r"password|passphrase|secret|token$|private_key|^kek$|^sealed$|authorization", re.IGNORECASE
)
"""Keys whose values are never logged."""
MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        "***",
    ),
    (re.compile(r"(\w://[^\s:/@]*:)[^\s@/]+@"), r"\1***@"),
    (re.compile(r"(password=)('[^']*'|\S+)", re.IGNORECASE), r"\1***"),
    (re.compile(r"(Bearer )[\w.~+/=-]+", re.IGNORECASE), r"\1***"),
    (re.compile(r"\bnova_[\w-]{20,}"), "nova_***"),
)
"""Patterns of secrets in text from other sources: keys, URLs with passwords, tokens."""


def logger(name: str) -> BoundLogger:
    """Return a logger of events with key-value pairs, `log.info("dispatched", tasks=3)`; None is omitted."""
    logger: BoundLogger = structlog.wrap_logger(
        logging.getLogger(name), processors=[filter_by_level, _as_record], wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )  # fmt: skip
    return logger


def set_up(form: str) -> None:
    """Log to standard error from INFO on, including Python warnings.

    Args:
        form: `text` or `json`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)


def formatter(form: str) -> logging.Formatter:
    """Return a formatter that adds the context bound where a record is formatted."""
    return JsonLines() if form == "json" else TextLines(FORMAT, DATES)


def line(word: str, **facts: object) -> str:
    """Return a log line: the event and its key-value pairs, except those that are None.

    Values other than plain words are quoted as JSON, so that no value can forge a line or a pair.
    """
    return " ".join(
        [word, *(f"{name}={_shown(value)}" for name, value in facts.items() if value is not None)]
    )


def masked(text: str) -> str:
    """Return a text with its recognizable secrets masked."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def members(record: logging.LogRecord) -> dict[str, bool | int | float | str]:
    """Return the members of a record's JSON object, with secrets masked.

    These members have the same meaning in every line: `time` (RFC 3339, UTC), `level`, `logger`, `event`; in
    lines about a job `job` and `tenant_id`; in lines written by a task also `task`, `attempt`, `queue` and
    `worker`; within a trace `trace_id`; and `exception`, a traceback. Other members depend on the event.
    """
    facts = getattr(record, "facts", {})
    found: dict[str, object] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(), "logger": record.name,
        "event": getattr(record, "word", None) or record.getMessage(),
    }  # fmt: skip
    found |= {name: value for name, value in (facts | _context(record)).items() if name not in found}
    if record.exc_info and record.exc_info[0] is not None:
        found["exception"] = logging.Formatter().formatException(record.exc_info)
    return {name: _plain(value) for name, value in found.items()}


def subject(record: logging.LogRecord) -> str | None:
    """Return the job id of a record: its own, else the one bound in the current context."""
    own: Mapping[str, object] = getattr(record, "facts", {})
    job = own.get("job") or get_contextvars().get("job")
    return None if job is None else str(job)


class TextLines(logging.Formatter):
    """Text format: time, level, logger, message, then the bound context."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the first line of a record, with the bound context."""
        bound = line("", **_context(record))
        return super().formatMessage(record) + bound

    def format(self, record: logging.LogRecord) -> str:
        """Return a record with its traceback."""
        return masked(super().format(record))


class JsonLines(logging.Formatter):
    """JSON format, one object per line; its members are those of `members`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line."""
        return json.dumps(members(record), allow_nan=False)


def _as_record(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> tuple[tuple[str], dict[str, Any]]:
    """Convert an event and its key-value pairs to arguments of a standard logger."""
    word, exception = str(event.pop("event")), event.pop("exc_info", None)
    facts = {name: _open(name, value) for name, value in event.items() if value is not None}
    return (line(word, **facts),), {"exc_info": exception, "extra": {"facts": facts, "word": word}}


def _open(name: str, value: object) -> object:
    return "***" if SECRET.search(name) else value


def _context(record: logging.LogRecord) -> dict[str, object]:
    """Return the bound context, except keys that the record itself has."""
    own: Mapping[str, object] = getattr(record, "facts", {})
    bound = get_contextvars() | _trace()
    return {name: _open(name, value) for name, value in bound.items() if name not in own}


def _trace() -> dict[str, str]:
    """Return the current trace id; without OpenTelemetry's API loaded nothing can be tracing."""
    if (traces := sys.modules.get(TRACES)) is None:
        return {}
    span = traces.get_current_span().get_span_context()
    return {"trace_id": f"{span.trace_id:032x}"} if span.is_valid else {}


def _plain(value: object) -> bool | int | float | str:
    """Return a value as a JSON scalar; values without a JSON form are converted to text."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)
    return masked(str(value))


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = str(value)[:LONGEST]
    return text if PLAIN.fullmatch(text) else json.dumps(text)
