import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.circuits.limits import Refused
from shared.circuits.validation import record_from_json

VALID: dict[str, Any] = {
    "n_qubits": 3,
    "parameters": ["theta"],
    "registers": [["c", 2], ["d", 1]],
    "instructions": [
        {"gate": "rx", "qubits": [0], "params": [{"terms": {"theta": 2.0}, "offset": 0.5}]},
        {"gate": "cx", "qubits": [0, 2], "params": []},
        {"gate": "unitary", "qubits": [1], "matrix": [[[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]]},
        {"barrier": [0, 1]},
        {"measure": 0, "bit": 2},
        {
            "if": {"bits": [0, 1], "value": 2},
            "then": [{"gate": "x", "qubits": [1], "params": []}, {"gate": "h", "qubits": [1], "params": []}],
            "else": [{"reset": 1}],
        },
    ],
}


def test_json_survives_the_round_trip():
    assert record_from_json(VALID).to_json() == VALID


def test_counts_and_depth():
    record = record_from_json(VALID)
    assert record.gate_counts() == {"cx": 1, "h": 1, "measure": 1, "reset": 1, "rx": 1, "unitary": 1, "x": 1}
    assert record.depth() == 4
    assert record.n_bits == 3
    assert record.measures()
    assert not record.is_unitary()


def broken(change):
    data = copy.deepcopy(VALID)
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(n_qubits=-1), "n_qubits"),
        (lambda d: d.update(n_qubits=True), "n_qubits"),
        (lambda d: d.update(extra=1), "keys"),
        (lambda d: d.update(registers=[["c", 1]]), r"instructions\[4\].bit"),
        (lambda d: d["instructions"][0].update(gate="rw"), "unknown gate 'rw'"),
        (lambda d: d["instructions"][0].update(params=[float("nan")]), "finite"),
        (lambda d: d["instructions"][0].update(params=[{"terms": {"phi": 1.0}}]), "'phi'"),
        (lambda d: d["instructions"][0].update(params=[]), "1 params"),
        (lambda d: d["instructions"][1].update(qubits=[0, 0]), "twice"),
        (lambda d: d["instructions"][1].update(qubits=[0, 3]), "from 0 to 2"),
        (lambda d: d["instructions"][2]["matrix"][0].reverse(), "not unitary"),
        (lambda d: d["instructions"][5]["if"].update(value=4), "value"),
        (lambda d: d["instructions"][5]["then"].append({"jump": 1}), r"then\[2\] has none"),
        (lambda d: d["instructions"].append(3), "not an object"),
    ],
)
def test_invalid_data_is_refused_with_its_place(change, message):
    with pytest.raises(Refused, match=message):
        record_from_json(broken(change))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["gate", "qubits", "if", "then", "bits", "measure", "matrix"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@given(JSON, st.sampled_from(list(VALID)))
def test_arbitrary_data_is_accepted_or_refused(data, key):
    try:
        record = record_from_json({**VALID, key: data})
    except Refused as error:
        assert error.message.startswith("circuit record:") or error.rule
    else:
        assert record_from_json(record.to_json()) == record
