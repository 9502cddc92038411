"""Mitigated circuit jobs, as a worker runs them."""

import json
from pathlib import Path

import pytest

from novacron.specs.noise import Noise
from shared.circuits.reader import read
from testing import contexts
from testing.outcomes import value as value_of
from tests.unit.workers.operations.executor import run
from workers.operations.quantum.mitigation import mitigated_circuit

ROOT = Path(__file__).parents[5]
GHZ = (
    'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c; h q[0]; cx q[0], q[1]; cx q[1], q[2]; '
    "c = measure q;"
)
NOISE = Noise(
    errors=[{"name": "depolarizing", "p": 0.02, "gates": ["cx"]}], readout=[[0.97, 0.03], [0.05, 0.95]]
).model_dump(mode="json")  # fmt: skip


def context(backend="density_matrix", device="", warn=pytest.fail, **spec):
    whole = {
        "kind": "pure_quantum", "circuit": {"record": read(GHZ).to_json()}, "backend": backend, "seed": 7,
        "observables": ["XXX", {"name": "pair", "terms": [["ZZI", 0.5], ["III", 1.0]]}], **spec,
    }  # fmt: skip
    made = contexts.context(whole, warn=warn)
    object.__setattr__(made, "device", device)
    return made


def test_the_result_has_values_errors_and_what_was_done():
    value = value_of(mitigated_circuit(context(noise=NOISE, mitigation=["readout", "zne"])))
    assert value["expectations"] == pytest.approx({"XXX": 1.0, "pair": 1.5}, abs=2e-3)
    assert value["mitigation"]["methods"] == ["readout", "zne (exponential, scales 1, 3)"]
    assert value["mitigation"]["circuits"] == 2 * 2 + 2 and value["mitigation"]["overhead"] == 3.0
    each = value["mitigation"]["observables"]["XXX"]
    assert each["unmitigated"] < 0.9 < each["interval"][0] < 1.0 < each["interval"][1]
    assert value["receipt"]["mitigation"] == "readout, zne (exponential, scales 1, 3)"


@pytest.mark.parametrize("backend", ["density_matrix", "trajectories"])
def test_shots_are_shared_by_all_circuits_and_draws_repeat(backend):
    spec = {"noise": NOISE, "mitigation": "auto", "shots": 4000, "backend": backend}
    value = value_of(mitigated_circuit(context(**spec, warn=lambda message: None)))
    assert 3500 < value["mitigation"]["shots"] <= 4000
    for name, exact in {"XXX": 1.0, "pair": 1.5}.items():
        assert abs(value["expectations"][name] - exact) < 5 * value["standard_errors"][name]
    assert value == value_of(mitigated_circuit(context(**spec, warn=lambda message: None)))


def test_a_device_compiles_once_and_is_mitigated_as_compiled():
    spec = {"backend": "fake:manila", "device": "manila", "mitigation": ["readout", "zne"]}
    value = value_of(mitigated_circuit(context(**spec)))
    assert value["compilation"]
    each = value["mitigation"]["observables"]["pair"]
    assert abs(each["value"] - 1.5) * 4 < abs(each["unmitigated"] - 1.5)
    assert value["receipt"]["simulated_by"] == "density_matrix"


def concluded(spec):
    return run({"seed": 3, **spec}, "fused")[0]


def test_the_energy_of_a_vqe_on_a_device_is_mitigated_by_its_reference():
    known = json.loads((ROOT / "examples/data/h2_sto3g_0.7414.json").read_text())
    hamiltonian = {"terms": known["terms"], "n_electrons": 2, "e_exact": known["e_fci"]}
    spec = {"kind": "hybrid_vqe", "hamiltonian": hamiltonian, "ansatz": "uccsd", "backend": "fake:manila"}
    plain = concluded(spec)
    for methods in ("auto", ["readout", "reference_state", "symmetry_verification"]):
        found = concluded({**spec, "mitigation": methods})
        assert abs(found["error_mha"]) * 50 < abs(plain["error_mha"])
        each = found["mitigation"]["observables"]["energy"]
        assert each["value"] == found["energy"] and each["interval"][0] <= known["e_fci"] + 1e-3
        assert found["history"] == plain["history"]


def test_the_expectation_of_a_qaoa_is_mitigated():
    spec = {
        "kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": [[0, 1], [1, 2], [2, 3], [3, 0]]}},
        "backend": "fake:manila", "shots": 20_000, "optimizer": {"name": "cobyla", "max_iterations": 20},
    }  # fmt: skip
    plain, found = concluded(spec), concluded({**spec, "mitigation": "auto"})
    ideal = concluded({**spec, "backend": "statevector"})
    assert found["parameters"] == plain["parameters"]
    assert abs(ideal["parameters"][0] - plain["parameters"][0]) < 0.2
    assert found["expectation"] > plain["expectation"] and found["std_error"] > 0
    assert abs(found["expectation"] - ideal["expectation"]) < 4 * found["std_error"] + 0.02
    assert found["approximation_ratio"] == pytest.approx(found["expectation"] / 4)
