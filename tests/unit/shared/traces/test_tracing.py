"""Which traces are sampled, and what is timed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from novacron.traceparent import Parent, parse
from shared.traces.course import COURSE, Course, followed, step
from shared.traces.tracing import Tracing, configured

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
ROOT = Path(__file__).resolve().parents[4]
CLIENT = Parent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 1)


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in ENDPOINT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def made() -> Tracing:
    found = configured("novacron-tests")
    assert found is not None
    return found


def test_a_job_without_a_client_begins_a_trace(variables: pytest.MonkeyPatch):
    found = made()
    one, two = found.root(None, "submit"), found.root(None, "submit")
    assert parse(str(one)) == one and one.sampled
    assert one.trace_id != two.trace_id and one.span_id != two.span_id


@pytest.mark.parametrize("flags", [0, 1])
def test_a_job_with_a_client_joins_its_trace_and_its_decision(variables: pytest.MonkeyPatch, flags: int):
    found = made().root(Parent(CLIENT.trace_id, CLIENT.span_id, flags), "submit")
    assert (found.trace_id, found.sampled) == (CLIENT.trace_id, bool(flags))
    assert found.span_id != CLIENT.span_id


def test_the_sampler_is_that_of_the_variables(variables: pytest.MonkeyPatch):
    variables.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    variables.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    found = made()
    assert not found.root(None, "submit").sampled
    assert found.root(CLIENT, "submit").sampled


def test_steps_are_timed_where_a_course_is_bound_and_cost_nothing_elsewhere():
    accepted: list[str | None] = []
    course = Course(str(CLIENT), lambda one: accepted.append(one.job_id))
    assert step("parse") is step("plan")
    bound = COURSE.set(course)
    try:
        with step("parse"):
            pass
        with pytest.raises(ValueError, match="refused"), step("plan"):
            raise ValueError("refused")
    finally:
        COURSE.reset(bound)
    [(name, begun_ns, ended_ns)] = course.steps
    assert (name, course.begun_ns <= begun_ns <= ended_ns, accepted) == ("parse", True, [])


def test_a_parser_process_reports_its_steps_and_the_job():
    accepted: list[str | None] = []
    course = Course(str(CLIENT), lambda one: accepted.append(one.job_id))
    with followed(course.traceparent) as there, step("parse"):
        pass
    assert there is not None and COURSE.get() is None
    course.add(there.document())
    assert accepted == []
    there.accept("j1", {"novacron.job.kind": "pure_quantum"})
    course.add(there.document() | {"steps": []})
    assert (accepted, len(course.steps), course.facts) == (["j1"], 1, {"novacron.job.kind": "pure_quantum"})
    with followed(None) as nothing:
        assert nothing is None and COURSE.get() is None


def test_the_tracer_of_the_sdk_is_not_imported_where_tracing_is_off():
    """redis-py imports the metrics of the SDK by itself where that is installed."""
    modules = "scheduler.api.app, scheduler.dispatch.traces, workers.runtime.traces"
    code = f"import sys, {modules}; from shared.traces.tracing import configured; found = configured('x');"
    code += "sys.exit(found is not None or 'opentelemetry.sdk.trace' in sys.modules)"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept, check=False).returncode == 0
