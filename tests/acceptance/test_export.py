"""`novacron export`: what is written gives Qiskit the energy that the job found."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from qiskit import QuantumCircuit, qasm3, qpy
from qiskit.quantum_info import SparsePauliOp, Statevector

from novacron import AsyncClient, Client
from novacron.errors import BadInput
from shared.circuits.reader import read
from testing.specs import hamiltonian
from tests.acceptance.stack import DATA, Stack
from workers.quantum.simulation.circuits.simulator import state_vector

H2 = str(DATA / "hamiltonians" / "h2_sto3g_0.7414.json")
OWN = """OPENQASM 3.0;
include "stdgates.inc";
input float a;
input float b;
qubit[2] q;
ry(2*a + 0.1) q[0];
cx q[0], q[1];
crx(b) q[1], q[0];
"""
TFIM = {"model": "tfim", "n_qubits": 4, "J": 0.7, "h": 1.1, "hz": 0.2}
VQES: dict[str, Any] = {
    "uccsd": {"hamiltonian": H2, "ansatz": "uccsd"},
    "adapt": {
        "hamiltonian": str(DATA / "hamiltonians" / "lih_sto3g_1.5957.json"),
        "ansatz": {"name": "adapt", "pool": "generalized", "max_operators": 4},
    },
    "hardware_efficient": {
        "hamiltonian": {"terms": [["XYZ", 0.3], ["ZZI", -1.0], ["IIX", 0.4]]},
        "ansatz": {"name": "hardware_efficient", "layers": 1, "entangler": "ring"},
    },
    "transverse field": {"hamiltonian": TFIM, "ansatz": {"name": "hamiltonian_variational", "layers": 2}},
    "singlets": {
        "hamiltonian": {"model": "heisenberg", "n_qubits": 4},
        "ansatz": {"name": "hamiltonian_variational", "layers": 1},
    },
    "hopping": {
        "hamiltonian": {"model": "hubbard", "n_sites": 2},
        "ansatz": {"name": "hamiltonian_variational", "layers": 1},
    },
    "own circuit": {"hamiltonian": {"terms": [["XX", 1.0], ["ZI", 0.5]]}, "ansatz": {"qasm": OWN}},
}


def expectation(circuit: QuantumCircuit, terms: Any) -> float:
    """Strings have qubit 0 leftmost here, rightmost in Qiskit."""
    operator = SparsePauliOp.from_list([(string[::-1], coefficient) for string, coefficient in terms])
    return float(Statevector(circuit).expectation_value(operator).real)


def submitted(stack: Stack, folder: Path, job: dict[str, Any]) -> dict[str, Any]:
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    document: dict[str, Any] = stack.document("submit", str(path), "--watch")
    return document


def exported(stack: Stack, job_id: str, folder: Path) -> list[QuantumCircuit]:
    done = stack.run("export", job_id, "--circuit", "qasm3")
    assert done.returncode == 0, done.stderr
    text = done.stdout
    assert f"// NovaCron job {job_id}" in text and "SparsePauliOp(string[::-1])" in text
    path = folder / "circuit.qpy"
    stack.run("export", job_id, "--circuit", "qpy", "-o", str(path))
    return [qasm3.loads(text), qpy.load(io.BytesIO(path.read_bytes()))[0]]


@pytest.mark.parametrize("name", VQES)
def test_a_vqe_has_its_energy_in_qiskit(stack: Stack, tmp_path: Path, name: str) -> None:
    optimizer = {"name": "lbfgs", "max_iterations": 20}
    document = submitted(stack, tmp_path, {"kind": "hybrid_vqe", "optimizer": optimizer, **VQES[name]})
    result = document["result"]
    assert len(result["parameter_names"]) == len(result["operators"]) == len(result["parameters"])
    assert len(set(result["parameter_names"])) == len(result["parameters"])
    terms = hamiltonian(document["spec"]["hamiltonian"]).operator.terms()
    for circuit in exported(stack, document["job_id"], tmp_path):
        assert expectation(circuit, terms) == pytest.approx(result["energy"], abs=1e-9)


def test_a_qaoa_has_its_expectation_in_qiskit(stack: Stack, tmp_path: Path) -> None:
    qubo = {"linear": [1.0, -2.0, 0.5], "quadratic": [[0, 1, 1.5], [1, 2, -1.0]], "constant": 4.0}
    document = submitted(
        stack, tmp_path, {"kind": "hybrid_qaoa", "problem": {"qubo": qubo}, "layers": 2, "seed": 3}
    )
    result = document["result"]
    assert result["parameter_names"] == ["gamma_1", "gamma_2", "beta_1", "beta_2"]
    assert result["operators"][2] == "-i (X0 + X1 + X2)"

    def value(bits: str) -> float:
        x = [int(bit) for bit in bits]
        linear = sum(weight * bit for weight, bit in zip([1.0, -2.0, 0.5], x, strict=True))
        return 4.0 + linear + 1.5 * x[0] * x[1] - x[1] * x[2]

    for circuit in exported(stack, document["job_id"], tmp_path):
        found = Statevector(circuit).probabilities_dict()
        # Qiskit prints qubit 0 rightmost.
        mean = sum(weight * value(bits[::-1]) for bits, weight in found.items())
        assert mean == pytest.approx(result["expectation"], abs=1e-9)


def test_a_circuit_is_written_as_it_was_read_and_read_again(stack: Stack, tmp_path: Path) -> None:
    source = tmp_path / "bell.qasm3"
    source.write_text('OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nry(1e-7) q[0];\ncx q[0], q[1];\n')
    document = stack.document("submit", str(source), "--watch")
    text = stack.run("export", document["job_id"], "--circuit", "qasm3").stdout
    assert "ry(1e-07) q[0];\ncx q[0], q[1];\n" in text
    assert abs(state_vector(read(text))[3] - 0.5e-7) < 1e-20


def test_both_clients_export_and_say_what_has_no_circuit(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    job = client.submit({"kind": "pure_classical", "function": "noop"}).wait()
    with pytest.raises(BadInput, match="has no single circuit"):
        job.export()
    bell = client.submit("examples/bell.qasm")
    text = bell.export(tmp_path / "bell.qasm3")
    assert (tmp_path / "bell.qasm3").read_bytes() == text
    assert qasm3.loads(text.decode()).num_qubits == 2
    with pytest.raises(BadInput, match="qasm2"):
        bell.export(circuit="qasm2")

    async def elsewhere() -> bytes:
        async with AsyncClient(client.url, stack.token) as other:
            return await (await other.job(bell.id)).export(circuit="qasm3")

    assert asyncio.run(elsewhere()) == text
