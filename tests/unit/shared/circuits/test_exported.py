"""Dynamic circuits as Qiskit writes them, against the distributions of the circuits themselves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import qasm3

from shared.circuits.reader import read
from tests.unit.shared.circuits.dynamic_circuits import Writer, distribution
from workers.quantum.simulation.circuits import simulator


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_dynamic_circuits_mean_what_they_mean_in_qiskit(seed):
    written = Writer(seed).write()
    wanted = {outcome: chance for outcome, chance in distribution(written).items() if chance > 1e-12}
    assert simulator.probabilities(read(qasm3.dumps(written))) == pytest.approx(wanted, abs=1e-10)
