"""Circuits of the user."""

from dataclasses import replace

import pytest
import stim

from novacron.errors import BadInput
from novacron.specs.qec_point import GivenPoint
from workers.quantum.qec.decoders import DECODERS
from workers.quantum.qec.experiment import experiment

CIRCUIT = str(
    stim.Circuit.generated(
        "repetition_code:memory", distance=3, rounds=3, before_round_data_depolarization=0.05
    )
)
STRONG_ID = "29a740afc9eccc7d6dbafaf88814ebaa8798c9771a161ade77d2e37091f91c24"
"""That of sinter 1.16.0 for `Task(circuit=..., decoder="pymatching", json_metadata={"d": 3})`."""


def test_a_circuit_is_sampled_and_has_the_id_of_sinter():
    made = experiment(GivenPoint(CIRCUIT, "pymatching", {"d": 3}))
    assert made.strong_id == STRONG_ID and made.distance() == 3
    rate = made.errors(made.stream(1), 0) / made.chunk_shots
    assert 0.005 < rate < 0.02


@pytest.mark.parametrize(
    ("change", "field", "value", "rule", "hint"),
    [
        (("\nM 0", "\nFOO 0"), "circuit", None, "Gate not found: 'FOO'", None),
        (("DEPOLARIZE1(0.05)", "I"), "circuit", None, "has no noise", None),
        (("MR 1", "H 1\n    MR 1"), "circuit", "D4", "detector 4 is not deterministic", None),
        (
            ("DEPOLARIZE1(0.05)", "DEPOLARIZE1(0.04)"),
            "decoder",
            "chromobius",
            "at least 4 coordinates",
            "pymatching, pymatching_correlated",
        ),
    ],
)
def test_a_circuit_that_cannot_be_decoded_is_refused(change, field, value, rule, hint):
    assert change[0] in CIRCUIT
    with pytest.raises(BadInput) as caught:
        experiment(GivenPoint(CIRCUIT.replace(*change), "chromobius"))
    assert (caught.value.field, caught.value.value) == (field, value)
    assert rule in caught.value.rule and (hint is None or hint in (caught.value.hint or ""))


def test_a_circuit_whose_faults_are_all_seen_has_no_distance():
    circuit = "X_ERROR(0.1) 0\nM 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]"
    assert experiment(GivenPoint(circuit, "pymatching")).distance() is None


def test_a_decoder_that_is_not_installed_is_refused_with_what_to_install(monkeypatch):
    absent = replace(DECODERS["bposd"], library="no-such-package")
    monkeypatch.setitem(DECODERS, "bposd", absent)
    with pytest.raises(BadInput, match="needs the package no-such-package") as caught:
        experiment(GivenPoint(CIRCUIT, "bposd"))
    assert caught.value.field == "decoder" and "novacron[qec]" in (caught.value.hint or "")


def test_matching_refuses_hyperedges():
    circuit = "R 0 1 2\nE(0.1) X0 X1 X2\nM 0 1 2\n" + "".join(f"DETECTOR rec[-{k}]\n" for k in (1, 2, 3))
    with pytest.raises(BadInput, match="decompose") as caught:
        experiment(GivenPoint(circuit + "OBSERVABLE_INCLUDE(0) rec[-1]", "pymatching"))
    assert caught.value.field == "decoder" and caught.value.value == "pymatching"
