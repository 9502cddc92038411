"""What the page of noise models says is true: every error, every key, the examples."""

import json
import re
from pathlib import Path

import pytest
import yaml

from novacron.inputs.jobfile import load
from novacron.specs import Circuit, parse_spec
from novacron.specs.calibration import Calibration
from novacron.specs.channel import CHANNELS, Fault
from novacron.specs.named_noise import NAMED
from novacron.specs.noise import Noise
from shared.circuits.reader import read
from tests.unit.workers.quantum.simulation.noise.dense import Dense
from tests.unit.workers.quantum.simulation.noise.test_differential import answer

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "noise.md").read_text()


def table(header):
    after = PAGE.split(header, 1)[1].split("\n", 2)[2]
    rows = [line.strip("|").split("|") for line in after.split("\n\n")[0].splitlines()]
    return {
        name: set(re.findall(r"`(\w+)`", row[1])) for row in rows for name in re.findall(r"`(\w+)`", row[0])
    }


def test_every_key_of_a_model_is_listed():
    assert set(table("| key |")) == set(Noise.model_fields)


def test_every_error_is_listed_with_its_keys():
    listed = table("| name | keys |")
    assert set(listed) == set(CHANNELS)
    records = {record.model_fields["name"].default: record for record in Fault.__subclasses__()}
    for name, record in records.items():
        assert listed[name] - {"matrix"} == set(record.model_fields) - set(Fault.model_fields) - {"name"}


def test_every_name_is_listed():
    section = PAGE.split("## Predefined models")[1].split("##")[0]
    assert set(NAMED) <= set(re.findall(r"`(\w+)`", section))


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_models_written_out_are_valid(block):
    circuit = {"qasm": "OPENQASM 2.0; qreg q[4];"}
    spec = parse_spec({"kind": "pure_quantum", "circuit": circuit, **yaml.safe_load(block)})
    assert spec.noise is not None and len(spec.noise.errors) == 5


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
def test_calibrations_written_out_are_valid(block):
    assert Noise.from_backend(json.loads(block)).calibration == Calibration(**json.loads(block)).name


GATES = read(
    'OPENQASM 3.0; include "stdgates.inc"; qubit[4] q; bit[4] c; h q[0]; cx q[0], q[1]; x q[3]; h q[3]; '
    "cx q[2], q[3]; rx(0.7) q[2]; reset q[1]; h q[1]; cx q[1], q[2]; ccx q[0], q[1], q[2]; c = measure q;"
).to_json()
STRINGS = ["XXII", "ZIZI", "IYXZ", "IIIX"]


def agree(noise, written):
    """A model gives, on a density matrix, the numbers that its definition gives."""
    found = answer(GATES, noise, "density_matrix", STRINGS)
    dense = Dense(4, 4, written).run(GATES["instructions"])
    assert found["probabilities"] == pytest.approx(dense.probabilities(), abs=1e-10)
    state = Dense(4, 4, written).run(GATES["instructions"][:-4])
    assert found["expectations"] == pytest.approx({s: state.expectation(s) for s in STRINGS}, abs=1e-10)
    assert found["probabilities"] != pytest.approx(
        Dense(4, 4, None).run(GATES["instructions"]).probabilities()
    )


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_models_written_out_give_their_numbers(block, tmp_path):
    noise = yaml.safe_load(block)["noise"]
    assert noise.pop("drift")["sigma"] > 0  # the course of the rates is drawn: see the tests of drift
    written = {**noise, "readout": [{"matrix": noise["readout"]}]}
    for text in (json.dumps(noise), "model.yaml", "model", "{file: model.yaml}"):
        (tmp_path / "model.yaml").write_text(yaml.safe_dump(noise))
        (tmp_path / "job.yaml").write_text(f"kind: pure_quantum\ncircuit: 'OPENQASM 2.0;'\nnoise: {text}\n")
        agree(load(tmp_path / "job.yaml").model_dump(mode="json")["noise"], written)
    python = Noise(**noise)
    assert Circuit(circuit="OPENQASM 2.0;", noise=python).noise == python


TIMES = {"name": "thermal_relaxation", "t1_s": 5e-5, "t2_s": 7e-5, "duration_s": 1e-5}
SPIN = [[[0.6, 0], [0, 0.6]], [[0, [0, -0.8]], [[0, 0.8], 0]]]
PAIR = [[[0.6 * (i == j) for j in range(4)] for i in range(4)],
        [[0.8 * (i + j == 3) for j in range(4)] for i in range(4)]]  # fmt: skip


@pytest.mark.parametrize(
    "error",
    [
        {"name": "depolarizing", "p": 0.3}, {"name": "depolarizing", "p": 0.3, "each": True},
        {"name": "pauli", "probabilities": {"X": 0.1, "Y": 0.2}},
        {"name": "pauli", "probabilities": {"XYZ": 0.3}},
        {"name": "pauli", "probabilities": {"XY": 0.1, "II": 0.2, "IZ": 0.3}},
        {"name": "bit_flip", "p": 0.2}, {"name": "phase_flip", "p": 0.2},
        {"name": "amplitude_damping", "gamma": 0.3},
        {"name": "amplitude_damping", "gamma": 0.3, "excited_population": 0.2},
        {"name": "phase_damping", "lam": 0.4}, TIMES, {**TIMES, "excited_population": 0.1},
        {**TIMES, "t2_s": 2e-4}, {"name": "kraus", "operators": SPIN}, {"name": "kraus", "operators": PAIR},
        {"name": "crosstalk", "pairs": [[0, 2, 0.3], [3, 1, 0.2]]},
        {"name": "crosstalk", "pairs": [[0, 2, 0.3]], "pauli": "XY"},
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "where", [{}, {"gates": ["cx", "ccx"]}, {"gates": ["reset", "h"]}, {"qubits": [0, 1, 2]},
              {"gate_qubits": [[1, 0], 3, [0, 1, 2]]},
              {"gate_qubits": [[1, 0], [2, 3], 0, [0, 1, 2]], "ordered": True}],
)  # fmt: skip
def test_every_error_with_every_key_gives_its_numbers(error, where):
    noise = {"errors": [{**error, **where}], "readout": [{"matrix": [[0.9, 0.1], [0.2, 0.8]], "qubits": [1]}]}
    agree(noise, noise)


def test_a_crosstalk_matrix_gives_the_numbers_of_its_pairs():
    matrix = [[0, 0, 0.3, 0], [0] * 4, [0] * 4, [0, 0.2, 0, 0]]
    pairs = {"name": "crosstalk", "pairs": [[0, 2, 0.3], [3, 1, 0.2]]}
    agree(
        {"errors": [{"name": "crosstalk", "matrix": matrix, "pauli": "XX"}]},
        {"errors": [{**pairs, "pauli": "XX"}]},
    )


LAB = {
    "name": "lab", "qubits": [{"p1_given_0": 0.1, "p0_given_1": 0.2}],
    "gates": [{"gate": "x", "qubits": [0], "error": 0.3}],
}  # fmt: skip


@pytest.mark.parametrize(
    "form", ["{calibration: lab.json}", "{calibration: lab}", "{calibration: {file: lab.json}}", "lab.json",
             "lab", f"{{calibration: {json.dumps(LAB)}}}"],
)  # fmt: skip
def test_every_form_of_a_calibration_gives_its_numbers(form, tmp_path, monkeypatch):
    """Average infidelity 0.3 is depolarizing with p = 0.6: 0.3 in |0>, then the readout."""
    (tmp_path / "lab.json").write_text(json.dumps(LAB))
    (tmp_path / "job.yaml").write_text(f"kind: pure_quantum\ncircuit: 'OPENQASM 2.0;'\nnoise: {form}\n")
    monkeypatch.chdir(tmp_path)
    flip = read('OPENQASM 3.0; include "stdgates.inc"; qubit q; bit c; x q; c = measure q;').to_json()
    for noise in (load(tmp_path / "job.yaml").noise, Noise.from_backend(LAB), Noise.from_backend("lab.json")):
        assert noise is not None
        found = answer(flip, noise.model_dump(mode="json"), "density_matrix", [])
        assert found["probabilities"] == pytest.approx({"0": 0.41, "1": 0.59}, abs=1e-12)


PAIRS = [
    {"gate": "cx", "qubits": [0, 1], "error": 0.06}, {"gate": "cx", "qubits": [1, 0], "error": 0.3},
    {"gate": "cz", "qubits": [0, 1], "error": 0.2},
]  # fmt: skip


@pytest.mark.parametrize("applied", ["cx q[0], q[1];", "cx q[1], q[0];", "cz q[0], q[1];", "cz q[1], q[0];"])
def test_each_order_of_a_calibrated_pair_has_its_own_error(applied):
    """Average infidelity e is depolarizing with p = 4 e/3."""
    e = 0.2 if "cz" in applied else 0.06 if "q[0], q[1]" in applied else 0.3
    noise = Noise.from_backend({"name": "lab", "qubits": [{}, {}], "gates": PAIRS})
    circuit = read(f'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; {applied}').to_json()
    found = answer(circuit, noise.model_dump(mode="json"), "density_matrix", ["ZI", "ZZ"])["expectations"]
    assert found == pytest.approx({"ZI": 1 - 4 * e / 3, "ZZ": 1 - 4 * e / 3}, abs=1e-12)


@pytest.mark.parametrize("name", NAMED)
def test_models_by_name_give_the_numbers_written_out(name):
    readout = NAMED[name].get("readout")
    written = {**NAMED[name], "readout": [{"matrix": readout}] if readout else []}
    agree(name, written)
