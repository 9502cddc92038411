"""Encoded circuits at submission: where they run, and what is refused, by field."""

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler.planning.kinds import KINDS
from scheduler.planning.placement import place
from shared.circuits.reader import read
from shared.quantum.encoded import BLOCK

ALL = frozenset({"cpu-sim", "gpu-sim"})
D3 = {"code": "rotated_surface", "distance": 3}


def job(text, n_qubits=2, **changes):
    source = f'OPENQASM 3.0; include "stdgates.inc"; qubit[{n_qubits}] q; bit[2] c; {text}'
    asked = {"circuit": {"record": read(source).to_json()}, "shots": 100, "error_correction": D3, **changes}
    return parse_spec({"kind": "pure_quantum", **asked}, stored=True)


@pytest.mark.parametrize("backend", ["auto", "stabilizer"])
def test_the_stabilizer_simulator_holds_the_patches(backend):
    text = "reset q; x q[0]; id q[1]; barrier q; h q[0]; cx q[0], q[1]; c = measure q;"
    placement = place(job(text, backend=backend, noise="depolarizing"), ALL, {})
    assert placement.backend == "stabilizer"
    assert placement.warnings == ()
    larger = place(job(text, error_correction={**D3, "distance": 9}), ALL, {})
    assert larger.memory_bytes > placement.memory_bytes + 100_000_000


@pytest.mark.parametrize(
    ("shots", "n_blocks"), [(1, 1), (BLOCK, 1), (10 * BLOCK + 1, 11), (100_000_000, 97_657)]
)
def test_every_block_is_in_one_task(shots, n_blocks):
    spec = job("h q[0]; cx q[0], q[1];", shots=shots)
    tasks = KINDS["pure_quantum"](spec.model_copy(update={"backend": "stabilizer"}), "cpu-sim", 1).tasks
    blocks = [one for task in tasks[:-1] for one in range(task.payload["first"], task.payload["last"])]
    assert blocks == list(range(n_blocks))
    assert tasks[-1].operation == "conclude_encoded"


@pytest.mark.parametrize(
    ("text", "changes", "field", "rule"),
    [
        ("t q[1];", {}, "circuit", "t at instructions[0] is not a Clifford gate"),
        ("x q[0]; s q[1];", {}, "circuit", "s at instructions[1] is a quarter turn"),
        ("cy q[0], q[1];", {}, "circuit", "cy at instructions[0] has no encoded form"),
        ("rx(0.3) q[0];", {}, "circuit", "rx(0.3) at instructions[0] is not"),
        ("c[0] = measure q[0]; h q[0];", {}, "circuit", "acts on a measured qubit, 0"),
        ("c[0] = measure q[0]; c[1] = measure q[0];", {}, "circuit", "qubit 0 is measured again"),
        ("c[0] = measure q[0]; if (c[0]) x q[1];", {}, "circuit", "depends on measured bits"),
        ("h q[0]; reset q[0];", {}, "circuit", "qubit 0 is reset at instructions[1]"),
        ("x q[0];", {"n_qubits": 3}, "circuit", "has 3 qubits"),
        ("x q[0];", {"backend": "statevector"}, "backend", "does not run encoded circuits"),
        ("x q[0];", {"noise": {"errors": [{"name": "bit_flip", "p": 0.1, "qubits": [0]}]}},
         "noise.errors[0].qubits", "particular qubits"),
        ("x q[0];", {"noise": {"errors": [{"name": "bit_flip", "p": 0.1}], "drift": {"sigma": 0.1}}},
         "noise.drift", "all rates are constant"),
        ("x q[0];", {"noise": {"readout": [{"matrix": [[1, 0], [0, 1]], "qubits": [0]}]}},
         "noise.readout[0].qubits", "particular qubits"),
        ("h q[0]; " * 50, {"error_correction": {**D3, "distance": 25}}, "error_correction.distance",
         "detectors, more than"),
    ],
)  # fmt: skip
def test_what_cannot_be_encoded_is_refused(text, changes, field, rule):
    with pytest.raises(BadInput) as refused:
        place(job(text, **changes), ALL, {})
    assert refused.value.field == field
    assert rule in refused.value.rule
    assert refused.value.hint


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"error_correction": {**D3, "distance": 4}}, "error_correction.distance", "must be odd"),
        ({"error_correction": {**D3, "distance": 1}}, "error_correction.distance", "at least 3"),
        ({"error_correction": {**D3, "code": "rotated_surfac"}}, "error_correction.code", "must be one of"),
        ({"error_correction": "surface"}, "error_correction", "must be a mapping"),
        ({"shots": None}, "shots", "is required with error_correction"),
        ({"observables": ["ZZ"]}, "observables", "not available with error_correction"),
        ({"analyze": ["purity"]}, "analyze", "not available with error_correction"),
    ],
)
def test_bad_requests_are_refused_by_field(changes, field, rule):
    with pytest.raises(BadInput) as refused:
        job("x q[0];", **changes)
    assert refused.value.field == field
    assert rule in refused.value.rule


def test_none_is_no_error_correction():
    assert job("x q[0];", error_correction="none", shots=None).error_correction is None
