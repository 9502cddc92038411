"""Batches: circuits at points with observables, planned and run as the scheduler and workers do."""

import json
from typing import Any

import numpy as np
import pytest

from novacron.arrays import read_arrays
from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler.planning import planner
from scheduler.planning.kinds import batch
from scheduler.planning.placement import place
from shared.circuits.reader import read
from testing.contexts import context
from workers.operations import load
from workers.runtime.outcome import Done

ANSATZ = """OPENQASM 3.0; include "stdgates.inc";
input float a; input float b; qubit[3] q;
ry(a) q[0]; cx q[0], q[1]; rz(b) q[1]; ry(2*b) q[1];
"""
BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
FEEDBACK = BELL + " if (c[0]) { x q[0]; } c[1] = measure q[0];"
POINTS = np.random.default_rng(7).uniform(-2, 2, (4, 2))
Z, X = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])


def planned(**job):
    document = {"kind": "pure_quantum", **job}
    for holder in (document, *document.get("circuits", ())):
        if isinstance(text := holder.get("circuit"), str):
            holder["circuit"] = {"record": read(text).to_json()}
    spec = parse_spec(document, stored=True)
    # As the scheduler stores it.
    spec = parse_spec(json.loads(spec.model_dump_json()), stored=True)
    placement = place(spec, {"cpu-sim"}, {})
    return spec.model_copy(update={"backend": placement.backend}), planner.work(spec, placement)


def run(**job):
    spec, work = planned(**job)
    results: list[Any] = []
    for task in work.tasks:
        inputs = [results[parent] for parent in task.after]
        done = load(task.operation)(context(spec, task.payload, inputs))
        assert isinstance(done, Done)
        results.append(json.loads(json.dumps(done.value)))
    return read_arrays(results[-1])


def state(a, b):
    """Return the exact state of ANSATZ, qubit 0 most significant."""

    def ry(angle):
        return np.array([[np.cos(angle / 2), -np.sin(angle / 2)], [np.sin(angle / 2), np.cos(angle / 2)]])

    cx = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    rz = np.diag([np.exp(-0.5j * b), np.exp(0.5j * b)])
    two = np.kron(np.eye(2), ry(2 * b) @ rz) @ cx @ np.kron(ry(a), np.eye(2)) @ np.array([1, 0, 0, 0])
    return np.kron(two, [1, 0])


def exact(operator, points=POINTS):
    return np.array([(state(*p).conj() @ operator @ state(*p)).real for p in points])


ZZ, XI = np.kron(np.kron(Z, Z), np.eye(2)), np.kron(X, np.eye(4))


def test_points_and_observables_broadcast_as_in_numpy():
    found = run(
        circuit=ANSATZ, points=POINTS[:, None].tolist(), observables=[["ZZI", {"XII": 2.0, "III": 1}]]
    )
    assert np.asarray(found["expectations"]).shape == (4, 2)
    assert np.allclose(np.asarray(found["expectations"]), np.stack([exact(ZZ), 2 * exact(XI) + 1], axis=1))
    same = run(circuit=ANSATZ, points=POINTS.tolist(), observables="ZZI")
    assert np.allclose(np.asarray(same["expectations"]), exact(ZZ))


def test_gradient_and_variances_are_those_of_the_exact_state():
    want = ["expectations", "gradient", "variances"]
    found = run(circuit=ANSATZ, points=POINTS.tolist(), observables="ZZI", want=want)
    steps = [1e-5 * np.eye(2)[k] for k in range(2)]
    slopes = np.stack([(exact(ZZ, POINTS + s) - exact(ZZ, POINTS - s)) / 2e-5 for s in steps], axis=1)
    assert np.allclose(np.asarray(found["gradient"]), slopes, atol=1e-8)
    assert np.allclose(np.asarray(found["variances"]), 1 - exact(ZZ) ** 2)


def test_states_and_probabilities_are_of_all_qubits_also_idle_ones():
    found = run(circuit=ANSATZ, points=POINTS.tolist(), want=["state", "probabilities"])
    pairs = np.asarray(found["state"])
    exactly = np.array([state(*point) for point in POINTS])
    assert np.allclose(pairs[..., 0] + 1j * pairs[..., 1], exactly)
    assert np.allclose(np.asarray(found["probabilities"]), abs(exactly) ** 2)


def test_counts_and_bits_are_of_the_same_shots():
    found = run(
        circuits=[{"circuit": BELL}, {"circuit": FEEDBACK}], shots=500, seed=3, want=["counts", "bits"]
    )
    for one, outcomes in zip(found["results"], ({"00", "11"}, {"00", "10"}), strict=True):
        bits = np.unpackbits(np.asarray(one["bits"], dtype=np.uint8), axis=-1)[:, :2]
        texts, times = np.unique(["".join(map(str, row)) for row in bits], return_counts=True)
        assert dict(zip(texts.tolist(), times.tolist(), strict=True)) == one["counts"]
        assert set(one["counts"]) == outcomes
        assert abs(one["counts"]["00"] - 250) < 5 * np.sqrt(125)


def test_estimates_have_the_error_that_is_asked_for():
    found = run(circuit=ANSATZ, points=POINTS.tolist(), observables="ZZI", precision=0.01, seed=5)
    assert found["shots_per_setting"] in (10_000, 10_001)  # rounding of 1 / 0.01^2
    errors = np.asarray(found["standard_errors"])
    assert (errors <= 0.0101).all()
    assert (abs(np.asarray(found["expectations"]) - exact(ZZ)) < 5 * errors + 1e-12).all()


def test_noise_keeps_its_values_at_every_point():
    noise = {"errors": [{"name": "depolarizing", "p": 0.1, "gates": ["cx"]}]}
    found = run(circuit=ANSATZ, points=POINTS.tolist(), observables="ZZI", noise=noise)
    alone = [run(circuit=ANSATZ, points=p.tolist(), observables="ZZI", noise=noise) for p in POINTS]
    assert np.asarray(found["expectations"]).tolist() == [one["expectations"] for one in alone]
    assert not np.allclose(np.asarray(found["expectations"]), exact(ZZ), atol=1e-3)


@pytest.mark.parametrize(
    "more", [{"observables": [["ZZI"], ["XII"]]}, {"shots": 200, "want": ["counts", "bits"]}]
)
def test_any_number_of_tasks_gives_the_same_bits(monkeypatch, more):
    job = {"circuit": ANSATZ, "points": POINTS.tolist(), "seed": 9, **more}
    if "observables" in more:
        job |= {"want": ["expectations", "gradient"]}
    whole = json.dumps(run(**job))
    monkeypatch.setattr(batch, "FAN_OUT_S", 1e-9)
    monkeypatch.setattr(batch, "COMPILE_S", 0.0)
    _, work = planned(**job)
    assert len(work.tasks) > 2
    assert json.dumps(run(**job)) == whole


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"points": [[1.0]]}, "have 1 numbers each, the circuit has 2 parameters"),
        ({}, "has parameters without values|are required"),
        ({"points": [[1.0, 2.0], [1.0]]}, "1 elements"),
        ({"points": [[1.0, float("nan")]]}, "finite"),
        ({"points": POINTS.tolist(), "observables": [["ZZI"], ["ZZI", "XII"]]}, "has the shape"),
        (
            {"points": POINTS.tolist(), "observables": ["ZZI", "XII", "XXI"], "want": ["expectations"]},
            "do not broadcast",
        ),
        ({"points": POINTS.tolist(), "observables": "ZZ"}, "acts on 2 qubits, the circuit has 3"),
        ({"points": POINTS.tolist(), "want": ["gradient"]}, "gradient is of observables"),
        ({"points": POINTS.tolist(), "want": ["counts"]}, "counts is sampled"),
        ({"points": POINTS.tolist(), "observables": "ZZI", "precision": 0}, "greater than 0"),
        ({"points": POINTS.tolist(), "observables": {"ZZI": [0, 1]}}, "real|number"),
    ],
)
def test_a_refusal_names_field_and_rule(job, said):
    with pytest.raises(BadInput, match=said):
        planned(circuit=ANSATZ, **job)
