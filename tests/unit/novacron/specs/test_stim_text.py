"""What is known of a circuit of Stim before it is simulated."""

import pytest
import stim
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import parse_spec
from novacron.specs.stim_text import counted

BODY = "M 0\nDETECTOR(1)[a tag # with } and {] rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]\n"


@given(
    st.recursive(
        st.sampled_from(["M 0 # } {\n", "DETECTOR[#}{] rec[-1]\n", "OBSERVABLE_INCLUDE(0) rec[-1]\n"]),
        lambda inner: st.tuples(st.integers(1, 4), st.lists(inner, min_size=1, max_size=3)).map(
            lambda made: f"REPEAT {made[0]} {{\n{''.join(made[1])}}}\n"
        ),
        max_leaves=12,
    )
)
def test_detectors_are_counted_as_stim_counts_them(text):
    circuit = stim.Circuit("M 0\n" + text)
    detectors, included = counted(text)
    assert detectors == circuit.num_detectors and bool(included) == bool(circuit.num_observables)


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("M 0\nDETECTOR rec[-1]", "no observable", "0 observables"),
        ("M 0\nOBSERVABLE_INCLUDE(0) rec[-1]", "1 to 1,000,000 detectors", "0 detectors"),
        ("REPEAT 1000001 {\n" + BODY + "}", "1 to 1,000,000 detectors", "1,000,001 detectors"),
        ("REPEAT 2 {\n" + BODY, "have no end", "{"),
        (BODY + "}", "line 4: this } ends no block", "}"),
        ("LOOP 2 {\n" + BODY + "}", "line 1: a block must begin with REPEAT", "LOOP 2"),
    ],
)
def test_a_circuit_without_its_annotations_is_refused(text, rule, value):
    with pytest.raises(BadInput) as caught:
        parse_spec({"kind": "qec_memory", "circuit": {"stim": text}})
    assert caught.value.field == "circuit.stim" and caught.value.value == value
    assert rule in caught.value.rule
