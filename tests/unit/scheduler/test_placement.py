"""Where jobs run, and refusals that say why."""

from types import SimpleNamespace

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler import placement
from scheduler.placement import place
from shared.backends import BACKENDS
from shared.circuit.reader import read

ALL = {"cpu-sim", "gpu-sim", "qpu-ibm", "crypto"}


def vqe(n_qubits=4, **changes):
    return parse_spec({
        "kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": n_qubits},
        "ansatz": {"name": "hardware_efficient"}, **changes,
    })  # fmt: skip


def refused(spec, live=ALL):
    with pytest.raises(BadInput) as caught:
        place(spec, live)
    return caught.value


def test_auto_takes_the_state_vector_and_says_why_not_the_gpu():
    chosen = place(vqe(), {"cpu-sim"})
    assert (chosen.backend, chosen.queue) == ("statevector", "cpu-sim")
    assert "gpu not used (no gpu-sim worker is running)" in chosen.why
    assert chosen.memory_bytes == 64 * 2**4


def test_auto_takes_a_gpu_that_is_there_for_large_loops():
    chosen = place(vqe(18), ALL)
    assert (chosen.backend, chosen.queue) == ("gpu", "gpu-sim") and "18 qubits" in chosen.why
    assert place(vqe(18), {"cpu-sim"}).backend == place(vqe(17), ALL).backend == "statevector"
    assert "no gpu-sim worker is running" in place(vqe(18), {"cpu-sim"}).why
    assert "does not run pure_quantum" in str(refused(circuit("h q;", backend="gpu")))


def test_auto_does_not_depend_on_who_is_there():
    assert place(vqe(), set()).queue == "cpu-sim"


def test_a_job_may_insist_on_what_there_is():
    chosen = place(vqe(backend="statevector"), {"cpu-sim"})
    assert (chosen.backend, chosen.queue, chosen.why) == ("statevector", "cpu-sim", "the job insists on it")


def test_a_job_that_insists_on_a_gpu_is_never_moved():
    assert place(vqe(backend="gpu"), ALL).queue == "gpu-sim"
    assert "no worker of the queue gpu-sim is running" in str(refused(vqe(backend="gpu"), {"cpu-sim"}))


@pytest.mark.parametrize("backend", ["ibm", "ibm:ibm_torino"])
def test_a_job_that_insists_on_what_is_missing_is_refused_and_never_moved(backend):
    error = refused(vqe(backend=backend))
    assert BACKENDS[backend.split(":")[0]].missing in str(error)
    assert "backend" in str(error) and "auto" in str(error)


def test_insisting_on_a_queue_without_workers_names_the_queue():
    assert "no worker of the queue cpu-sim is running" in str(refused(vqe(backend="statevector"), {"crypto"}))


def test_an_unknown_backend_is_refused_with_the_known_ones():
    known = "auto, statevector, density_matrix, trajectories, stabilizer, gpu, ibm"
    assert known in str(refused(vqe(backend="quantinuum")))


def test_more_qubits_than_a_backend_holds_are_refused():
    assert "31 qubits are more than the 28 that statevector can hold" in str(refused(vqe(31), {"cpu-sim"}))


def test_the_memory_of_a_device_is_not_that_of_the_scheduler(monkeypatch):
    tiny = SimpleNamespace(virtual_memory=lambda: SimpleNamespace(total=1 << 20))
    monkeypatch.setattr(placement, "psutil", tiny)
    assert place(vqe(20, backend="gpu"), ALL).memory_bytes == 34 << 20


def test_more_memory_than_the_machine_has_is_refused_in_bytes(monkeypatch):
    tiny = SimpleNamespace(virtual_memory=lambda: SimpleNamespace(total=1 << 20))
    monkeypatch.setattr(placement, "psutil", tiny)
    assert place(vqe(14), ALL).memory_bytes == 1 << 20
    assert "15 qubits need 2,097,152 bytes of memory and the machine has 1,048,576" in str(refused(vqe(15)))


def circuit(text, n_qubits=2, **changes):
    """A circuit job as the scheduler keeps it; `text` is the body of an OpenQASM 3 program."""
    header = f'OPENQASM 3.0; include "stdgates.inc"; qubit[{n_qubits}] q; bit[{n_qubits}] c; '
    record = read(header + text).to_json()
    return parse_spec({"kind": "pure_quantum", "circuit": {"record": record}, **changes}, stored=True)


DAMPED = {"errors": [{"name": "amplitude_damping", "gamma": 0.1}]}


@pytest.mark.parametrize(
    ("n_qubits", "text", "changes", "backend", "because"),
    [
        (2, "h q; t q[0];", {}, "statevector", "state vector on CPU"),
        (20, "h q;", {}, "statevector", "state vector on CPU"),
        (21, "h q; c = measure q;", {"shots": 10}, "stabilizer", "Clifford circuit of 21 qubits"),
        (1000, "h q; c = measure q;", {"shots": 10}, "stabilizer", "Clifford circuit of 1000 qubits"),
        (24, "h q[0]; cx q[0], q[1];", {}, "stabilizer", "Clifford circuit"),
        (24, "h q; t q;", {"shots": 10}, "statevector", "state vector on CPU"),
        (24, "c[0] = measure q[0]; if (c[0]) { x q[1]; }", {"shots": 10}, "statevector", "state vector"),
        (2, "h q;", {"noise": "depolarizing"}, "density_matrix", "few enough for a density matrix"),
        (10, "h q;", {"noise": "depolarizing", "shots": 5}, "density_matrix", "few enough"),
        (
            11,
            "h q;",
            {"noise": "depolarizing", "shots": 5},
            "stabilizer",
            "Clifford circuit with Pauli noise",
        ),
        (11, "h q;", {"noise": "depolarizing"}, "density_matrix", "few enough"),
        (11, "h q;", {"noise": DAMPED, "shots": 5}, "density_matrix", "few enough"),
        (13, "h q;", {"noise": DAMPED, "shots": 5}, "trajectories", "too many for a density matrix"),
        (13, "h q; t q;", {"noise": "depolarizing", "shots": 5}, "trajectories", "too many"),
        (2, "h q;", {"analyze": ["purity"]}, "density_matrix", "purity need a density matrix"),
    ],
)
def test_auto_chooses_the_simulator_by_width_gates_noise_and_shots(n_qubits, text, changes, backend, because):
    chosen = place(circuit(text, n_qubits, **changes), ALL)
    assert (chosen.backend, chosen.queue) == (backend, "cpu-sim")
    assert chosen.why.startswith("auto: ") and because in chosen.why
    assert chosen.memory_bytes == BACKENDS[backend].memory_bytes(n_qubits)


def test_auto_says_where_nobody_serves_the_queue():
    assert "no worker of the queue cpu-sim is running" in place(circuit("h q;"), {"crypto"}).why
    assert "no worker" not in place(circuit("h q;"), ALL).why


@pytest.mark.parametrize(
    ("n_qubits", "text", "changes", "field", "rule"),
    [
        (13, "h q;", {"noise": DAMPED}, "shots", "1,610,612,736 bytes"),
        (15, "h q;", {"backend": "density_matrix"}, "backend", "more than the 14"),
        (30, "h q; t q;", {}, "backend", "30 qubits are more than the 28"),
        (2, "h q;", {"observables": ["ZZZ"]}, "observables[0].terms", "acts on 3"),
        (2, "input float theta; rx(theta) q;", {}, "circuit", "without values: theta"),
        (2, "h q;", {"backend": "statevector", "noise": DAMPED}, "backend", "takes no noise model"),
        (2, "h q;", {"backend": "trajectories", "noise": DAMPED}, "shots", "is required"),
        (2, "h q;", {"backend": "stabilizer", "analyze": ["purity"]}, "analyze", "analyzes no states"),
        (2, "h q; t q[1];", {"backend": "stabilizer"}, "circuit", "not Clifford: t at instructions[2]"),
        (2, "h q;", {"noise": {"errors": [{"name": "bit_flip", "p": 0.1, "gates": ["cnot"]}]}},
         "noise.errors[0].gates[0]", "is no gate"),
        (2, "h q;", {"noise": {"errors": [{"name": "bit_flip", "p": 0.1, "qubits": [0, 2]}]}},
         "noise.errors[0].qubits[1]", "qubits 0 to 1 of the circuit"),
        (2, "h q;", {"noise": {"errors": [{"name": "bit_flip", "p": 0.1, "gate_qubits": [[0, 5]]}]}},
         "noise.errors[0].gate_qubits[0]", "qubits 0 to 1 of the circuit"),
        (2, "h q;", {"noise": {"errors": [{"name": "crosstalk", "pairs": [[0, 3, 0.1]]}]}},
         "noise.errors[0].pairs[0]", "qubits 0 to 1 of the circuit"),
        (2, "h q;", {"noise": {"readout": [{"matrix": [[1, 0], [0, 1]], "qubits": [4]}]}},
         "noise.readout[0].qubits[0]", "qubits 0 to 1 of the circuit"),
        (2, "h q;", {"noise": {"calibration": {"name": "lab", "qubits": [{"p1_given_0": 0.1}]}}},
         "noise.n_qubits", "is for 1"),
    ],
)  # fmt: skip
def test_circuits_that_no_backend_runs_as_asked_are_refused_by_field(n_qubits, text, changes, field, rule):
    error = refused(circuit(text, n_qubits, **changes))
    assert error.field == field
    assert rule in error.rule


def test_a_model_of_a_wider_device_fits():
    gate = {"gate": "x", "qubits": [4], "error": 0.1}
    lab = {"calibration": {"name": "lab", "qubits": [{}] * 5, "gates": [gate]}}
    assert place(circuit("h q;", noise=lab), ALL).backend == "density_matrix"


def test_loops_are_refused_on_what_runs_circuits_only():
    assert "does not run hybrid_vqe jobs" in str(refused(vqe(backend="stabilizer")))
    ring = {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "weights": [1, 1]}
    qaoa = parse_spec({"kind": "hybrid_qaoa", "problem": {"maxcut": ring}, "noise": "depolarizing"})
    assert refused(qaoa).field == "noise"


def test_loops_with_noise_run_on_a_density_matrix():
    chosen = place(vqe(noise="depolarizing"), ALL)
    assert (chosen.backend, chosen.why) == ("density_matrix", "auto: noise in a loop needs a density matrix")
    assert chosen.memory_bytes == (24 + 8 * 16) * 4**4
    assert place(vqe(backend="density_matrix"), ALL).backend == "density_matrix"


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"backend": "statevector"}, "backend", "takes no noise model"),
        ({"ansatz": {"name": "hamiltonian_variational"}}, "ansatz.name", "must be hardware_efficient"),
        ({"shots": 100}, "shots", "must be left out"),
        ({"optimizer": "qng"}, "optimizer.name", "pure states"),
        ({"n_qubits": 11}, "backend", "more than the 10"),
    ],
)
def test_loops_that_mixed_states_do_not_run_are_refused_by_field(changes, field, rule):
    error = refused(vqe(**{"noise": "depolarizing", **changes}))
    assert error.field == field
    assert rule in error.rule


@pytest.mark.parametrize("changes", [{"mitigation": ["zne"]}])
def test_what_no_backend_can_do_is_refused_by_field(changes):
    [field] = changes
    assert field in str(refused(vqe(**changes)))


def test_jobs_without_circuits_have_no_backend():
    classical = place(parse_spec({"kind": "pure_classical", "function": "noop"}), set())
    crypto = place(
        parse_spec({"kind": "cryptographic", "operation": "sign_verify", "algorithm": "ML-DSA-65"}), set()
    )
    assert (classical.backend, classical.queue, classical.memory_bytes) == (None, "cpu-sim", 0)
    assert (crypto.backend, crypto.queue) == (None, "crypto")
