"""What processes log of their work: one line a fact, for people and for grep, or as JSON for machines.

Structlog binds the facts (job, task, attempt, queue, worker) and the standard library writes the lines, so
that those of other libraries go the same way. Every line passes `masked` on its way out.
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
"""Names of facts whose values are never shown."""
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
"""Forms that secrets have in texts of others: keys, addresses with passwords, tokens."""


def logger(name: str) -> BoundLogger:
    """Return a logger of words and facts, `log.info("dispatched", tasks=3)`; None facts are left out."""
    logger: BoundLogger = structlog.wrap_logger(
        logging.getLogger(name), processors=[filter_by_level, _as_record], wrapper_class=BoundLogger,
        cache_logger_on_first_use=True,
    )  # fmt: skip
    return logger


def set_up(form: str) -> None:
    """Write all lines from INFO on to standard error, warnings of Python too.

    Args:
        form: `text` or `json`.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)


def formatter(form: str) -> logging.Formatter:
    """Return what writes the lines of a handler, with the facts that are bound where it is called."""
    return JsonLines() if form == "json" else TextLines(FORMAT, DATES)


def line(word: str, **facts: object) -> str:
    """Return one line of the log; facts that are None are left out.

    Values that are not plain are quoted as JSON, so that no value can forge a line or a fact.
    """
    return " ".join(
        [word, *(f"{name}={_shown(value)}" for name, value in facts.items() if value is not None)]
    )


def masked(text: str) -> str:
    """Return a text without what looks like a secret."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def told(record: logging.LogRecord) -> dict[str, bool | int | float | str]:
    """Return what a record says, as lines of JSON have it, without what looks like a secret.

    These names mean the same in every line: `time` (RFC 3339, UTC), `level`, `logger`, `event`; in one about
    a job `job` and `tenant_id`; in one that a task wrote `task`, `attempt`, `queue` and `worker`, too;
    `trace_id` where a trace is under way; `exception`, a traceback. Other facts have names of their own.
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
    """Return the id of the job that a record is about: the one it names, or the one that is bound here."""
    said: Mapping[str, object] = getattr(record, "facts", {})
    job = said.get("job") or get_contextvars().get("job")
    return None if job is None else str(job)


class TextLines(logging.Formatter):
    """Lines for people: time, level, logger, the message, then the facts that are bound."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the first line of a record."""
        bound = line("", **_context(record))
        return super().formatMessage(record) + bound

    def format(self, record: logging.LogRecord) -> str:
        """Return a record with its traceback."""
        return masked(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line: time (RFC 3339, UTC), level, logger, event, the facts, and a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line."""
        return json.dumps(told(record), allow_nan=False)


def _as_record(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> tuple[tuple[str], dict[str, Any]]:
    """Turn a word and its facts into the arguments of a standard logger."""
    word, exception = str(event.pop("event")), event.pop("exc_info", None)
    facts = {name: _open(name, value) for name, value in event.items() if value is not None}
    return (line(word, **facts),), {"exc_info": exception, "extra": {"facts": facts, "word": word}}


def _open(name: str, value: object) -> object:
    return "***" if SECRET.search(name) else value


def _context(record: logging.LogRecord) -> dict[str, object]:
    """Return what is bound here, without what the record says itself."""
    said: Mapping[str, object] = getattr(record, "facts", {})
    bound = get_contextvars() | _trace()
    return {name: _open(name, value) for name, value in bound.items() if name not in said}


def _trace() -> dict[str, str]:
    """Return the id of the trace under way here: whatever traces has loaded OpenTelemetry's API."""
    if (traces := sys.modules.get(TRACES)) is None:
        return {}
    span = traces.get_current_span().get_span_context()
    return {"trace_id": f"{span.trace_id:032x}"} if span.is_valid else {}


def _plain(value: object) -> bool | int | float | str:
    """Return a value as JSON has it; what is no number, truth or text is written as text."""
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
