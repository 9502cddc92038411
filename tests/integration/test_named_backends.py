"""Backends of the operator's file, through the API."""

import pytest

from tests.integration.conftest import Api

FILE = """\
backends:
  - {name: small, type: simulator, provider: local, max_qubits: 4, noise_model: superconducting}
  - {name: ibm-quantum, type: hardware, provider: ibm, api_token: "${IBM_QUANTUM_TOKEN}", max_qubits: 127}
"""


@pytest.fixture(scope="module")
def api(database_url: str, redis_url: str, tmp_path_factory):
    folder = tmp_path_factory.mktemp("named")
    file = folder / "backends.yaml"
    file.write_text(FILE)
    running = Api(database_url, redis_url, folder, NOVACRON_BACKENDS_FILE=str(file))
    running.wait()
    yield running
    running.stop()


def job(text: str = "qubit[2] q; h q[0]; cx q[0], q[1];", **changes: object) -> dict[str, object]:
    circuit = {"qasm": f'OPENQASM 3.0; include "stdgates.inc"; {text}'}
    return {"kind": "pure_quantum", "circuit": circuit, "backend": "small", "shots": 10, **changes}


def test_they_are_listed_beside_the_others(api: Api):
    rows = {row["name"]: row for row in api.http.get("/api/quantum/backends").json()["backends"]}
    small, hardware, own = rows["small"], rows["ibm-quantum"], rows["statevector"]
    assert (small["type"], small["provider"], small["stands_for"], small["max_qubits"]) == (
        "simulator", "local", "auto", 4,
    )  # fmt: skip
    assert (hardware["type"], hardware["provider"], hardware["stands_for"]) == ("hardware", "ibm", "ibm")
    assert not hardware["available"] and hardware["why"]
    assert (own["type"], own["provider"], own["stands_for"]) == ("simulator", "local", None)
    assert (own["qubit_count"], own["noise_model"], own["queue_length"]) == (28, None, 0)
    assert (small["noise_model"], hardware["status"]) == ("backend", "offline")
    one = api.http.get("/api/quantum/backends/small").json()
    assert one == small | {
        name: one[name] for name in ("uptime", "queue_length", "status", "available", "why")
    }
    assert api.http.get("/api/quantum/backends/smal").status_code == 404


def test_a_circuit_is_executed_by_the_names_of_the_design(api: Api):
    circuit = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0];'
    body = {"circuit": circuit, "backend": "small", "shots": 5, "noise_model": "depolarizing"}
    made = api.http.post("/api/quantum/circuits/execute", json=body).json()
    assert made["spec"]["noise"]["errors"][0]["name"] == "depolarizing"
    assert made["results"] is made["metadata"] is made["device"] is None  # no worker
    assert made["estimated_completion_time"] > made["created_at"]
    assert made["resource_usage"]["tasks"] == 0 and made["completed_at"] is None
    misnamed = {"noise_model": {"name": "bit_flip", "p": 0.1}}
    refused = api.http.post("/api/quantum/circuits/execute", json=body | misnamed)
    assert refused.json()["errors"][0]["field"] == "noise_model.name"
    for wrong in ({"error_correction": "surface"}, {"noise": "depolarizing"}):
        refused = api.http.post("/api/quantum/circuits/execute", json=body | wrong)
        assert refused.status_code == 422 and refused.json()["errors"][0]["field"] in (*wrong, "noise_model")
    code = {"code": "rotated_surface", "distance": 3}
    encoded = {"circuit": circuit, "shots": 5, "error_correction": code}
    made = api.http.post("/api/quantum/circuits/execute", json=encoded).json()
    assert (made["spec"]["error_correction"], made["backend"]) == (code, "stabilizer")


def test_a_job_gets_the_noise_model_and_says_where_it_runs(api: Api):
    told = api.http.post("/api/quantum/explain", json=job()).json()
    assert told["backend"] == "density_matrix"
    assert told["placement_why"].startswith("small: auto: ")
    made = api.http.post("/api/quantum/jobs", json=job())
    assert made.status_code == 202, made.text
    found = api.http.get(f"/api/quantum/jobs/{made.json()['job_id']}").json()
    assert found["spec"]["backend"] == "small"
    assert found["spec"]["noise"]["readout"]


def test_a_job_that_waits_for_another_keeps_to_it(api: Api):
    first = api.http.post("/api/quantum/jobs", json=job(cache=False)).json()["job_id"]
    wide = job("qubit[5] q; h q;", depends_on=[first])
    refused = api.http.post("/api/quantum/jobs", json=wide)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["rule"] == "5 qubits are more than the 4 that small takes here"


def test_a_file_that_breaks_a_rule_stops_the_scheduler_with_its_line(database_url, redis_url, tmp_path):
    file = tmp_path / "backends.yaml"
    file.write_text(FILE.replace("max_qubits: 4", "max_qubit: 4"))
    running = Api(database_url, redis_url, tmp_path, NOVACRON_BACKENDS_FILE=str(file))
    assert running.process.wait(60) == 2
    assert f"{file}:2:" in running.log and "did you mean 'max_qubits'?" in running.log
    assert "Traceback" not in running.log
    running.http.close()
