"""The event log of a job: ordered, complete, resumable from anywhere."""

import json
from typing import Any

import pytest

from novacron import Client
from novacron.client import Job
from testing.patience import PATIENCE_S, eventually
from tests.acceptance.stack import LONG_S, Stack, sleeping
from tests.acceptance.test_determinism import CHAIN, H2


@pytest.fixture(scope="module")
def ended(stack: Stack):
    spec = {
        "kind": "hybrid_vqe", "ansatz": {"name": "uccsd"}, "granularity": "fanned_out", "cache": False,
        "starts": 2, "hamiltonian": {"terms": H2["terms"], "hf_bitstring": "1100", "e_exact": H2["e_fci"]},
    }  # fmt: skip
    with stack.client() as client:
        yield stack.submit(spec, client).wait(PATIENCE_S)


def told(job: Job, first: int = 1) -> list[tuple[int, str, dict[str, Any]]]:
    return [(event.ordinal, event.kind, event.data) for event in job.stream(first)]


def test_ordinals_are_contiguous_and_the_last_event_ends_the_job(ended: Job):
    events = told(ended)
    assert [ordinal for ordinal, _, _ in events] == list(range(1, len(events) + 1))
    assert events[0][1:2] == ("job",) and events[0][2]["status"] == "queued"
    assert events[-1][1] == "job" and events[-1][2]["status"] == "completed"
    statuses = [data["status"] for _, kind, data in events if kind == "job"]
    assert statuses == ["queued", "running", "completed"]
    assert {kind for _, kind, _ in events} >= {"job", "task", "evaluations", "placement", "reference"}
    assert all("at" in data for _, _, data in events)


def test_evaluations_are_those_of_the_result(ended: Job):
    seen: dict[int, list[dict[str, Any]]] = {}
    for _, kind, data in told(ended):
        if kind == "evaluations":
            seen.setdefault(data["loop"], []).extend(data["evaluations"])
    for points in seen.values():
        assert [point["evaluation"] for point in points] == list(range(1, len(points) + 1))
    result = ended.document["result"]
    history = [point["energy"] for point in result["history"]]
    assert [point["value"] for point in seen[result["start"]]] == history
    assert sum(map(len, seen.values())) == result["n_evaluations"] == ended.document["evaluations"]


def test_a_stream_goes_on_from_any_event(stack: Stack, ended: Job):
    events = told(ended)
    for first in (1, 2, len(events) // 2, len(events)):
        assert told(ended, first) == events[first - 1 :]
    with stack.http() as http:
        path = f"/api/quantum/jobs/{ended.id}/events"
        for last in (0, 3, len(events) - 1):
            answer = http.get(path, headers={"Last-Event-ID": str(last)})
            assert answer.headers["content-type"].startswith("text/event-stream")
            ids = [int(line[4:]) for line in answer.text.splitlines() if line.startswith("id: ")]
            assert ids == list(range(last + 1, len(events) + 1))
        assert http.get(path, params={"from": len(events) + 5, "follow": "false"}).text == ""


def test_a_stream_cut_in_the_middle_of_a_job_is_taken_up_without_a_gap(stack: Stack, client: Client):
    slow = CHAIN | {
        "hamiltonian": {"model": "tfim", "n_qubits": 10}, "granularity": "fanned_out", "cache": False,
        "optimizer": {"name": "adam", "max_iterations": 40},
    }  # fmt: skip
    job = stack.submit(slow, client)
    frames: list[tuple[int, str]] = []
    with stack.http() as http:
        while not (frames and '"completed"' in frames[-1][1] and "event: job" in frames[-1][1]):
            headers = {"Last-Event-ID": str(frames[-1][0])} if frames else {}
            with http.stream("GET", f"/api/quantum/jobs/{job.id}/events", headers=headers) as answer:
                text = ""
                for chunk in answer.iter_text():
                    text += chunk
                    *whole, text = text.split("\n\n")
                    frames += [(int(one[4:].split("\n")[0]), one) for one in whole if one.startswith("id: ")]
                    if len(whole) > 0:
                        break  # cut here, whatever was under way
    assert [ordinal for ordinal, _ in frames] == list(range(1, len(frames) + 1))
    datas = [json.loads(one.split("data: ", 1)[1]) for _, one in frames]
    assert [data for _, _, data in told(job)] == datas


def test_events_by_the_command_line(stack: Stack, ended: Job):
    events = told(ended)
    printed = stack.document("events", ended.id, "--from", "3")
    assert [(one["ordinal"], one["kind"], one["data"]) for one in printed] == events[2:]
    lines = stack.run("events", ended.id, "--follow").stdout.splitlines()
    assert len(lines) == len(events)


def test_a_cancelled_job_says_by_whom(stack: Stack, client: Client):
    job = stack.submit(sleeping(LONG_S), client)
    eventually(lambda: job.refresh().status == "running", "the job's start")
    job.cancel()
    last = told(job)[-1]
    assert (last[1], last[2]["status"], last[2]["cause"]) == (
        "job",
        "cancelled",
        'cancelled by the token "first"',
    )


def test_a_reader_that_comes_after_the_last_event_gets_the_end_at_once(stack: Stack, ended: Job):
    n = len(told(ended))
    path = f"/api/quantum/jobs/{ended.id}/events"
    with stack.http() as http:
        for last in (n, n + 1, 10**9):
            answer = http.get(path, headers={"Last-Event-ID": str(last)}, timeout=PATIENCE_S)
            assert (answer.status_code, answer.content) == (204, b"")
        assert http.get(path, params={"from": n + 1, "follow": "false"}).text == ""
    assert told(ended, n + 1) == []
