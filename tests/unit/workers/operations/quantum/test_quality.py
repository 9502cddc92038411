"""What results and noise models say of how good a backend is, and that nothing is said where they do not."""

import pytest

from novacron.specs.noise import Noise
from workers.operations.quantum.quality import coherence_s, fidelity_of


@pytest.mark.parametrize(
    ("result", "fidelity"),
    [
        ({"fidelity": 0.75, "ideal_probabilities": {"0": 1.0}, "probabilities": {"0": 1.0}}, 0.75),
        ({"ideal_probabilities": {"0": 1.0}, "probabilities": {"0": 0.9, "1": 0.1}}, 0.9),
        ({"ideal_probabilities": {"0": 0.5, "1": 0.5}, "counts": {"0": 50, "1": 50}}, 1.0),
        ({"ideal_probabilities": {"0": 1.0}, "counts": {"1": 10}}, 0.0),
        ({"probabilities": {"0": 1.0}}, None),
        ({"ideal_probabilities": {"0": 1.0}}, None),
    ],
)
def test_fidelity_is_what_was_asked_or_that_of_the_outcomes(result, fidelity):
    assert fidelity_of(result) == (None if fidelity is None else pytest.approx(fidelity))


def test_coherence_is_the_mean_over_qubits_of_a_calibration():
    calibration = {
        "name": "one", "qubits": [{"t1_s": 1e-4, "t2_s": 6e-5}, {"t1_s": 3e-4, "t2_s": 2e-5}],
        "gates": [
            {"gate": "cx", "qubits": [0, 1], "error": 0.01, "duration_s": 3e-7},
            {"gate": "h", "qubits": [0], "error": 0.001, "duration_s": 3e-8},
        ],
    }  # fmt: skip
    found = coherence_s(Noise.from_backend(calibration).document)
    assert found == {"t1": pytest.approx(2e-4), "t2": pytest.approx(4e-5)}


def test_a_model_without_relaxation_has_no_coherence_time():
    assert coherence_s(Noise(errors=({"name": "depolarizing", "p": 0.1},)).document) == {}
