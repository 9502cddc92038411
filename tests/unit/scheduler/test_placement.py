"""Where jobs run, and refusals that say why."""

from types import SimpleNamespace

import pytest

from novacron.errors import BadInput
from novacron.specs import parse_spec
from scheduler import placement
from scheduler.placement import place
from shared.backends import BACKENDS

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
    chosen = place(vqe(), ALL)
    assert (chosen.backend, chosen.queue) == ("statevector", "cpu-sim")
    assert "gpu not used" in chosen.why and BACKENDS["gpu"].missing in chosen.why
    assert chosen.memory_bytes == 64 * 2**4


def test_auto_does_not_depend_on_who_is_there():
    assert place(vqe(), set()).queue == "cpu-sim"


def test_a_job_may_insist_on_what_there_is():
    chosen = place(vqe(backend="statevector"), {"cpu-sim"})
    assert (chosen.backend, chosen.queue, chosen.why) == ("statevector", "cpu-sim", "the job insists on it")


@pytest.mark.parametrize("backend", ["gpu", "ibm", "ibm:ibm_torino"])
def test_a_job_that_insists_on_what_is_missing_is_refused_and_never_moved(backend):
    error = refused(vqe(backend=backend))
    assert BACKENDS[backend.split(":")[0]].missing in str(error)
    assert "backend" in str(error) and "auto" in str(error)


def test_insisting_on_a_queue_without_workers_names_the_queue():
    assert "no worker of the queue cpu-sim is running" in str(refused(vqe(backend="statevector"), {"crypto"}))


def test_an_unknown_backend_is_refused_with_the_known_ones():
    assert "auto, statevector, gpu, ibm" in str(refused(vqe(backend="quantinuum")))


def test_more_qubits_than_a_backend_holds_are_refused():
    assert "31 qubits are more than the 28 that statevector can hold" in str(refused(vqe(31)))


def test_more_memory_than_the_machine_has_is_refused_in_bytes(monkeypatch):
    tiny = SimpleNamespace(virtual_memory=lambda: SimpleNamespace(total=1 << 20))
    monkeypatch.setattr(placement, "psutil", tiny)
    assert place(vqe(14), ALL).memory_bytes == 1 << 20
    assert "15 qubits need 2,097,152 bytes of memory and the machine has 1,048,576" in str(refused(vqe(15)))


@pytest.mark.parametrize("changes", [{"noise": "depolarizing"}, {"mitigation": ["zne"]}])
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
