import pytest

from novacron.specs.noise import Noise
from shared.circuits.reader import read
from testing import contexts
from testing.outcomes import value as value_of
from workers.operations.quantum.circuit import circuit
from workers.runtime.outcome import UserError

BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'


def context(text, **spec):
    whole = {
        "kind": "pure_quantum", "circuit": {"record": read(text).to_json()}, "backend": "statevector",
        "seed": 7, **spec,
    }  # fmt: skip
    return contexts.context(whole, warn=pytest.fail)


def test_exact_probabilities_where_there_are_no_shots():
    value = value_of(circuit(context(BELL)))
    assert value["measured"] == "all qubits"
    assert value["probabilities"] == pytest.approx({"00": 0.5, "11": 0.5})
    assert "counts" not in value


def test_counts_and_expectations_where_asked():
    observables = [{"name": "parity", "terms": [["ZZ", 1.0], ["XX", 0.5]]}]
    text = BELL + "bit[2] c; c = measure q;"
    value = value_of(circuit(context(text, shots=1000, observables=observables)))
    assert value["measured"] == "classical bits"
    assert sum(value["counts"].values()) == 1000
    assert set(value["counts"]) == {"00", "11"}
    assert value["expectations"] == pytest.approx({"parity": 1.5})
    assert value == value_of(circuit(context(text, shots=1000, observables=observables)))


NOISE = {"errors": [{"name": "depolarizing", "p": 0.2, "gates": ["cx"]}], "readout": [[0.9, 0.1], [0.1, 0.9]]}


@pytest.mark.parametrize(
    ("backend", "shots"), [("density_matrix", None), ("density_matrix", 50), ("trajectories", 50)]
)
def test_outcomes_without_noise_stand_beside_noisy_ones(backend, shots):
    noise = Noise(**NOISE).model_dump(mode="json")
    value = value_of(circuit(context(BELL, backend=backend, shots=shots, noise=noise)))
    assert value["ideal_probabilities"] == pytest.approx({"00": 0.5, "11": 0.5})
    noisy = value.get("probabilities") or value["counts"]
    assert "01" in noisy or "10" in noisy
    assert "ideal_probabilities" not in value_of(circuit(context(BELL)))


def test_large_circuits_are_not_run_once_more():
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[11] q; h q; cx q[0], q[1];'
    noise = Noise(**NOISE).model_dump(mode="json")
    value = value_of(circuit(context(text, backend="trajectories", shots=10, noise=noise)))
    assert "ideal_probabilities" not in value and sum(value["counts"].values()) == 10


@pytest.mark.parametrize(
    ("text", "spec", "message"),
    [
        ("OPENQASM 3.0; input float theta; qubit q; U(theta, 0, 0) q;", {}, "theta"),
        (BELL, {"observables": [{"name": "a", "terms": [["Z", 1.0]]}]}, "acts on 1 qubits"),
        ("OPENQASM 3.0; qubit[40] q; U(1, 0, 0) q;", {}, "40 qubits"),
    ],
)
def test_what_cannot_be_run_is_the_users_to_mend(text, spec, message):
    with pytest.raises(UserError, match=message):
        circuit(context(text, **spec))
