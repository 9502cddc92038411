"""Circuits of all families of codes."""

from math import sqrt

import pytest

from novacron.specs.qec_point import FAMILIES, Point
from workers.quantum.qec.codes import CODES
from workers.quantum.qec.experiment import experiment


def test_every_family_has_circuits():
    assert set(CODES) == set(FAMILIES)


@pytest.mark.parametrize(
    ("code", "basis"),
    [(name, basis) for name, one in FAMILIES.items() for basis in one.bases if not one.distances],
)
def test_the_circuit_keeps_the_distance_of_the_code(code, basis):
    distance = 3 if code == "color_666" else 5
    decoder = FAMILIES[code].decoders[0]
    assert experiment(Point(code, distance, distance, basis, 0.001, decoder)).distance() == distance


@pytest.mark.parametrize("code", ["toric", "color_666"])
def test_the_facts_about_a_family_are_those_of_its_circuits(code):
    family = FAMILIES[code]
    circuit = CODES[code](Point(code, 5, 2, "z", 0.01, ""))
    assert circuit.num_qubits == family.n_data(5)
    assert circuit.num_measurements == 2 * family.n_stabilizers(5) + family.n_data(5)


@pytest.mark.parametrize(
    ("code", "distance", "rounds", "p", "shots", "errors"),
    [
        ("color_666", 3, 3, 0.01, 360_000, 2038),
        ("color_666", 5, 5, 0.01, 140_000, 261),
        ("toric", 4, 1, 0.1, 20_000, 5731),
        ("toric", 8, 1, 0.08, 20_000, 2593),
        ("toric", 6, 6, 0.025, 4000, 231),
    ],
)
def test_toric_and_colour_codes_fail_as_often_as_in_the_reference_tables(
    code, distance, rounds, p, shots, errors
):
    """Tables made with other circuits and with matrices: code capacity and phenomenological noise."""
    made = experiment(Point(code, distance, rounds, "z", p, FAMILIES[code].decoders[0]))
    stream, n = made.stream(1), 0
    found = 0
    while n < shots / 2:
        found += made.errors(stream, n // made.chunk_shots)
        n += made.chunk_shots
    rate, expected = found / n, errors / shots
    assert abs(rate - expected) <= 3 * sqrt(expected * (1 - expected) * (1 / n + 1 / shots))
