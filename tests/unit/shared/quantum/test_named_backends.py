"""Backends under names of the operator's: what the file may say, and where their jobs run."""

import pytest

from novacron.errors import BadInput
from scheduler.planning import placement
from shared.quantum import named_backends
from tests.unit.scheduler.planning.test_placement import ALL, circuit, vqe

FILE = """\
backends:
  - {name: qasm-simulator, type: simulator, provider: local, max_qubits: 32, noise_model: ideal}
  - {name: statevector-simulator, type: simulator, provider: local, max_qubits: 20, gpu_enabled: true}
  - {name: noisy, type: simulator, provider: local, max_qubits: 5, noise_model: superconducting}
  - {name: ibm-quantum, type: hardware, provider: ibm, api_token: "${IBM_QUANTUM_TOKEN}", max_qubits: 127}
  - {name: kingston, type: hardware, provider: ibm, device: ibm_kingston, max_qubits: 156}
"""

NOISE = "noise_model: depolarizing"


@pytest.fixture
def load(tmp_path):
    def written(text):
        path = tmp_path / "backends.yaml"
        path.write_text(text)
        return named_backends.load(str(path))

    return written


@pytest.fixture
def named(load):
    return load(FILE)


def test_without_a_file_there_are_none():
    assert named_backends.load("") == {}


def test_the_design_s_file_is_read(named):
    assert [(one.name, one.stands_for(), one.max_qubits) for one in named.values()] == [
        ("qasm-simulator", "auto", 32),
        ("statevector-simulator", "auto", 20),
        ("noisy", "auto", 5),
        ("ibm-quantum", "ibm", 127),
        ("kingston", "ibm:ibm_kingston", 156),
    ]


def test_jobs_run_where_auto_would_run_them_and_say_by_which_name(named):
    chosen = placement.place(circuit("h q;", backend="qasm-simulator"), ALL, named)
    assert (chosen.backend, chosen.queue) == ("statevector", "cpu-sim")
    assert chosen.why.startswith("qasm-simulator: auto: ")


def test_a_gpu_is_used_only_where_it_is_enabled(named):
    assert placement.place(vqe(18, backend="qasm-simulator"), ALL, named).backend == "statevector"
    assert placement.place(vqe(18, backend="statevector-simulator"), ALL, named).backend == "gpu"


@pytest.mark.parametrize(
    "spec",
    [vqe(21, backend="statevector-simulator"), circuit("h q;", 21, backend="statevector-simulator")],
    ids=["loop", "circuit"],
)
def test_its_own_limit_holds(named, spec):
    with pytest.raises(
        BadInput, match="21 qubits are more than the 20 that statevector-simulator takes"
    ) as refused:
        placement.place(spec, ALL, named)
    assert (refused.value.field, refused.value.value) == ("backend", "statevector-simulator")


def test_idle_qubits_do_not_count(named):
    spec = circuit("h q[0]; cx q[0], q[30];", 31, backend="statevector-simulator")
    assert placement.place(spec, ALL, named).backend == "statevector"


def test_refusals_name_the_backend_that_was_asked_for(named):
    with pytest.raises(BadInput) as refused:
        placement.place(circuit("h q;", backend="ibm-quantum:kingston"), ALL - {"qpu-ibm"}, named)
    assert (refused.value.field, refused.value.value) == ("backend", "ibm-quantum:kingston")
    for text in ("qasm-simulator:x", "kingston:ibm_fez"):
        with pytest.raises(BadInput, match="has no devices to choose from") as refused:
            placement.place(circuit("h q;", backend=text), ALL, named)
        assert refused.value.value == text
    with pytest.raises(BadInput, match=r"must be one of auto, .*, ibm-quantum, kingston") as refused:
        placement.place(circuit("h q;", backend="qasm-simulater"), ALL, named)
    assert refused.value.hint == "did you mean 'qasm-simulator'?"


def test_hardware_goes_to_the_named_device(named):
    chosen = placement.place(circuit("h q; c = measure q;", backend="kingston", shots=5), ALL, named)
    assert (chosen.backend, chosen.device, chosen.queue) == ("ibm", "ibm_kingston", "qpu-ibm")


def test_its_noise_is_that_of_jobs_that_bring_none(named):
    noisy = named["noisy"].noisy(circuit("h q;", backend="noisy"))
    assert noisy.noise == circuit("h q;", noise="superconducting").noise
    own = circuit("h q;", backend="noisy", noise="trapped_ion")
    assert named["noisy"].noisy(own) is own
    ideal = circuit("h q;", backend="qasm-simulator")
    assert named["qasm-simulator"].noisy(ideal) is ideal


@pytest.mark.parametrize(
    ("row", "field", "rule"),
    [
        ("name: auto, type: simulator, provider: local, max_qubits: 3", "name", "of NovaCron's own"),
        ("name: stabilizer, type: simulator, provider: local, max_qubits: 3", "name", "of NovaCron's own"),
        ("name: Big, type: simulator, provider: local, max_qubits: 3", "name", "must be lower-case letters"),
        ("name: a, type: simulator, provider: local, max_qubits: 0", "max_qubits", "must be at least 1"),
        ("name: a, type: simulator, provider: local", "max_qubits", "is required"),
        ("name: a, type: simulater, provider: local, max_qubits: 3", "type", "simulator"),
        ("name: a, type: simulator, provider: ibm, max_qubits: 3", "provider", "must be local"),
        ("name: a, type: hardware, provider: local, max_qubits: 3", "provider", "must be one of ibm"),
        ("name: a, type: simulator, provider: local, max_qubits: 3, device: b", "device", "is of hardware"),
        ("name: a, type: hardware, provider: ibm, max_qubits: 3, gpu_enabled: true", "gpu_enabled", "is of"),
        (f"name: a, type: hardware, provider: ibm, max_qubits: 3, {NOISE}", "noise_model", "is of"),
        ("name: a, type: simulator, provider: local, max_qubits: 3, noise_model: loud", "noise_model", "nei"),
        ("name: a, type: simulator, provider: local, max_qubits: 3, gpu: true", "gpu", "unknown key"),
    ],
)  # fmt: skip
def test_a_row_that_breaks_a_rule_is_refused_with_its_line(load, row, field, rule):
    with pytest.raises(BadInput, match=rule) as refused:
        load(
            "# ours\nbackends:\n  - {name: fine, type: simulator, provider: local, max_qubits: 3}\n  - {"
            + row
            + "}\n"
        )
    assert (refused.value.field, refused.value.line) == (f"backends[1].{field}", 4)


def test_names_are_distinct(load):
    row = "  - {name: a, type: simulator, provider: local, max_qubits: 3}\n"
    with pytest.raises(BadInput, match="is given twice") as refused:
        load("backends:\n" + row * 2)
    assert refused.value.line == 3


def test_a_token_in_the_file_is_refused_and_not_shown(load):
    with pytest.raises(BadInput, match="tokens stand in the environment") as refused:
        load("backends: [{name: a, type: hardware, provider: ibm, max_qubits: 3, api_token: s3cret}]")
    assert "s3cret" not in str(refused.value)
