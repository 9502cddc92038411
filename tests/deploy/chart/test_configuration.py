"""The ConfigMap's files, read by what the processes read them with."""

import pytest

from novacron.errors import BadInput
from shared import configuration_file
from shared.crypto.permitted import PqCryptoFile
from shared.quantum import named_backends
from testing.chart import reading


@pytest.fixture
def files(render, tmp_path):
    """The files of a release, as a pod finds them."""

    def written(*sets):
        for name, text in reading.named(render("full", *sets), "ConfigMap", "-novacron")["data"].items():
            (tmp_path / name).write_text(text)
        return tmp_path

    return written


def test_backends_are_those_of_the_values(files):
    found = named_backends.load(str(files() / "backends.yaml"))
    assert list(found) == ["qasm-simulator", "statevector-simulator", "ibm-quantum"]
    assert (found["ibm-quantum"].max_qubits, found["ibm-quantum"].api_token) == (127, "${IBM_QUANTUM_TOKEN}")


def test_the_token_of_a_backend_is_a_variable_of_its_pool_alone(render):
    with_token = {
        owner
        for owner, pod in reading.pods(render("full"))
        if any("IBM_QUANTUM_TOKEN" in reading.environment(one) for one in reading.containers(pod))
    }
    assert with_token == {"one-novacron-worker-qpu"}


def test_algorithms_are_those_of_the_values_under_their_standards_names(files):
    said = configuration_file.read(str(files() / "pq-crypto.yaml"), PqCryptoFile).algorithms
    assert said.kem == ("ML-KEM-512", "ML-KEM-768", "ML-KEM-1024")
    assert said.signature == ("ML-DSA-44", "ML-DSA-65", "ML-DSA-87")
    assert said.hybrid_mode


def test_what_the_processes_refuse_stands_in_no_file_of_ours(files):
    with pytest.raises(BadInput, match="must be one of ibm"):
        named_backends.load(str(files("backends[2].provider=elsewhere") / "backends.yaml"))
