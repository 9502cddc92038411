"""Lines of the log: plain to read, impossible to forge."""

import io
import json
import logging
import secrets
import shlex
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies
from opentelemetry import trace
from structlog.contextvars import bound_contextvars
from structlog.stdlib import BoundLogger

from shared.telemetry import LONGEST, formatter, line, logger, subject


def test_a_line_is_a_word_and_its_facts():
    assert line("dispatched", tasks=3, queues="cpu-sim:3", cause=None, took_s=0.12345) == (
        "dispatched tasks=3 queues=cpu-sim:3 took_s=0.123"
    )
    assert line("leader_lost", cause="a word = two\nleader_gained") == (
        'leader_lost cause="a word = two\\nleader_gained"'
    )


@given(strategies.text(max_size=2 * LONGEST))
def test_no_value_forges_a_line_or_a_fact(text):
    made = line("submitted", name=text, job="j1")
    assert "\n" not in made and "\r" not in made and made.isprintable()
    assert len(shlex.split(made)) == 3 and made.endswith(" job=j1")


def written(form: str, say: Callable[[BoundLogger], object], **bound: object) -> list[str]:
    """The lines of a logger whose handler writes in this form, with these facts bound."""
    stream, name = io.StringIO(), f"novacron.tests.{secrets.token_hex(4)}"
    handler, plain = logging.StreamHandler(stream), logging.getLogger(name)
    handler.setFormatter(formatter(form))
    plain.addHandler(handler)
    plain.setLevel("INFO")
    plain.propagate = False
    with bound_contextvars(**bound):
        say(logger(name))
    return stream.getvalue().splitlines()


def broken(log: BoundLogger) -> None:
    try:
        raise ZeroDivisionError("postgresql://ada:hunter2@db:5432/novacron is away")
    except ZeroDivisionError as error:
        log.warning("failed", task=7, exc_info=error)


def test_text_lines_end_with_what_is_bound_and_not_said_already():
    [told] = written("text", lambda log: log.info("retried", task=7, cause=None), job="j1", task=8)
    assert told.endswith(" retried task=7 job=j1") and " INFO novacron.tests." in told
    first, *traceback = written("text", broken, job="j1")
    assert first.endswith("failed task=7 job=j1") and traceback[0].startswith("Traceback")


def test_json_lines_are_one_object_each():
    [told] = written("json", lambda log: log.info("completed", took_s=0.5, final=True, n=3), job="j1")
    found = json.loads(told)
    assert datetime.fromisoformat(found.pop("time")).utcoffset() == timedelta(0)
    assert found.pop("logger").startswith("novacron.tests.")
    assert found == {
        "level": "info", "event": "completed", "took_s": 0.5, "final": True, "n": 3, "job": "j1",
    }  # fmt: skip
    [told] = written("json", broken)
    assert "ZeroDivisionError" in json.loads(told)["exception"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_lines_tell_the_trace_under_way(form):
    trace_id = 0x0AF7651916CD43DD8448EB211C80319C
    span = trace.NonRecordingSpan(trace.SpanContext(trace_id, 0xB7AD6B7169203331, is_remote=False))
    with trace.use_span(span):
        [told] = written(form, lambda log: log.info("completed"), job="j1")
    assert "0af7651916cd43dd8448eb211c80319c" in told
    [told] = written(form, lambda log: log.info("completed"), job="j1")
    assert "trace_id" not in told


def test_a_line_is_about_the_job_it_names_or_the_one_that_is_bound(caplog: pytest.LogCaptureFixture):
    with caplog.at_level("INFO"):
        logger("novacron.tests").info("planned", job="j1")
        logger("novacron.tests").info("dispatched", jobs="j1,j2")
        assert [subject(record) for record in caplog.records] == ["j1", None]
        with bound_contextvars(job="j3"):
            logging.getLogger("another.library").warning("slow")
            assert [subject(record) for record in caplog.records] == ["j1", "j3", "j3"]


def test_lines_of_other_libraries_are_written_the_same_way():
    stream, other = io.StringIO(), logging.getLogger("another.library")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    other.addHandler(handler)
    with bound_contextvars(job="j1"):
        other.warning("it took %d ms", 3)
    other.removeHandler(handler)
    found = json.loads(stream.getvalue())
    assert (found["event"], found["job"], found["level"]) == ("it took 3 ms", "j1", "warning")


@given(
    strategies.dictionaries(
        strategies.text("abc_", min_size=1, max_size=4),
        strategies.one_of(strategies.text(), strategies.floats(), strategies.integers(), strategies.none()),
    )
)
def test_any_facts_make_one_json_object(facts):
    [told] = written("json", lambda log: log.info("word", **facts))
    found = json.loads(told, parse_constant=pytest.fail)
    assert found["event"] == "word"
    assert set(found) - {"time", "level", "logger", "event"} == {
        name for name, value in facts.items() if value is not None
    }


PEM = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIhunter2\n-----END ENCRYPTED PRIVATE KEY-----"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "said",
    [
        lambda log: log.info("x", password="hunter2"),
        lambda log: log.info("x", kek_token="hunter2"),
        lambda log: log.info("x", cause=PEM),
        lambda log: log.info("x", cause=PEM[:50]),
        lambda log: log.info("x", url="redis://:hunter2@127.0.0.1:1/0"),
        lambda log: log.info("x", cause="connection to host=db password=hunter2 failed"),
        lambda log: log.info("x", header="Authorization: Bearer hunter2"),
        lambda log: log.info("x", name="nova_hunter2" + 20 * "x"),
        broken,
    ],
)
def test_secrets_do_not_reach_the_log(form, said):
    told = "\n".join(written(form, said, private_key="hunter2"))
    assert "hunter2" not in told and "***" in told
