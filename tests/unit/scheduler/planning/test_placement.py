"""Where jobs run, and refusals that say why."""

from functools import partial
from types import SimpleNamespace

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler.planning import placement, simulator
from scheduler.planning.simulator import Demand
from shared.circuits.reader import read
from shared.quantum import devices
from shared.quantum.backends import BACKENDS

place = partial(placement.place, named={})
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


def test_auto_takes_the_state_vector_and_speaks_of_a_gpu_only_where_it_would_take_one():
    chosen = place(vqe(), {"cpu-sim"})
    assert (chosen.backend, chosen.queue) == ("statevector", "cpu-sim")
    assert chosen.why == "auto: state vector on CPU"
    assert chosen.memory_bytes == 64 * 2**4
    assert "a GPU is not there (no gpu-sim worker is running)" in place(vqe(18), {"cpu-sim"}).why


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


def test_hardware_without_a_worker_is_refused_with_what_a_worker_needs():
    error = refused(vqe(backend="ibm:ibm_torino"), {"cpu-sim"})
    assert "no worker of the queue qpu-ibm is running" in str(error)
    assert "pip install 'novacron[ibm]'" in str(error) and "NOVACRON_IBM_TOKEN" in str(error)
    assert "none is named" in str(refused(vqe(backend="ibm")))


def test_insisting_on_a_queue_without_workers_names_the_queue():
    assert "no worker of the queue cpu-sim is running" in str(refused(vqe(backend="statevector"), {"crypto"}))


def test_an_unknown_backend_is_refused_with_the_known_ones():
    known = "auto, statevector, density_matrix, trajectories, stabilizer, gpu, fake, ibm"
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
        (21, "h q; c = measure q;", {"shots": 10}, "stabilizer", "Clifford circuit on 21 qubits"),
        (1000, "h q; c = measure q;", {"shots": 10}, "stabilizer", "Clifford circuit on 1000 qubits"),
        (24, "h q; cx q[0], q[1];", {}, "stabilizer", "Clifford circuit on 24 qubits"),
        (24, "h q[0]; cx q[0], q[1];", {}, "statevector", "2 active of 24 qubits"),
        (127, "h q[99]; t q[3]; cx q[99], q[3]; c = measure q;", {}, "statevector", "2 active of 127"),
        (127, "h q[99]; t q[3];", {"noise": DAMPED}, "density_matrix", "2 active of 127 qubits, few enough"),
        (127, "reset q; h q[0]; id q; c = measure q;", {}, "statevector", "1 active of 127 qubits"),
        (24, "h q; t q;", {"shots": 10}, "statevector", "state vector on CPU"),
        (24, "h q; c[0] = measure q[0]; if (c[0]) { x q[1]; }", {"shots": 10}, "stabilizer", "Clifford"),
        (24, "h q; c[0] = measure q[0]; if (c[0]) { h q[1]; }", {"shots": 10}, "stabilizer", "Clifford"),
        (24, "h q; c[0] = measure q[0]; if (c[0]) { t q[1]; }", {"shots": 10}, "statevector", "state vector"),
        (40, "h q; c[0] = measure q[0]; if (c == 1) { x q[1]; }", {"shots": 10}, "stabilizer", "Clifford"),
        (13, "t q;", {"noise": DAMPED}, "density_matrix", "noise on 13 qubits, exactly"),
        (
            40,
            "h q;",
            {"noise": "depolarizing", "observables": ["X" * 40]},
            "stabilizer",
            "expectation values",
        ),
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
    held = Demand(circuit(text, n_qubits, **changes)).n_active
    assert chosen.memory_bytes == BACKENDS[backend].memory_bytes(held)


def test_what_no_simulator_holds_is_refused_with_what_each_needs(monkeypatch):
    error = refused(circuit("h q; t q;", 40, shots=5))
    assert error.field == "circuit" and error.hint == "use fewer qubits"
    assert "statevector holds 28 qubits and not 40; density_matrix holds 14" in error.rule
    assert "trajectories holds 26" in error.rule and "t at instructions[" in error.rule
    error = refused(circuit("h q; t q;", 20, noise=DAMPED))
    assert "density_matrix holds 14" in error.rule and "trajectories needs shots" in error.rule
    assert error.hint == "give shots, to sample it on trajectories"
    tiny = SimpleNamespace(virtual_memory=lambda: SimpleNamespace(total=1 << 20))
    monkeypatch.setattr(simulator, "psutil", tiny)
    assert "statevector needs 67,108,864 bytes of memory" in refused(circuit("h q; t q;", 20)).rule


MISSED = "matches no gate of the circuit, which has h on [0], [1]; cx on [0, 1]"


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ({"gates": ["cz"]}, "noise.errors[0] (bit_flip after cz) " + MISSED),
        ({"qubits": [2]}, "noise.errors[0] (bit_flip on qubits 2) " + MISSED),
        ({"gate_qubits": [[1, 2]]}, "noise.errors[0] (bit_flip on the gate's qubits [1, 2]) " + MISSED),
        ({"gates": ["cx"]}, None),
        (
            {"name": "pauli", "p": None, "probabilities": {"XXX": 0.1}},
            "noise.errors[0] (pauli) " + MISSED,
        ),
        (
            {"name": "crosstalk", "p": None, "pairs": [[2, 0, 0.1]]},
            "noise.errors[0] (crosstalk) " + MISSED,
        ),
    ],
)
def test_errors_that_strike_no_gate_are_told_with_the_gates_there_are(error, what):
    one = {key: value for key, value in {"name": "bit_flip", "p": 0.1, **error}.items() if value is not None}
    everywhere = {"name": "phase_flip", "p": 0.1}
    text = "h q[0]; h q[1]; cx q[0], q[1]; c = measure q;"
    told = place(circuit(text, 3, noise={"errors": [one, everywhere]}), ALL).warnings
    assert told == (() if what is None else (what,))
    assert place(circuit(text, 3, noise={"errors": [one]}), ALL).warnings == told


def test_models_by_name_and_calibrations_are_told_of_only_where_they_miss_gates():
    assert place(circuit("h q;", noise="depolarizing"), ALL).warnings == ()
    lab = {"name": "lab", "qubits": [{}, {}], "gates": [{"gate": "x", "qubits": [0], "error": 0.1}]}
    [told] = place(circuit("x q; rz(0.1) q;", noise={"calibration": lab}), ALL).warnings
    assert told == "the calibration 'lab' has no error for x on [1]: they run without error"
    [told] = place(circuit("h q;", noise={"calibration": lab}), ALL).warnings
    assert told == "the calibration 'lab' has no error for h on [0], [1]: they run without error"
    lost = [{"gate": "x", "qubits": [0], "error": 1.0}, {"gate": "x", "qubits": [1], "error": 0.49}]
    [told] = place(circuit("x q;", noise={"calibration": lab | {"gates": lost}}), ALL).warnings
    assert told.startswith("the calibration 'lab' has an error for x on [0] that leaves the qubits random")
    slow = [
        {"gate": "x", "qubits": [at], "error": error, "duration_s": 1e-6}
        for at, error in ((0, 1e-3), (1, 0.1))
    ]
    decaying = lab | {"qubits": [{"t1_s": 1e-5, "t2_s": 1e-5}] * 2, "gates": slow}
    [told] = place(circuit("x q; x q[0];", noise={"calibration": decaying}), ALL).warnings
    assert told.startswith(
        "the calibration 'lab' states a smaller error for x on [0] than that of relaxation"
    )
    text = "ctrl(2) @ sx q[0], q[1], q[2];"
    [told] = place(circuit(text, 3, noise="depolarizing"), ALL).warnings
    assert told == "no error of the noise model matches a gate of the circuit, which has unitary on [0, 1, 2]"


def test_gates_of_a_calibration_that_circuits_do_not_have_are_told_or_said_to_be_called_otherwise():
    qubits: list[dict[str, float]] = [{}, {}]
    gates = [{"gate": name, "qubits": [0], "error": 0.1} for name in ("h", "fsim", "delay")]
    lab = {"calibration": {"name": "lab", "qubits": qubits, "gates": gates}}
    [told] = place(circuit("h q[0];", 2, noise=lab), ALL).warnings
    assert told.startswith("the calibration 'lab' has figures of fsim, delay, which are no gates of circuits")
    gates.append({"gate": "cnot", "qubits": [0, 1], "error": 0.1})
    error = refused(circuit("h q[0];", 2, noise=lab))
    assert error.field == "noise.calibration" and error.value == "lab"
    assert error.rule == "has figures of the gate 'cnot', which circuits call 'cx'"


@pytest.mark.parametrize(
    ("text", "pure"),
    [
        ("h q;", True),
        ("h q; c = measure q;", True),
        ("c[0] = measure q[0]; h q[1]; id q[0];", True),
        ("reset q; h q;", True),
        ('c = "01"; h q; c = measure q;', True),
        ("h q; reset q;", False),
        ("c[0] = measure q[0]; h q[0];", False),
        ("c[0] = measure q[0]; if (c[0]) { x q[1]; }", False),
        ("bit d = 1; while (d) { h q[0]; d = measure q[0]; }", False),
    ],
)
def test_fidelity_of_what_is_no_pure_state_is_refused_at_submission(text, pure):
    job = circuit(text, 2, analyze=["fidelity"])
    if pure:
        assert place(job, ALL).backend == "density_matrix"
    else:
        error = refused(job)
        assert error.field == "analyze" and "before its end" in error.rule


def test_t2_above_2_t1_is_told_where_it_matters():
    times = {"name": "thermal_relaxation", "t1_s": 1e-6, "t2_s": 3e-6, "duration_s": 1e-7}
    [told] = place(circuit("h q;", noise={"errors": [times]}), ALL).warnings
    assert told == "T2 is above 2 T1 (noise.errors[0]), which no process allows: T2 = 2 T1 is taken there"
    qubits = [{"t1_s": 1e-6, "t2_s": 3e-6}] * 5
    gates = [{"gate": "h", "qubits": [qubit], "duration_s": 1e-7} for qubit in range(5)]
    lab = {"calibration": {"name": "lab", "qubits": qubits, "gates": gates}}
    [told] = place(circuit("h q;", noise=lab), ALL).warnings
    assert "(qubit 0, qubit 1)" in told


def test_errors_that_strike_no_gate_of_a_loop_are_told():
    [told] = place(vqe(noise={"errors": [{"name": "bit_flip", "p": 0.1, "gates": ["h"]}]}), ALL).warnings
    assert "which has ry on [0], [1], [2], [3]; rz on" in told and "cx on" in told


def test_what_the_stabilizer_simulator_leaves_out_is_known_at_submission():
    job = circuit("h q;", 30, noise="depolarizing", observables=["X" * 30])
    assert "the outcomes are left out" in place(job, ALL).warnings[0]


@pytest.mark.parametrize(
    ("name", "hint"), [("cnot", "'cx'"), ("u3", "'u'"), ("sdgg", "'sdg'"), ("mine", "consist of")]
)
def test_a_gate_that_records_do_not_hold_is_refused_with_what_it_is_called_there(name, hint):
    error = refused(circuit("h q;", noise={"errors": [{"name": "bit_flip", "p": 0.1, "gates": [name]}]}))
    assert error.field == "noise.errors[0].gates[0]" and hint in (error.hint or "")


@pytest.mark.parametrize("backend", ["statevector:foo", "density_matrix:manila", "gpu:0"])
def test_a_device_of_a_backend_that_has_none_is_refused(backend):
    error = refused(circuit("h q;", backend=backend))
    assert error.field == "backend" and "has no devices" in error.rule


def test_auto_says_where_nobody_serves_the_queue():
    assert "no worker of the queue cpu-sim is running" in place(circuit("h q;"), {"crypto"}).why
    assert "no worker" not in place(circuit("h q;"), ALL).why


@pytest.mark.parametrize(
    ("n_qubits", "text", "changes", "field", "rule"),
    [
        (15, "h q;", {"noise": DAMPED}, "circuit", "density_matrix holds 14 qubits and not 15"),
        (15, "h q;", {"backend": "density_matrix"}, "backend", "more than the 14"),
        (30, "h q; t q;", {}, "circuit", "statevector holds 28 qubits and not 30"),
        (30, "h q; t q;", {"backend": "statevector"}, "backend", "30 qubits are more than the 28"),
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
         "noise.errors[0].gate_qubits[0][1]", "qubits 0 to 1 of the circuit"),
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


def memory(noise):
    return parse_spec({
        "kind": "qec_memory", "code": "rotated_surface", "distance": 3, "p": 0.01, "circuit_noise": noise,
    })  # fmt: skip


def test_a_study_of_codes_belongs_to_the_calibration_that_its_noise_names():
    assert place(memory("si1000"), ALL).calibration is None
    assert place(memory("fake:kingston"), ALL).calibration == devices.load("kingston").calibration_id
    error = refused(memory("fake:kingstom"))
    assert (error.field, error.value) == ("circuit_noise", "fake:kingstom")
