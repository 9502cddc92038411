"""Devices from a job's `backend` to its placement, and refusals that say why."""

import re

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from shared.quantum import devices
from shared.quantum.backends import BUILT_IN, Declaration
from shared.quantum.wants import Want
from tests.unit.scheduler.planning.test_placement import ALL, circuit, place, refused, vqe


def test_a_device_that_a_backend_does_not_have_is_refused():
    for backend in ("statevector", "density_matrix", "gpu", "stabilizer"):
        error = refused(vqe(backend=f"{backend}:foo"))
        assert (error.field, error.value) == ("backend", f"{backend}:foo")
        assert error.rule == f"{backend} has no devices, and none called 'foo'"
        assert error.hint == f"use backend: {backend}"
    error = refused(circuit("h q;", backend="auto:foo"))
    assert "takes no device" in error.rule and error.hint == "use backend: auto"


FAR = Declaration(
    name="far", queue="qpu-ibm", implementation="", max_qubits=5, bytes_per_amplitude=0, growth=1,
    devices=True, circuits=frozenset({Want.COUNTS}), calibrations={"still": "still-1"}, provider="far away",
)  # fmt: skip


def test_a_device_and_its_calibration_are_part_of_the_placement(monkeypatch):
    monkeypatch.setitem(BUILT_IN, "far", FAR)
    chosen = place(circuit("h q;", backend="far:still", shots=5), ALL)
    assert (chosen.backend, chosen.device, chosen.calibration) == ("far", "still", "still-1")
    chosen = place(circuit("h q;", backend="far:moving", shots=5), ALL)
    assert (chosen.device, chosen.calibration, chosen.queue) == ("moving", None, "qpu-ibm")
    chosen = place(circuit("h q;"), ALL)
    assert (chosen.device, chosen.calibration) == ("", None)


def test_a_simulator_has_the_calibration_of_its_noise_model():
    measured = {"errors": [{"name": "bit_flip", "p": 0.1, "gate_qubits": [[0]], "gates": ["h"]}]}
    noise = {**measured, "calibration": "manila-7", "n_qubits": 2}
    chosen = place(circuit("h q;", noise=noise), ALL)
    assert (chosen.backend, chosen.device, chosen.calibration) == ("density_matrix", "", "manila-7")


def test_a_backend_of_several_devices_wants_one_named(monkeypatch):
    monkeypatch.setitem(BUILT_IN, "far", FAR)
    error = refused(circuit("h q;", backend="far", shots=5))
    assert "none is named" in error.rule and error.hint == "use backend: far:DEVICE"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({}, "shots", "only samples"),
        ({"shots": 5, "observables": ["ZZ"]}, "observables", "no expectation values"),
        ({"shots": 5, "noise": "depolarizing"}, "backend", "takes no noise model"),
        ({"shots": 5, "analyze": ["purity"]}, "analyze", "analyzes no states"),
    ],
)
def test_what_a_device_does_not_tell_is_refused_at_submission(monkeypatch, changes, field, words):
    monkeypatch.setitem(BUILT_IN, "far", FAR)
    error = refused(circuit("h q;", backend="far:still", **changes))
    assert error.field == field and words in error.rule and error.hint
    assert "does not run hybrid_vqe" in refused(vqe(backend="far:still")).rule


def test_a_simulated_device_is_placed_with_its_calibration():
    chosen = place(circuit("h q;", backend="fake:manila", shots=5), ALL)
    assert (chosen.backend, chosen.device, chosen.queue) == ("fake", "manila", "cpu-sim")
    assert chosen.calibration == devices.load("manila").calibration_id


@pytest.mark.parametrize(
    ("n_qubits", "changes", "field", "words", "hint"),
    [
        (2, {"backend": "fake:manilla"}, "backend", "not a known device", "did you mean 'fake:manila'"),
        (2, {"backend": "fake"}, "backend", "none is named", "fake:DEVICE"),
        (6, {}, "backend", "6 qubits are more than the 5 of manila", "casablanca (7)"),
        (2, {"backend": "fake:kyoto"}, "backend", "than the 1 of kyoto that usable gates", "the smallest"),
        (2, {"shots": 100_001}, "shots", "at most 100000 on manila", None),
        (11, {"backend": "fake:kingston"}, "shots", "is required", "give shots"),
        (2, {"noise": "depolarizing"}, "backend", "takes no noise model", None),
        (2, {"analyze": ["purity"]}, "analyze", "analyzes no states", None),
        (2, {"optimization_level": 4}, "optimization_level", "at most 3", None),
    ],
)
def test_what_does_not_fit_a_simulated_device_is_refused(n_qubits, changes, field, words, hint):
    with pytest.raises(BadInput, match=re.escape(words)) as caught:
        place(circuit("h q;", n_qubits, **({"backend": "fake:manila"} | changes)), ALL)
    assert caught.value.field == field
    assert hint is None or hint in (caught.value.hint or "")


def qaoa(n_nodes, **changes):
    edges = [[node, node + 1] for node in range(n_nodes - 1)]
    return parse_spec({"kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": edges}}, **changes})


@pytest.mark.parametrize("job", [
    vqe(20, backend="fake:kingston", shots=100),
    vqe(20, backend="fake:kingston", optimizer={"name": "spsa"}),
    qaoa(20, backend="fake:kingston", optimizer={"name": "cobyla"}),
])  # fmt: skip
def test_a_loop_with_shots_or_many_qubits_runs_by_trajectories(job):
    assert place(job, ALL).memory_bytes == BUILT_IN["trajectories"].memory_bytes(20)


def test_gradients_by_trajectories_keep_a_state_for_each_rotation():
    needed = BUILT_IN["trajectories"].memory_bytes(12) + (16 * (2 * (11 + 12) + 1) << 12)
    assert place(qaoa(12, backend="fake:kingston", layers=2), ALL).memory_bytes == needed
    wide = BUILT_IN["trajectories"].memory_bytes(20) + (16 * (9 + 9) << 20)
    assert place(qaoa(20, backend="fake:kingston", layers=2), ALL).memory_bytes == wide


@pytest.mark.parametrize(
    ("job", "field", "words"),
    [
        (qaoa(11, backend="fake:kingston", shots=None), "shots", "of 11 qubits more than 10"),
        (qaoa(11, backend="fake:kingston", optimizer={"name": "qng"}), "optimizer.name", "pure states"),
        (vqe(27, backend="fake:kingston", shots=9), "backend", "more than the 26"),
        (vqe(11, backend="density_matrix"), "backend", "more than the 10"),
    ],
)
def test_what_trajectories_of_loops_do_not_give_is_refused(job, field, words):
    error = refused(job)
    assert error.field == field and words in error.rule and error.hint
