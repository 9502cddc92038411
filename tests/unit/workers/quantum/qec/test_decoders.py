"""The decoders of the extra `qec`: functions of the syndrome alone that correct what matching corrects.

`ldpc` and `fusion-blossom` are test dependencies. The others have wheels for few platforms, and are tested
where they are present.
"""

from math import sqrt

import numpy as np
import pytest
import stim

from novacron.specs.qec_point import Point
from shared import content
from workers.quantum.qec.decoders import DECODERS
from workers.quantum.qec.experiment import experiment

TESTED = ("bposd", "lsd", *(name for name in ("tesseract", "relay_bp") if not DECODERS[name].missing))
SHOTS = 2000


def sample(decoder, code="rotated_surface", distance=3, p=0.01, shots=SHOTS):
    """Syndromes and flips of the observables, bit-packed, and the decoding function."""
    made = experiment(Point(code, distance, distance, "z", p, decoder))
    syndromes, flips = made.circuit.compile_detector_sampler(seed=1).sample(
        shots, separate_observables=True, bit_packed=True
    )
    return syndromes, flips, DECODERS[decoder].compile(made.model)


def test_results_are_known_by_the_library_that_decodes():
    assert {name: one.library for name, one in DECODERS.items()} == content.DECODERS


def test_two_programs_find_the_same_matching():
    syndromes, flips, decode = sample("fusion_blossom", distance=5)
    _, _, matching = sample("pymatching", distance=5)
    assert (decode(syndromes) != matching(syndromes)).mean() < 0.005 < (decode(syndromes) != flips).mean()


def test_faults_above_one_half_have_no_positive_weight():
    with pytest.raises(ValueError, match="above 1/2"):
        DECODERS["fusion_blossom"].compile(stim.DetectorErrorModel("error(0.7) D0 L0"))


@pytest.mark.parametrize("decoder", TESTED)
def test_no_more_errors_than_matching_makes(decoder):
    syndromes, flips, decode = sample(decoder)
    _, _, matching = sample("pymatching")
    errors, limit = (int((flips != one(syndromes)).any(axis=1).sum()) for one in (decode, matching))
    assert 0 < errors <= limit + 3 * sqrt(limit)


@pytest.mark.parametrize("decoder", ("fusion_blossom", *TESTED))
def test_a_prediction_depends_on_its_syndrome_alone(decoder):
    syndromes, _, decode = sample(decoder)
    order = np.random.default_rng(1).permutation(SHOTS)
    assert (decode(syndromes[order]) == decode(syndromes)[order]).all()


@pytest.mark.parametrize("decoder", TESTED)
def test_observables_of_a_bicycle_code_are_decoded(decoder):
    syndromes, flips, decode = sample(decoder, "bivariate_bicycle", 6, 0.003, 100)
    assert flips.any(axis=1).mean() > 0.5
    assert (flips != decode(syndromes)).any(axis=1).mean() < 0.15


@pytest.mark.parametrize("decoder", TESTED)
def test_a_model_with_fewer_faults_than_detectors_is_decoded(decoder):
    decode = DECODERS[decoder].compile(stim.DetectorErrorModel("error(0.1) D0 D1 D2 L0"))
    assert decode(np.array([[0b000], [0b111]], dtype=np.uint8)).tolist() == [[0], [1]]
