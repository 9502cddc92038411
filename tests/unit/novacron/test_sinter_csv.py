"""CSV files of sinter."""

import pytest

from novacron import sinter_csv
from novacron.errors import BadInput
from novacron.specs import parse_spec

ONE, TWO = "ab" * 32, "cd" * 32
FILE = (
    "     shots,    errors,  discards, seconds,decoder,strong_id,json_metadata,custom_counts\n"
    f'      1000,        12,         0,   0.250,pymatching,{ONE},"{{""d"":3}}","{{""novacron_seed_7"":1}}"\n'
    f"      1000,        12,         3,    12.2,pymatching,{TWO},null,\n"
    f'       500,         6,         0,   0.250,pymatching,{ONE},"{{""d"":3}}","{{""novacron_seed_5"":1}}"\n'
)
"""As sinter 1.16.0 writes it."""
POINT = {
    "code": "toric", "distance": 3, "rounds": 3, "basis": "z", "p": 0.1, "decoder": "pymatching",
    "noise": "uniform",
    "shots": 5, "errors": 1, "seconds": 1.5, "strong_id": ONE, "seeds": [7, 8],
}  # fmt: skip


def test_lines_of_one_point_are_added():
    one, two = sinter_csv.read(FILE, "f.csv")["rows"]
    assert one == {
        "strong_id": ONE, "shots": 1500, "errors": 18, "discards": 0, "seconds": 0.5, "seeds": [5, 7]
    }  # fmt: skip
    assert two["discards"] == 3 and two["seeds"] == []


def test_what_is_written_is_read():
    given = {**POINT, "code": None, "metadata": {"d": 3}, "strong_id": TWO, "seeds": []}
    one, two = sinter_csv.read(sinter_csv.written([POINT, given]), "f.csv")["rows"]
    assert all(one[name] == POINT[name] for name in ("strong_id", "shots", "errors", "seconds", "seeds"))
    assert two["strong_id"] == TWO and two["seeds"] == []


@pytest.mark.parametrize(
    ("change", "line", "rule"),
    [(("strong_id", "id"), 1, "has no column strong_id"), (("     12,", "   many,"), 2, "whole numbers")],
)
def test_a_file_without_counts_is_refused(change, line, rule):
    with pytest.raises(BadInput, match=rule) as caught:
        sinter_csv.read(FILE.replace(*change), "f.csv")
    assert caught.value.file == "f.csv" and caught.value.line == line


def test_shots_of_the_same_seed_are_never_counted_twice():
    job = {"kind": "qec_memory", "code": "toric", "distance": 3, "p": 0.1, "seed": 7}
    with pytest.raises(BadInput, match="counted twice") as caught:
        parse_spec({**job, "counts": sinter_csv.read(FILE, "f.csv")})
    assert caught.value.field == "seed"
