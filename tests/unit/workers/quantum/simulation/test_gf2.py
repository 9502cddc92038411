"""Reduced row echelon forms over GF(2)."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workers.quantum.simulation.gf2 import reduced


def space(rows):
    """All sums of rows."""
    return {
        tuple(np.bitwise_xor.reduce(rows[np.array(chosen, dtype=bool)], axis=0, initial=0).tolist())
        for chosen in product((0, 1), repeat=len(rows))
    }


@given(arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.integers(0, 1)))
def test_the_rows_are_a_reduced_basis_of_the_same_space(rows):
    basis = reduced(rows)
    assert space(basis) == space(rows) and len(space(rows)) == 2 ** len(basis)
    pivots = [int(np.argmax(row)) for row in basis]
    assert pivots == sorted(set(pivots))
    assert (basis[:, pivots] == np.eye(len(basis))).all()


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8])
def test_the_type_of_the_elements_stays(dtype):
    assert reduced(np.ones((2, 3), dtype=dtype)).dtype == dtype
