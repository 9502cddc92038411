"""Submissions over HTTP in the trace of whoever sends them, from a real scheduler to a collector."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry import trace

from novacron import Client
from testing.collector import Collector, Seen, collector
from testing.patience import PATIENCE_S, eventually
from tests.integration.conftest import JOBS, NOOP, Api, serving
from tests.servers import ROOT

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GIVEN = f"00-{TRACE}-{SPAN}-01"
CIRCUIT = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];'


@pytest.fixture(scope="module")
def collected() -> Iterator[Collector]:
    with collector() as found:
        yield found


@pytest.fixture(scope="module")
def api(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory, collected: Collector
) -> Iterator[Api]:
    """The API, traced."""
    with serving(
        database_url, redis_url, tmp_path_factory.mktemp("api"), OTEL_EXPORTER_OTLP_ENDPOINT=collected.url,
        OTEL_BSP_SCHEDULE_DELAY="20", OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=tests",
    ) as running:  # fmt: skip
        yield running


def of(found: Collector, job: str) -> dict[str, Seen]:
    """The spans of a job by name, once those of its submission are there."""
    spans = {"submit", "parse", "plan", "accept"}
    eventually(lambda: spans <= {one.name for one in found.named("", job__id=job)})
    return {one.name: one for one in found.named("", job__id=job)}


def test_a_submission_is_traced_under_the_span_of_its_client(api: Api, collected: Collector):
    job = api.http.post(JOBS, json=NOOP, headers={"traceparent": GIVEN}).json()
    assert job["trace_id"] == TRACE
    spans = of(collected, job["job_id"])
    submit = spans["submit"]
    assert (submit.trace_id, submit.parent_id, submit.kind) == (TRACE, SPAN, "SERVER")
    assert submit.attributes == {
        "http.request.method": "POST", "http.route": JOBS, "novacron.job.id": job["job_id"],
        "novacron.job.kind": "pure_classical", "novacron.tenant.id": 1,
    }  # fmt: skip
    steps = [spans[name] for name in ("parse", "plan", "accept")]
    assert {(one.trace_id, one.parent_id) for one in steps} == {(TRACE, submit.span_id)}
    assert submit.begun_ns <= steps[0].begun_ns and steps[-1].ended_ns <= submit.ended_ns
    assert submit.of["service.name"] == "novacron-scheduler"
    assert submit.of["deployment.environment.name"] == "tests"
    listed = api.http.get(JOBS).json()["jobs"]
    assert listed[0]["trace_id"] == TRACE


@pytest.mark.parametrize(
    "headers", [[], [("traceparent", "00-nonsense")], [("traceparent", GIVEN), ("traceparent", GIVEN)]]
)
def test_without_one_valid_traceparent_a_trace_begins(api: Api, collected: Collector, headers):
    job = api.http.post(JOBS, json=NOOP, headers=headers).json()
    submit = of(collected, job["job_id"])["submit"]
    assert submit.trace_id == job["trace_id"] != TRACE and submit.parent_id == ""


def test_steps_in_a_parser_process_are_told_by_the_api(api: Api, collected: Collector):
    route = "/api/quantum/circuits/execute"
    answer = api.http.post(route, json={"circuit": CIRCUIT}, headers={"traceparent": GIVEN})
    assert answer.status_code == 202, answer.text
    job = answer.json()
    spans = of(collected, job["job_id"])
    assert spans["submit"].attributes["http.route"] == route
    assert spans["submit"].attributes["novacron.job.kind"] == "pure_quantum"
    assert {one.parent_id for one in spans.values()} == {SPAN, spans["submit"].span_id}
    again = api.http.post(f"{JOBS}/{job['job_id']}/replay", headers={"traceparent": GIVEN}).json()
    assert of(collected, again["job_id"])["submit"].span_id != spans["submit"].span_id


def test_what_makes_no_job_makes_no_span(api: Api, collected: Collector):
    key = {"Idempotency-Key": "traced-once", "traceparent": GIVEN}
    first = api.http.post(JOBS, json=NOOP, headers=key).json()["job_id"]
    assert api.http.post(JOBS, json=NOOP, headers=key).json()["job_id"] == first
    assert api.http.post(JOBS, json={"kind": "none"}, headers={"traceparent": GIVEN}).status_code == 422
    unsampled = api.http.post(JOBS, json=NOOP, headers={"traceparent": f"00-{TRACE}-{SPAN}-00"}).json()
    assert unsampled["trace_id"] == TRACE
    last = api.http.post(JOBS, json=NOOP).json()["job_id"]
    of(collected, last)
    assert len(collected.named("submit", job__id=first)) == 1
    assert not collected.named("", job__id=unsampled["job_id"])
    assert all("novacron.job.id" in one.attributes for one in collected.spans)


def test_an_operation_is_a_traced_job_too(api: Api, collected: Collector):
    wanted = {"algorithm": "ML-KEM-768", "name": "traced"}
    key = {"Idempotency-Key": "traced-key", "traceparent": GIVEN}
    job = api.http.post(
        JOBS, json={"kind": "cryptographic", "operation": "generate_key"} | wanted, headers=key
    )
    assert of(collected, job.json()["job_id"])["submit"].attributes["novacron.job.kind"] == "cryptographic"


def test_the_python_client_sends_the_current_span(api: Api, collected: Collector):
    here = trace.SpanContext(int(TRACE, 16), int(SPAN, 16), is_remote=False, trace_flags=trace.TraceFlags(1))
    with Client(f"http://127.0.0.1:{api.port}", api.token) as client:
        with trace.use_span(trace.NonRecordingSpan(here)):
            job = client.submit(NOOP)
        assert job.document["trace_id"] == TRACE
    assert of(collected, job.id)["submit"].parent_id == SPAN


def test_the_whole_tree_of_a_job_from_client_to_record(
    api: Api, collected: Collector, database_url: str, redis_url: str
):
    """With a worker whose children are forked."""
    environment = os.environ | {
        "NOVACRON_DATABASE_URL": database_url, "NOVACRON_REDIS_URL": redis_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collected.url, "OTEL_BSP_SCHEDULE_DELAY": "20",
    }  # fmt: skip
    command = [sys.executable, "-m", "workers", "--queue", "crypto", "--concurrency", "1"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wanted = {"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "ML-KEM-768"}
        job = api.http.post(JOBS, json=wanted, headers={"traceparent": GIVEN}).json()["job_id"]
        names = [
            "accept",
            "claim crypto",
            "dispatch crypto",
            "parse",
            "perform kem_roundtrip",
            "plan",
            "record",
        ]
        eventually(lambda: len(collected.named("", job__id=job)) == 8)
    finally:
        worker.terminate()
        worker.wait(PATIENCE_S)
    spans = {one.name: one for one in collected.named("", job__id=job)}
    submit = spans.pop("submit")
    assert (submit.trace_id, submit.parent_id, sorted(spans)) == (TRACE, SPAN, names)
    assert {(one.trace_id, one.parent_id, one.error) for one in spans.values()} == {
        (TRACE, submit.span_id, None)
    }
    order = ["parse", "plan", "accept", "dispatch crypto", "claim crypto", "perform kem_roundtrip", "record"]
    begun = [spans[name].begun_ns for name in order]
    assert begun == sorted(begun)
    by = {name: one.of["service.name"] for name, one in spans.items()}
    assert by == {
        name: "novacron-worker" if name in order[4:] else "novacron-scheduler" for name in order
    }  # fmt: skip
    instances = {spans[name].of["service.instance.id"] for name in order[4:]}
    assert len(instances) == 1 and f"/{worker.pid}" not in str(instances), "it is the child's"


def test_tracing_that_cannot_begin_ends_the_start_with_one_line():
    environment = os.environ | {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}
    for program in (["scheduler"], ["workers", "--queue", "crypto"]):
        command = [sys.executable, "-m", *program]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "OTEL_EXPORTER_OTLP_ENDPOINT" in done.stderr and "Traceback" not in done.stderr
