"""Gates that a file defines, against a dense evaluator of the test's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.circuit.instruction import Barrier
from shared.circuit.matrix import product
from shared.circuit.reader import read
from tests.unit.shared.circuit.own_gates import Program


def gates_of(record):
    assert record.is_unitary()
    return [item for item in record.instructions if not isinstance(item, Barrier)]


@pytest.mark.parametrize("language", [2])
def test_random_definitions_give_their_matrix(language):
    @settings(max_examples=120, deadline=None)
    @given(seed=st.integers(0, 2**32))
    def check(seed):
        program = Program(seed, language)
        record = read(program.text)
        found, wanted = product(gates_of(record), range(program.n)), program.matrix
        overlap = np.vdot(wanted, found) / len(wanted)
        assert abs(overlap) == pytest.approx(1.0, abs=1e-11), program.text

    check()
