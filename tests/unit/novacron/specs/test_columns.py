"""Columns that look wrong are said; others are left in peace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import QML
from novacron.specs.columns import is_index, sentinel

DRAWN = np.random.default_rng(5)
NORMAL = [round(value, 3) for value in DRAWN.normal(size=20).tolist()]


@pytest.mark.parametrize(
    ("column", "name", "expected"),
    [
        (list(range(20)), "a", True),
        (list(range(1, 21)), "a", True),
        (list(range(20, 0, -1)), "a", True),
        ([3 * k + k % 2 for k in range(20)], "a", True),
        (DRAWN.permutation(20).tolist(), "a", True),
        (DRAWN.permutation(90)[:20].tolist(), "customer_id", True),
        (DRAWN.permutation(90)[:20].tolist(), "Unnamed: 0", True),
        (DRAWN.permutation(90)[:20].tolist(), "age", False),
        ([k % 5 for k in range(20)], "Id", False),
        (NORMAL, "a", False),
        (sorted(NORMAL), "a", False),
        ([1, 2, 3], "a", False),
    ],
)
def test_an_index_is_told(column, name, expected):
    assert is_index(column, name) == expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([*NORMAL, -999], -999),
        ([*NORMAL, 9999.0, 9999.0], 9999),
        ([*NORMAL, -99], -99),
        ([*NORMAL, 1e20], 1e20),
        (NORMAL, None),
        (list(range(0, 101, 5)), None),
        ([0, 1, 0, 1], None),
        ([10.0, 55.0, 99.0, 70.0, 31.0], None),
    ],
)
def test_a_mark_for_a_missing_value_is_told(column, expected):
    assert sentinel(column) == expected


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=30))
def test_any_column_can_be_looked_at(column):
    is_index(column, "a")
    assert sentinel(column) in (None, *column)


def job(rows, names, **more):
    labels = [k % 2 for k in range(len(rows))]
    data = {"features": rows, "labels": labels, "feature_names": names}
    return QML(data=data | more.pop("data", {}), model="kernel_svm", **more)


def test_a_job_warns_of_its_columns_and_of_a_small_test():
    rows = [
        [k, a, -999 if k == 3 else b] for k, (a, b) in enumerate(zip(NORMAL, reversed(NORMAL), strict=True))
    ]
    told = job(rows, ["k", "a", "b"]).warnings()
    assert ["'k'" in told[0], "'b'" in told[1], "-999" in told[1]] == [True] * 3
    assert "the test has 6 samples" in told[2]
    assert job([[a, -a] for a in NORMAL * 4], ["a", "b"]).warnings() == []
    assert "no sample is kept" in job([[a] for a in NORMAL], ["a"], test_fraction=0.01).warnings()[0]


def test_a_feature_whose_square_overflows_is_refused():
    with pytest.raises(BadInput, match=r"data.features\[1\] = -1e\+200: must be at most 1e\+150 in size"):
        job([[0.0], [-1e200], [1.0], [2.0]], ["a"])


def test_features_taken_for_angles_beyond_a_turn_are_warned_of():
    rows = [[a, 100 * a] for a in NORMAL * 4]
    (told,) = job(rows, ["a", "b"], data={"scale": "none"}).warnings()
    assert "columns 'b' go beyond 2 pi" in told
