import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.test_backends import dense_sum, random_sum
from workers.quantum.simulation.cuda.groups import Groups


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 4))
def test_groups_are_the_matrix(seed: int, n: int) -> None:
    observable = random_sum(np.random.default_rng(seed), n, 12)
    groups = Groups.of(observable)
    matrix = np.zeros((2**n, 2**n), dtype=complex)
    rows = np.arange(2**n)
    for group, flip in enumerate(groups.flips):
        for term in range(groups.firsts[group], groups.firsts[group + 1]):
            unit = 1 if term < groups.splits[group] else 1j
            signs = 1 - 2.0 * (np.bitwise_count(rows & groups.zs[term]) & 1)
            matrix[rows, rows ^ flip] += unit * groups.coefficients[term] * signs
    np.testing.assert_allclose(matrix, dense_sum(observable), atol=1e-14)
