"""The devices that come with the program, and what a device file must hold."""

import json
from pathlib import Path

import pytest

from novacron.errors import BadInput
from shared.circuits.gates import GATES
from shared.quantum import devices

ONE = {
    "name": "lab 2026-11-30", "provider": "lab", "date": "2026-11-30", "basis_gates": ["rz", "sx", "cx"],
    "coupling": [[0, 1]], "qubits": [{"t1_s": 1e-4, "t2_s": 2e-4}] * 3,
    "gates": [{"gate": "cx", "qubits": [0, 1], "error": 0.01, "duration_s": 3e-7}],
}  # fmt: skip


@pytest.mark.parametrize("name", devices.names())
def test_every_device_is_physical(name: str):
    device = devices.load(name)
    assert device.name.startswith(name) and device.provider == "IBM"
    for qubit in device.qubits:
        assert qubit.t1_s is None or qubit.t2_s is None or qubit.t2_s <= 2 * qubit.t1_s
    assert all(gate.gate in (*device.basis_gates, "reset") for gate in device.gates)
    assert {frozenset(gate.qubits) for gate in device.gates if GATES.get(gate.gate, (1,))[0] == 2} == {
        frozenset(pair) for pair in device.coupling
    }
    assert sum(map(len, device.pieces)) == len(device.usable)
    assert all(device.gates_on(pair) for pair in device.edges)


def test_they_are_the_68_of_ibm():
    assert len(devices.names()) == 68
    assert len({devices.load(name).calibration_id for name in devices.names()}) == 68


def test_gates_of_error_1_are_edges_that_cannot_be_used():
    assert devices.load("kyoto").edges == () and len(devices.load("kyoto").pieces[0]) == 1
    kingston = devices.load("kingston")
    assert (kingston.n_qubits, len(kingston.pieces[0])) == (156, 150)
    cairo = devices.load("cairo")
    assert {gate for pair in cairo.edges for gate in cairo.gates_on(pair)} == {"cx", "ecr"}


def test_an_unknown_device_is_answered_with_the_nearest_name():
    with pytest.raises(BadInput, match="not a known device") as caught:
        devices.load("kingstn")
    assert (caught.value.field, caught.value.value) == ("backend", "fake:kingstn")
    assert caught.value.hint == "did you mean 'fake:kingston'?"


def test_the_devices_that_fit_are_the_smallest():
    assert devices.fitting(7) == "casablanca (7), jakarta (7), lagos (7)"
    assert devices.fitting(1000) == ""


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"basis_gates": ["rz", "sx", "cxx"]}, "basis_gates[2]", "must be one of"),
        ({"coupling": [[0, 1], [1, 2]]}, "coupling[1]", "an entry of a two-qubit basis gate"),
        (
            {"gates": [{"gate": "cx", "qubits": [0, 1]}, {"gate": "cx", "qubits": [1, 0]}]},
            "gates[0]",
            "the same qubits in another order",
        ),
        ({"coupling": [[0, 3]]}, "coupling[0]", "must be qubits 0 to 2"),
        ({"coupling": [[1, 1]]}, "coupling[0]", "must be different qubits"),
        ({"date": "yesterday"}, "date", "ISO 8601"),
        ({"qubits": [{"t1_s": -1.0, "t2_s": 1.0}]}, "qubits[0].t1_s", "must be greater than 0"),
        ({"provider": None}, "provider", "must be text"),
        ({"max_shots": 0}, "max_shots", "must be at least 1"),
        ({"max_parallel": [{"instruction": "swap", "maximum": 1}]}, "max_parallel[0].instruction", "one of"),
        ({"max_parallel": [{"instruction": "cx", "maximum": 0}]}, "max_parallel[0].maximum", "at least 1"),
    ],
)
def test_a_malformed_file_is_refused_by_field_and_rule(tmp_path: Path, change, field, words):
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(ONE))
    assert devices.read(path).pieces == ((0, 1), (2,))
    path.write_text(json.dumps(ONE | change))
    with pytest.raises(BadInput, match=words) as caught:
        devices.read(path)
    assert (caught.value.field, caught.value.file) == (field, str(path))


def test_the_calibration_id_is_that_of_the_content(tmp_path: Path):
    path = tmp_path / "lab.json"
    path.write_text(json.dumps(ONE))
    first = devices.read(path)
    path.write_text(json.dumps(ONE, indent=4))
    assert devices.read(path).calibration_id == first.calibration_id
    path.write_text(json.dumps(ONE | {"qubits": [{"t1_s": 1e-4, "t2_s": 1e-4}] * 3}))
    assert devices.read(path).calibration_id != first.calibration_id
    path.write_text("{")
    with pytest.raises(BadInput, match="is not JSON"):
        devices.read(path)
