"""The state vector of a logical qubit of distance 3 survives every error on one data qubit."""

import pytest

from shared.circuits.instruction import Gate
from workers.quantum.qec.encoded.state import DATA, corrected

STATE = (1.1, 0.7)
ERRORS = [(letter, qubit) for letter in "xyz" for qubit in DATA.values()]


def test_every_error_on_one_data_qubit_is_corrected():
    silent = corrected(*STATE)
    assert silent.syndrome == "00000000"
    assert silent.fidelity == pytest.approx(1, abs=1e-12)
    for letter, qubit in ERRORS:
        found = corrected(*STATE, [Gate(letter, (qubit,))])
        assert found.syndrome != silent.syndrome, (letter, qubit)
        assert found.fidelity == pytest.approx(1, abs=1e-12), (letter, qubit)


def test_two_errors_may_be_corrected_to_another_state():
    # Two of the three qubits of logical X: the third is corrected, and logical X remains.
    flips = [Gate("x", (1,)), Gate("x", (4,))]
    assert corrected(0.0, 0.0, flips).fidelity == pytest.approx(0, abs=1e-12)
    assert corrected(1.5707963267948966, 0.0, flips).fidelity == pytest.approx(1, abs=1e-12)
