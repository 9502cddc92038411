"""Encoded circuits as jobs: shares of blocks, merged."""

from itertools import pairwise

import pytest

from shared.circuits.reader import read
from testing import contexts
from testing.outcomes import value as value_of
from workers.operations.quantum.encoded import conclude, share

BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[3] c; h q[0]; cx q[0], q[1];'
ENDS = "c[2] = measure q[0]; c[0] = measure q[1];"
NOISE = {"errors": [{"name": "amplitude_damping", "gamma": 0.01}], "readout": [[0.99, 0.01], [0.03, 0.97]]}
ABOUT = {"code": "rotated_surface", "distance": 3, "n_physical_qubits": 65, "rounds": 12, "n_detectors": 256}


def result(text, *edges, **spec):
    job = {
        "kind": "pure_quantum", "circuit": {"record": read(text).to_json()}, "backend": "stabilizer",
        "shots": 3000, "seed": 7, "error_correction": {"code": "rotated_surface", "distance": 3}, **spec,
    }  # fmt: skip
    shares = [
        value_of(share(contexts.context(job, {"first": first, "last": last})))
        for first, last in pairwise(edges)
    ]
    return value_of(conclude(contexts.context(job, inputs=shares)))


def test_the_result_is_that_of_all_shots_however_they_are_shared():
    found = result(BELL + ENDS, 0, 3, noise=NOISE)
    assert found == result(BELL + ENDS, 0, 1, 3, noise=NOISE)
    assert sum(found["counts"].values()) == sum(found["uncorrected_counts"].values()) == 3000
    assert {outcome[1] for outcome in found["counts"]} == {"0"}
    assert found["measured"] == "classical bits"
    assert found["ideal_probabilities"] == {"000": 0.5, "101": 0.5}
    about = found["error_correction"]
    assert ABOUT.items() <= about.items()
    wrong = found["counts"].get("001", 0) + found["counts"].get("100", 0)
    assert about["logical_error_rate"] == wrong / 3000
    assert about["logical_error_rate_low"] < about["logical_error_rate"] < about["logical_error_rate_high"]
    assert about["logical_error_rate"] < about["uncorrected_error_rate"]
    assert found["receipt"] == {
        "noise_applied": "channels Pauli-twirled, readout errors averaged", "circuit_distance": 3,
    }  # fmt: skip


def test_random_outcomes_have_no_error_rate():
    found = result(BELL.replace("cx", "swap"), 0, 3)
    assert set(found["counts"]) == {"00", "01"}
    assert found["measured"] == "all qubits"
    assert found["error_correction"]["logical_error_rate"] == 0  # qubit 0 is certain
    bare = result('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; h q[0];', 0, 3)
    assert bare["counts"]["0"] == pytest.approx(1500, abs=6 * 750**0.5)
    assert "logical_error_rate" not in bare["error_correction"]
