"""Circuits of the corpus and of the command line, against distributions worked out by hand."""

import json

import pytest

from tests.acceptance.stack import DATA, Stack

EXPECTED = json.loads((DATA / "qasm" / "expected.json").read_text())


def distance(found: dict[str, float], expected: dict[str, float]) -> float:
    return 0.5 * sum(abs(found.get(key, 0.0) - expected.get(key, 0.0)) for key in {*found, *expected})


def test_every_circuit_of_the_corpus_gives_its_distribution(stack: Stack):
    results = stack.finish(*(DATA / "qasm" / name for name in EXPECTED))
    far = {
        name: distance(result["probabilities"], expected)
        for (name, expected), result in zip(EXPECTED.items(), results, strict=True)
        if distance(result["probabilities"], expected) > 1e-9
    }
    assert far == {}


def test_a_circuit_file_by_the_command_line_is_exact_without_shots(stack: Stack):
    document = stack.document("submit", str(DATA / "qasm" / "teleport.qasm"), "--watch")
    assert document["kind"] == "pure_quantum"
    assert distance(document["result"]["probabilities"], EXPECTED["teleport.qasm"]) < 1e-9
    assert "counts" not in document["result"]


def test_counts_follow_the_probabilities_and_the_seed(stack: Stack):
    spec = {
        "kind": "pure_quantum", "shots": 10_000, "cache": False,
        "circuit": {"qasm": (DATA / "qasm" / "teleport.qasm").read_text()},
    }  # fmt: skip
    one, same, other = (
        result["counts"]
        for result in stack.finish(spec | {"seed": 1}, spec | {"seed": 1}, spec | {"seed": 2})
    )
    assert one == same != other
    assert sum(one.values()) == 10_000
    frequencies = {key: value / 10_000 for key, value in one.items()}
    assert distance(frequencies, EXPECTED["teleport.qasm"]) < 0.03


def test_expectations_are_exact(stack: Stack):
    bell = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0], q[1];\n'
    observables = ["XX", "YY", "ZI", {"name": "sum", "terms": [["XX", 0.5], ["ZZ", 0.25]]}]
    spec = {"kind": "pure_quantum", "circuit": {"qasm": bell}, "observables": observables}
    found = stack.result(spec)["expectations"]
    assert found == pytest.approx({"XX": 1.0, "YY": -1.0, "ZI": 0.0, "sum": 0.75}, abs=1e-12)


def test_the_execute_route_answers_with_the_result(stack: Stack):
    text = (DATA / "qasm" / "ghz.qasm").read_text()
    with stack.http() as http:
        answer = http.post(
            "/api/quantum/circuits/execute",
            params={"wait_s": 30},
            json={"circuit": text, "shots": 100, "seed": 5},
        )
    assert answer.status_code == 200
    assert set(answer.json()["result"]["counts"]) == {"000", "111"}
