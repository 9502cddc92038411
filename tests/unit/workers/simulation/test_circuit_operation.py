import pytest

from shared.circuit.reader import read
from workers.context import Context
from workers.operations.circuit import circuit
from workers.outcome import UserError

BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'


def context(text, **spec):
    def none(_):
        raise AssertionError("a circuit needs no journal and no warning")

    whole = {
        "circuit": {"record": read(text).to_json()}, "backend": "statevector", "shots": None, "noise": None,
        "observables": [], "analyze": [], **spec,
    }  # fmt: skip
    return Context(whole, {}, [], 7, "cpu-sim", none, lambda: None, none)


def test_exact_probabilities_where_there_are_no_shots():
    value = circuit(context(BELL)).value
    assert value["measured"] == "all qubits"
    assert value["probabilities"] == pytest.approx({"00": 0.5, "11": 0.5})
    assert "counts" not in value


def test_counts_and_expectations_where_asked():
    observables = [{"name": "parity", "terms": [["ZZ", 1.0], ["XX", 0.5]]}]
    text = BELL + "bit[2] c; c = measure q;"
    value = circuit(context(text, shots=1000, observables=observables)).value
    assert value["measured"] == "classical bits"
    assert sum(value["counts"].values()) == 1000
    assert set(value["counts"]) == {"00", "11"}
    assert value["expectations"] == pytest.approx({"parity": 1.5})
    assert value == circuit(context(text, shots=1000, observables=observables)).value


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
