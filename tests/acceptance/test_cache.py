"""Results that are known, and twins that are being computed."""

from pathlib import Path

from novacron import Client
from testing.patience import PATIENCE_S, eventually
from tests.acceptance.stack import Stack, held
from tests.acceptance.test_determinism import CHAIN, bits

TIMING = ("from_cache", "wall_time_s", "queue_time_s")


def test_a_second_submission_is_answered_at_once_with_the_same_result(stack: Stack, client: Client):
    spec = CHAIN | {"seed": 31}
    first = stack.submit(spec, client).wait(PATIENCE_S).document
    eventually(lambda: client.explain(spec)["cache"] == "hit", "the result's being kept")
    for name in ("again", "once more", "and again"):
        second = stack.submit(spec | {"name": name, "priority": 5}, client).document
        assert (second["status"], second["from_cache"], second["name"]) == ("completed", True, name)
        assert second["job_id"] != first["job_id"]
        assert second["result"]["from_cache"] is True
        ours, theirs = (
            {k: v for k, v in job["result"].items() if k not in TIMING} for job in (first, second)
        )
        assert ours == theirs
    assert first["from_cache"] is first["result"]["from_cache"] is False


def test_what_is_not_to_be_cached_is_not(stack: Stack):
    spec = CHAIN | {"seed": 32, "cache": False}
    first, second = (stack.submit(spec).wait(PATIENCE_S).document for _ in range(2))
    assert (first["from_cache"], second["from_cache"]) == (False, False)
    assert bits(first["result"]) == bits(second["result"])


def test_keys_are_drawn_anew_every_time(stack: Stack):
    spec = {"kind": "cryptographic", "operation": "generate_keypair", "algorithm": "ML-KEM-768"}
    first, second = stack.finish(spec, spec)
    assert first["public_key"] != second["public_key"]


def test_another_tenants_result_is_not_shared(stack: Stack):
    spec = CHAIN | {"seed": 33}
    stack.result(spec)
    with stack.client(stack.new_token("submit", "cache neighbour")) as neighbour:
        assert stack.submit(spec, neighbour).wait(PATIENCE_S).document["from_cache"] is False


def test_twins_join_and_end_together(stack: Stack, client: Client, tmp_path: Path):
    spec = held(tmp_path / "end")
    leader, twin = stack.submit(spec, client), stack.submit(spec, client)
    assert twin.document["joined"] == leader.id
    (tmp_path / "end").touch()
    ended = [job.wait(PATIENCE_S).document for job in (leader, twin)]
    assert [job["status"] for job in ended] == ["completed", "completed"]
    assert ended[0]["result"]["receipt"] == ended[1]["result"]["receipt"]
    assert [event.last for event in twin.stream()][-1]


def test_a_twin_goes_on_when_the_first_is_cancelled(stack: Stack, client: Client, tmp_path: Path):
    spec = held(tmp_path / "end")
    leader, twin, third = (stack.submit(spec, client) for _ in range(3))
    eventually(lambda: leader.refresh().status == "running", "the first twin's start")
    assert leader.cancel().status == "cancelled"
    (tmp_path / "end").touch()
    assert [twin.wait(PATIENCE_S).status, third.wait(PATIENCE_S).status] == ["completed", "completed"]


def test_a_cancelled_twin_leaves_the_first_alone(stack: Stack, client: Client, tmp_path: Path):
    spec = held(tmp_path / "end")
    leader, twin = stack.submit(spec, client), stack.submit(spec, client)
    assert twin.cancel().status == "cancelled"
    (tmp_path / "end").touch()
    assert leader.wait(PATIENCE_S).status == "completed"
    assert twin.refresh().status == "cancelled"


def test_twenty_equal_compilations_are_computed_once(stack: Stack, client: Client):
    star = "OPENQASM 3.0; include 'stdgates.inc'; qubit[3] q; h q[0]; cx q[0], q[1]; cx q[0], q[2];"
    spec = {
        "kind": "compile",
        "circuit": {"qasm": star},
        "backend": "fake:guadalupe",
        "optimization_level": 3,
    }
    spec |= {"compile_budget_s": 0.1, "granularity": "fanned_out"}
    jobs = [stack.submit(spec, client) for _ in range(20)]
    ended = [job.wait(PATIENCE_S).document for job in jobs]
    assert [job["status"] for job in ended] == ["completed"] * 20
    (first,) = (job for job in ended if job["joined"] is None and not job["from_cache"])
    for job in ended:
        assert job["result"]["circuit"] == first["result"]["circuit"]
        assert job["metadata"] == job["result"]["metadata"]
