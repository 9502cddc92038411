"""Codes without a simulator: what stabilizers and logical operators owe each other, drawings, refusals."""

import json
from itertools import combinations

import pytest

from novacron.codes import CODES, Operator, code
from novacron.codes.text import drawn
from novacron.errors import BadInput
from novacron.plots import code as picture
from novacron.specs.qec_point import FAMILIES

SOME = [
    ("rotated_surface", 3, "[[9, 1, 3]]"), ("rotated_surface", 7, "[[49, 1, 7]]"),
    ("unrotated_surface", 5, "[[41, 1, 5]]"), ("repetition", 5, "[[5, 1, 1]]"), ("toric", 4, "[[32, 2, 4]]"),
    ("color_666", 3, "[[7, 1, 3]]"), ("color_666", 7, "[[37, 1, 7]]"),
    ("bivariate_bicycle", 6, "[[72, 12, 6]]"), ("bivariate_bicycle", 12, "[[144, 12, 12]]"),
]  # fmt: skip


def anticommute(one: Operator, other: Operator) -> bool:
    return one.pauli != other.pauli and len({*one.qubits}.intersection(other.qubits)) % 2 == 1


@pytest.mark.parametrize(("name", "distance", "parameters"), SOME)
def test_stabilizers_and_logical_operators_make_a_code(name, distance, parameters):
    found, family = code(name, distance), FAMILIES[name]
    assert found.parameters == parameters
    assert (found.n, found.distance) == (family.n_data(distance), distance)
    measured = (
        {"Z"} if name in ("toric", "bivariate_bicycle") else {"X", "Z"}
    )  # those of the stored basis alone
    assert sum(one.pauli in measured for one in found.stabilizers) == family.n_stabilizers(distance)
    for one, other in combinations(found.stabilizers, 2):
        assert not anticommute(one, other)
    assert len(found.logicals) == 2 * found.k
    for number, logical in enumerate(found.logicals):
        assert not any(anticommute(logical, other) for other in found.stabilizers)
        assert [anticommute(logical, other) for other in found.logicals] == [
            other == number ^ 1 for other in range(2 * found.k)
        ]


def test_every_family_has_stabilizers_and_a_smallest_code():
    assert CODES.keys() == FAMILIES.keys()
    assert {name: code(name).distance for name in CODES} == dict.fromkeys(CODES, 3) | {"bivariate_bicycle": 6}


@pytest.mark.parametrize(
    ("name", "distance", "field", "rule", "hint"),
    [
        ("rotated_surfaces", 3, "code", "must be one of rotated_surface,", "did you mean 'rotated_surface'?"),
        ("rotated_surface", 4, "distance", "must be odd", "use 3 or 5"),
        ("toric", 1, "distance", "must be 3 to 99", None),
        ("toric", 100, "distance", "must be 3 to 99", None),
        ("bivariate_bicycle", 8, "distance", "must be 6 or 12", None),
    ],
)
def test_a_code_that_does_not_exist_is_refused(name, distance, field, rule, hint):
    with pytest.raises(BadInput, match=rule) as caught:
        code(name, distance)
    assert (caught.value.field, caught.value.hint) == (field, hint)


def test_a_patch_is_drawn_as_text():
    lines = list(drawn(code("rotated_surface", 3)))
    assert lines[:9] == [
        "rotated_surface [[9, 1, 3]]",
        "",
        "     X",
        "   0   1   2",
        "     Z   X   Z",
        "   3   4   5",
        " Z   X   Z",
        "   6   7   8",
        "         X",
    ]
    assert "  Z 0 1 3 4" in lines and lines[-3:] == ["2 logical operators", "  X 0 3 6", "  Z 0 1 2"]
    assert "     g   1" in list(drawn(code("color_666", 3)))
    assert "distance 5 against bit flips" in list(drawn(code("repetition", 5)))
    assert list(drawn(code("rotated_surface", 99)))[2] == "9800 stabilizers", "too wide a picture is left out"


@pytest.mark.parametrize("name", CODES)
def test_every_code_has_a_picture_and_a_document(name):
    found = code(name)
    assert picture.draw(found).png.startswith(b"\x89PNG")
    document = json.loads(json.dumps(found.document))
    assert len(document["qubits"]) == document["n"] and document["parameters"] == found.parameters
