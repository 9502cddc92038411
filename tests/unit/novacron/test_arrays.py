"""Arrays of numbers: nested lists and little-endian bytes hold the same."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from novacron.arrays import DTYPES, LISTED, Array, read_arrays
from novacron.errors import BadInput

SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, max_side=4)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(arrays.arrays(np.float64, SHAPES, elements=FLOATS))
def test_both_forms_hold_the_same_numbers(values):
    array = Array.of(values.tolist())
    for listed in (0, LISTED):
        found = Array.from_json(json.loads(json.dumps(array.to_json(listed))))
        assert np.array_equal(np.asarray(found), values) and found.shape == values.shape
    assert array.tolist() == values.tolist()


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_reads_every_type_without_a_copy(dtype):
    values = np.arange(6).astype(dtype).reshape(2, 3)
    array = Array(dtype, (2, 3), values.astype(values.dtype.newbyteorder("<")).tobytes())
    assert np.array_equal(np.asarray(array), values) and np.asarray(array).dtype == values.dtype
    assert not np.asarray(array).flags.owndata


def test_arrays_in_a_document_are_read():
    large = Array.of([0.5] * (LISTED + 1))
    found = read_arrays({"results": [{"expectations": large.to_json(), "points": [2]}]})
    assert found == {"results": [{"expectations": large, "points": [2]}]}


@pytest.mark.parametrize(
    ("value", "field", "said"),
    [
        ([[1.0], [2.0, 3.0]], "points[1]", "2 elements"),
        ([[1.0], 2.0], "points[1]", "no elements"),
        ([[1.0, True]], "points[0][1]", "must be a number"),
        ([float("inf")], "points[0]", "finite"),
        ({"dtype": "float64", "shape": [2], "base64": "AAAA"}, "points.base64", "has 3 bytes"),
        ({"dtype": "float64", "shape": [-1], "base64": ""}, "points.shape", "list of lengths"),
        ({"dtype": "float32", "shape": [0], "base64": ""}, "points", "dtype, shape"),
        ({"dtype": "float64", "shape": [0], "base64": "?"}, "points.base64", "is not base64"),
        ({"dtype": "float64", "shape": [1], "base64": "AAAAAAAA+H8="}, "points", "finite"),
    ],
)
def test_a_refusal_names_place_and_rule(value, field, said):
    with pytest.raises(BadInput, match=said) as refused:
        Array.from_json(value, "points")
    assert refused.value.field == field
