"""Circuits and decoders against the published and measured tables, and ids against those of sinter."""

from math import sqrt

import pytest

from novacron.specs.qec_point import Point
from workers.quantum.qec.experiment import experiment

STRONG_ID = "0d6b9b7a39587d10cbb804b72e4c4f3d425e41fb5a3b8afb7780d8987a61d92d"


def point(distance, p, decoder="pymatching", code="rotated_surface", basis="z"):
    return Point(code, distance, distance, basis, p, decoder)


def rate(measured, n_chunks, seed=1):
    """The rate and its standard error."""
    made = experiment(measured)
    stream = made.stream(seed)
    shots = n_chunks * made.chunk_shots
    found = sum(made.errors(stream, chunk) for chunk in range(n_chunks)) / shots
    return found, sqrt(found * (1 - found) / shots)


@pytest.mark.parametrize(
    ("distance", "p", "shots", "errors"),
    [(3, 0.005, 120_000, 2123), (5, 0.005, 160_000, 2264), (7, 0.008, 40_000, 2054)],
)
def test_the_rotated_surface_code_fails_as_often_as_in_the_reference_table(distance, p, shots, errors):
    found, spread = rate(point(distance, p), 16)
    assert abs(found - errors / shots) <= 3 * sqrt(spread**2 + errors / shots**2)


def test_correlations_make_fewer_errors():
    plain, correlated = (
        rate(point(5, 0.006, decoder), 8)[0] for decoder in ("pymatching", "pymatching_correlated")
    )
    assert correlated < 0.9 * plain


def test_chunks_are_functions_of_seed_and_number():
    made = experiment(point(3, 0.01))
    counts = [made.errors(made.stream(1), chunk) for chunk in range(4)]
    assert counts == [made.errors(made.stream(1), chunk) for chunk in range(4)]
    assert len({*counts, *(made.errors(made.stream(2), chunk) for chunk in range(4))}) > 5


def test_the_id_is_that_of_sinter():
    """`sinter.Task(...).strong_id()` of this circuit, decoder and metadata, by sinter 1.16.0."""
    assert experiment(point(3, 0.01)).strong_id == STRONG_ID
