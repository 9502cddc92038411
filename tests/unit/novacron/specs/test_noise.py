"""Noise models as jobs write them: what they become, and what is refused with field, rule and cure."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.inputs.jobfile import load
from novacron.specs import Circuit, parse_spec
from novacron.specs.calibration import Calibration
from novacron.specs.named_noise import NAMED
from novacron.specs.noise import Noise

BELL = "OPENQASM 2.0; qreg q[2]; CX q[0], q[1];"
CALIBRATION = {"name": "lab", "qubits": [{"t1_s": 5e-5, "t2_s": 7e-5, "p1_given_0": 0.02}]}


def canonical(noise):
    spec = parse_spec({"kind": "pure_quantum", "circuit": {"qasm": BELL}, "noise": noise})
    return spec.model_dump(mode="json")["noise"]


def refused(noise):
    with pytest.raises(BadInput) as caught:
        canonical(noise)
    return caught.value


def error(**fields):
    return {"errors": [fields]}


def test_a_model_by_name_is_written_out():
    for name in NAMED:
        written = canonical(name)
        assert written == canonical(NAMED[name]) == canonical(written)
    assert canonical(None) is None


def test_defaults_and_shorthands_are_filled_in():
    written = canonical(
        {
            "errors": [{"name": "bit_flip", "p": 0.1, "gate_qubits": [0, [1, 0]]}],
            "readout": [[0.9, 0.1], [0, 1]],
        }
    )
    assert written == {
        "errors": [
            {"name": "bit_flip", "p": 0.1, "gates": None, "gate_qubits": [[0], [1, 0]],
             "ordered": False, "qubits": None}
        ],
        "readout": [{"matrix": [[0.9, 0.1], [0.0, 1.0]], "qubits": None}],
        "drift": None, "calibration": None, "n_qubits": None,
    }  # fmt: skip


def test_a_crosstalk_matrix_becomes_its_pairs():
    [written] = canonical(error(name="crosstalk", matrix=[[0, 0.1, 0], [0.2, 0, 0], [0, 0, 0]]))["errors"]
    assert written["pairs"] == [[0, 1, 0.1], [1, 0, 0.2]] and written["pauli"] == "ZZ"


def test_a_calibration_becomes_the_model_it_stands_for():
    assert canonical({"calibration": CALIBRATION}) == Noise.from_backend(CALIBRATION).model_dump(mode="json")
    made = Circuit(circuit=BELL, noise=Noise.from_backend(CALIBRATION)).noise
    assert made is not None and made.calibration == "lab"


def test_the_client_reads_files_of_models_and_calibrations(tmp_path: Path):
    (tmp_path / "noise.yaml").write_text("errors: [{name: bit_flip, p: 0.1}]\n")
    (tmp_path / "lab.json").write_text(json.dumps(CALIBRATION))
    (tmp_path / "job.yaml").write_text(f"kind: pure_quantum\ncircuit: '{BELL}'\nnoise: noise.yaml\n")
    assert load(tmp_path / "job.yaml").noise == Noise(errors=({"name": "bit_flip", "p": 0.1},))
    job = f"kind: pure_quantum\ncircuit: '{BELL}'\nnoise: {{calibration: {{file: lab.json}}}}\n"
    (tmp_path / "job.yaml").write_text(job)
    read = load(tmp_path / "job.yaml").noise
    assert read is not None and read.calibration == "lab"


@pytest.mark.parametrize(
    "noise", ["{calibration: lab.json}", "{calibration: lab}", "{calibration: {file: lab.json}}", "lab",
              "lab.json", "{file: lab.json}", f"{{calibration: {json.dumps(CALIBRATION)}}}", "by_name.yaml"],
)  # fmt: skip
def test_a_calibration_is_read_however_it_is_named(tmp_path: Path, noise: str, monkeypatch):
    (tmp_path / "lab.json").write_text(json.dumps(CALIBRATION))
    (tmp_path / "by_name.yaml").write_text("calibration: lab.json")
    (tmp_path / "job.yaml").write_text(f"kind: pure_quantum\ncircuit: '{BELL}'\nnoise: {noise}\n")
    read = load(tmp_path / "job.yaml").noise
    assert read is not None and read == Noise.from_backend(CALIBRATION)
    monkeypatch.chdir(tmp_path)
    assert read == Noise.from_backend("lab.json") == Circuit(circuit=BELL, noise=read).noise
    again = {"kind": "pure_quantum", "circuit": BELL, "noise": read.model_dump(mode="json")}
    (tmp_path / "dumped.json").write_text(json.dumps(again))
    assert load(tmp_path / "dumped.json").noise == read


@pytest.mark.parametrize(
    ("noise", "rule", "hint"),
    [
        ("depolarizin", "neither a model by name", "depolarizing"),
        ("labor", "neither a model by name", "'lab'"),
        ("nowhere", "neither a model by name", "looked for in"),
        ("lba.json", "there is no such file", "lab.json"),
        ("{calibration: lba.json}", "there is no such file", "lab.json"),
        ("{name: bit_flip, p: 0.1}", "is a key of an error", "errors: [{name: bit_flip, ...}]"),
        ("{calibration: lab.json, errors: [{name: bit_flip, p: 0.1}]}", "must stand alone", ""),
    ],
)
def test_a_name_that_is_neither_a_model_nor_a_file_is_refused(tmp_path: Path, noise, rule, hint):
    (tmp_path / "lab.json").write_text(json.dumps(CALIBRATION))
    (tmp_path / "job.yaml").write_text(f"kind: pure_quantum\ncircuit: '{BELL}'\nnoise: {noise}\n")
    with pytest.raises(BadInput) as caught:
        load(tmp_path / "job.yaml")
    assert rule in caught.value.rule and hint in (caught.value.hint or "")


def test_t2_above_2_t1_counts_as_2_t1():
    figures = {"t1_s": 1e-6, "p1_given_0": 0.1}
    gate = {"gate": "x", "qubits": [0], "error": 0.2, "duration_s": 1e-7}
    labs = [{"name": "lab", "qubits": [{**figures, "t2_s": t2_s}], "gates": [gate]} for t2_s in (3e-6, 2e-6)]
    above, at = (Noise.from_backend(lab).model_dump()["errors"] for lab in labs)
    assert above[0]["t2_s"] == 3e-6 and at[0]["t2_s"] == 2e-6
    assert above[1]["p"] == at[1]["p"] > 0


TIMES = {"name": "thermal_relaxation", "t1_s": 1e-6, "t2_s": 3e-6, "duration_s": 1e-7}


@pytest.mark.parametrize(
    ("noise", "field", "rule"),
    [
        (error(name="depolarizing", p=1.2), "noise.errors[0].p", "must be at most 1"),
        (error(name="depolarizing", p=-0.1), "noise.errors[0].p", "must be at least 0"),
        (error(name="depolarizing", p=float("nan")), "noise.errors[0].p", "must be finite"),
        (error(name="depolarizing"), "noise.errors[0].p", "is required"),
        (error(name="depolarising", p=0.1), "noise.errors[0].name", "must be one of"),
        (error(name="amplitude_damping", gamma=2), "noise.errors[0].gamma", "must be at most 1"),
        (error(name="phase_damping", lam=1.5), "noise.errors[0].lam", "must be at most 1"),
        (error(**{**TIMES, "t1_s": 0}), "noise.errors[0].t1_s", "must be greater than 0"),
        (error(name="pauli", probabilities={"X": 0.7, "Y": 0.6}), "noise.errors[0].probabilities", "add up"),
        (error(name="pauli", probabilities={"X": 0.1, "XX": 0.1}), "noise.errors[0].probabilities", "length"),
        (error(name="pauli", probabilities={"Q": 0.1}), "noise.errors[0].probabilities", "letters I, X, Y"),
        (error(name="kraus", operators=[[[1, 0], [0, 0.9]]]), "noise.errors[0].operators", "is no channel"),
        (error(name="kraus", operators=[[[1, 0], [0]]]), "noise.errors[0].operators", "square matrices"),
        (error(name="kraus", operators=[[[1]]]), "noise.errors[0].operators", "square matrices"),
        (error(name="crosstalk", matrix=[[0, 1]]), "noise.errors[0].matrix", "square"),
        (error(name="crosstalk", pairs=[[1, 1, 0.1]]), "noise.errors[0].pairs[0]", "two different qubits"),
        (error(name="crosstalk", pairs=[[0, 1, 0.1]], pauli="Q"), "noise.errors[0].pauli", "of the letters"),
        (error(name="bit_flip", p=0.1, gate_qubits=[[1, 1]]), "noise.errors[0].gate_qubits[0]", "different"),
        (error(name="bit_flip", p=0.1, qubits=[-1]), "noise.errors[0].qubits[0]", "must be at least 0"),
        ({"readout": [[0.9, 0.2], [0, 1]]}, "noise.readout[0].matrix[0]", "must add up to 1"),
        ({"drift": {"sigma": 0}}, "noise.drift.sigma", "must be greater than 0"),
        ({"eror": []}, "noise.eror", "unknown key"),
        ({"calibration": CALIBRATION, "errors": []}, "noise.errors", "must stand alone"),
        ({"calibration": {"name": "lab", "qubits": [{}]}}, "noise.calibration", "has no error"),
        ({"errors": []}, "noise", "has no error and no readout"),
        ({"drift": {"sigma": 0.1}}, "noise", "has no error and no readout"),
        ({"calibration": "lab.json"}, "noise.calibration", "must be what the calibration holds"),
        ({**error(name="bit_flip", p=0.1), "calibration": "lab"}, "noise.calibration", "must be what"),
        ("lab.json", "noise", "neither a model by name (depolarizing, superconducting, trapped_ion) nor"),
        ("depolarising", "noise", "neither a model by name"),
        ({"calibration": {**CALIBRATION, "gates": [{"gate": "cx", "qubits": [0, 1]}]}},
         "noise.calibration.gates[0].qubits", "qubits 0 to 0"),
        ({"calibration": {**CALIBRATION, "gates": [{"gate": "x", "qubits": [0]}] * 2}},
         "noise.calibration.gates[1]", "the qubits of gates[0]"),
    ],
)  # fmt: skip
def test_what_is_no_noise_is_refused_with_field_and_rule(noise, field, rule):
    found = refused(noise)
    assert found.field == field
    assert rule in found.rule


@given(
    st.floats(0, 1), st.floats(0, 1e6), st.floats(1e-9, 1e6), st.floats(1e-9, 1e6), st.sampled_from([1, 2])
)  # fmt: skip
@example(error=0.6, duration_s=35.0, t1_s=5e-5, t2_s=7e-5, n=1)
def test_a_calibrated_gate_has_its_error_or_the_nearest_there_is(error, duration_s, t1_s, t2_s, n):
    gate = {"gate": "x" if n == 1 else "cx", "qubits": [*range(n)], "error": error, "duration_s": duration_s}
    lab = Calibration(name="lab", qubits=[{"t1_s": t1_s, "t2_s": t2_s}] * n, gates=[gate])
    p = sum(found["p"] for found in lab.noise()["errors"] if found["name"] == "depolarizing")
    size, relaxed = 2**n, lab.qubits[0].kept(duration_s) ** n

    def infidelity(process):
        return size * (1 - process) / (size + 1)

    wanted = min(max(error, infidelity(relaxed)), 1 - 1 / size)
    assert infidelity((1 - p) * relaxed + p / size**2) == pytest.approx(wanted, abs=1e-9)


def test_a_channel_that_is_not_trace_preserving_says_what_is_wrong_with_it():
    found = refused(error(name="kraus", operators=[[[1, 0], [0, [0, 0.9]]]]))
    assert "0.81" in found.rule and "[1][1]" in found.rule


def test_analyses_are_named():
    with pytest.raises(BadInput, match="must be one of purity, entropy, fidelity"):
        Circuit(circuit=BELL, analyze=["concurrence"])
    with pytest.raises(BadInput, match="given twice"):
        Circuit(circuit=BELL, analyze=["purity", "purity"])
