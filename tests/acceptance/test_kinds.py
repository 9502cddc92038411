"""Every kind of job through the command line, against exact answers."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.stack import DATA, Stack

CHEMICAL_ACCURACY = 1.6e-3


@pytest.fixture
def submitted(stack: Stack, tmp_path: Path):
    def submit(**job: Any) -> dict[str, Any]:
        path = tmp_path / "job.json"
        # Other tests of this stack submit some of the same jobs.
        path.write_text(json.dumps({"cache": False, **job}))
        document = stack.document("submit", str(path), "--watch")
        assert (document["status"], document["progress"], document["error_message"]) == (
            "completed",
            1.0,
            None,
        )
        result: dict[str, Any] = document["result"]
        assert result["from_cache"] is False
        assert result["receipt"]["job_id"] == document["job_id"]
        assert min(result["wall_time_s"], result["queue_time_s"]) >= 0
        return result

    return submit


@pytest.mark.parametrize("name", ["h2_sto3g_0.7414", "lih_sto3g_1.5957"])
def test_a_molecule_is_as_exact_as_full_configuration_interaction(submitted, name):
    path = DATA / "hamiltonians" / f"{name}.json"
    reference = json.loads(path.read_text())
    job = {"kind": "hybrid_vqe", "hamiltonian": {"file": str(path)}, "ansatz": {"name": "uccsd"}, "seed": 7}
    result = submitted(**job, optimizer={"name": "lbfgs"})
    assert -1e-6 <= result["energy"] - reference["e_fci"] <= CHEMICAL_ACCURACY
    assert result["backend"] == "statevector"
    energies = [point["energy"] for point in result["history"]]
    assert result["energy"] == min(energies) == energies[result["evaluation"] - 1]
    assert result["n_evaluations"] == len(energies)


@pytest.mark.parametrize("granularity", ["fused", "fanned_out"])
def test_an_ansatz_that_grows_lists_its_operators(submitted, granularity):
    path = DATA / "hamiltonians" / "lih_sto3g_1.5957.json"
    reference = json.loads(path.read_text())
    ansatz = {"name": "adapt", "gradient_tolerance": 0.05}
    job = {"kind": "hybrid_vqe", "hamiltonian": {"file": str(path)}, "ansatz": ansatz, "seed": 7}
    result = submitted(**job, granularity=granularity, cache=False)
    assert -1e-6 <= result["energy"] - reference["e_fci"] <= CHEMICAL_ACCURACY
    assert len(result["operators"]) == len(result["parameters"])
    assert result["operators"][0] == "t_2.3_10.11"


def test_a_user_circuit_with_parameters_reaches_the_ground_state(submitted, tmp_path):
    (tmp_path / "ansatz.qasm").write_text(
        'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float a;\ninput float b;\nqubit[2] q;\n'
        "ry(a) q[0];\ncx q[0], q[1];\nry(b) q[1];\n"
    )
    terms = [["XX", 1.0], ["ZZ", 1.0]]
    result = submitted(
        kind="hybrid_vqe", hamiltonian={"terms": terms}, ansatz={"qasm": "ansatz.qasm"}, starts=4, seed=1
    )
    assert result["energy"] == pytest.approx(-2.0, abs=1e-6)  # the singlet-like Bell state
    assert len(result["starts"]) == 4


@pytest.mark.parametrize("name", ["reg3_n10_a", "reg3_n10_b"])
def test_a_cut_is_the_greatest_one(submitted, name):
    path = DATA / "maxcut" / f"{name}.json"
    reference = json.loads(path.read_text())
    problem = {"maxcut": {"file": str(path)}}
    result = submitted(kind="hybrid_qaoa", problem=problem, layers=4, shots=2048, seed=7)
    bits, weights = result["best_bitstring"], reference["weights"]
    cut = sum(w for (a, b), w in zip(reference["edges"], weights, strict=True) if bits[a] != bits[b])
    assert cut == result["best_value"] == reference["max_cut"]
    assert sum(result["samples"].values()) == 2048
    assert 0.5 < result["approximation_ratio"] <= 1


def test_a_quantum_kernel_tells_irises_apart(submitted):
    model = {"name": "kernel_svm", "feature_map": "angle", "layers": 1}
    result = submitted(kind="quantum_ml", data={"name": "iris"}, model=model, test_fraction=0.3, seed=7)
    assert result["train_accuracy"] > 0.9
    assert result["test_accuracy"] > 0.9
    assert len(result["predictions"]) == 45


def test_a_trained_circuit_tells_two_classes_of_a_table_apart(submitted, tmp_path):
    rows = [(0.1 * i, 1.0 - 0.1 * i, "left" if i < 5 else "right") for i in range(10)]
    (tmp_path / "table.csv").write_text("a,b,side\n" + "".join(f"{a},{b},{side}\n" for a, b, side in rows))
    result = submitted(
        kind="quantum_ml", data={"file": "table.csv", "target": "side"},
        model={"name": "variational_classifier"}, optimizer={"name": "adam", "max_iterations": 30}, seed=3,
    )  # fmt: skip
    assert result["train_accuracy"] == 1.0
    assert set(result["predictions"]) <= {"left", "right"}


def test_exact_diagonalization_agrees_with_the_reference(submitted):
    path = DATA / "tfim" / "tfim_ring_n6_h1.0.json"
    reference = json.loads(path.read_text())
    arguments = {"hamiltonian": {"file": str(path)}, "k": 2}
    result = submitted(kind="pure_classical", function="exact_diagonalization", arguments=arguments)
    expected = [reference["e_ground"], reference["e_first_excited"]]
    assert result["value"]["eigenvalues"] == pytest.approx(expected, abs=1e-9)


def test_calls_of_a_map_are_gathered_in_order(submitted):
    graphs = [json.loads((DATA / "maxcut" / f"reg3_n10_{one}.json").read_text()) for one in "abc"]
    calls = [{"maxcut": {"edges": graph["edges"], "weights": graph["weights"]}} for graph in graphs]
    result = submitted(kind="pure_classical", function="maxcut_brute_force", map=calls)
    assert [one["cut"] for one in result["values"]] == [graph["max_cut"] for graph in graphs]


def test_a_secret_is_encapsulated_and_opened(submitted):
    result = submitted(kind="cryptographic", operation="kem_roundtrip", algorithm="ML-KEM-768")
    assert (result["secrets_match"], result["tampered_rejected"]) == (True, True)
    assert result["sizes"]["public_key_bytes"] == 1184  # FIPS 203, table 3
    assert "receipt" in result


def test_a_signature_is_verified(submitted):
    message = base64.b64encode(b"a message of ours").decode()
    result = submitted(kind="cryptographic", operation="sign_verify", algorithm="ML-DSA-65", payload=message)
    assert (result["verified"], result["tampered_rejected"]) == (True, True)
    assert result["sizes"]["signature_bytes"] == 3309  # FIPS 204, table 2
