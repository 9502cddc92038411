"""Circuits of all families of codes."""

import pytest

from novacron.specs.qec_memory import FAMILIES, Point
from workers.quantum.qec.codes import CODES


def test_every_family_has_circuits():
    assert set(CODES) == set(FAMILIES)


@pytest.mark.parametrize(
    ("code", "basis"), [(code, basis) for code in FAMILIES for basis in FAMILIES[code].bases]
)
def test_the_circuit_keeps_the_distance_of_the_code(code, basis):
    assert len(CODES[code](Point(code, 5, 5, basis, 0.001, "pymatching")).shortest_graphlike_error()) == 5
