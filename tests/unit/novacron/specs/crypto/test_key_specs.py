"""Jobs on keys, as they are asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs import parse_spec

KEY = "key_" + "0" * 26
WHOLE = {
    "generate_key": {"algorithm": "ML-KEM-768"},
    "import_key": {"sealed": "AAAA", "transport_key": KEY},
    "transport_key": {},
    "rotate_key": {"key_id": KEY},
    "retire_key": {"key_id": KEY},
    "destroy_key": {"key_id": KEY},
    "sign": {"key_id": KEY, "payload": "AAAA"},
    "verify": {"key_id": KEY, "payload": "AAAA", "signature": "AAAA"},
    "rotate_kek": {},
    "sign_audit": {},
}
WRONG = [
    ("generate_key", {"usage": "everything"}, "usage"),
    ("generate_key", {"usage": ["sign", "decrypt"]}, "usage"),
    ("generate_key", {"usage": []}, "usage"),
    ("generate_key", {"usage": {}}, "usage"),
    ("generate_key", {"parameters": {"level": 3}}, "parameters.level"),
    ("generate_key", {"label": "two\nlines"}, "label"),
    ("rotate_key", {"key_id": "key_1"}, "key_id"),
    ("rotate_key", {"expected_version": 0}, "expected_version"),
    ("destroy_key", {"version": "1"}, "version"),
    ("sign", {"payload": "not base64"}, "payload"),
    ("sign", {"context": "x" * 256}, "context"),
    ("sign", {"context": "ä" * 128}, "context"),
    ("verify", {"signature": None}, "signature"),
    ("rotate_kek", {"renew": 1}, "renew"),
]


def spec(operation, **changed):
    return parse_spec({"kind": "cryptographic", "operation": operation, **WHOLE[operation], **changed})


@pytest.mark.parametrize("operation", WHOLE)
def test_a_whole_job_is_taken_and_stays_the_same(operation):
    found = spec(operation)
    assert parse_spec(found.model_dump(mode="json"), stored=True) == found


@pytest.mark.parametrize(("operation", "changed", "field"), WRONG)
def test_what_breaks_a_rule_is_named(operation, changed, field):
    with pytest.raises(BadInput) as refused:
        spec(operation, **changed)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("family", "parameters", "name"),
    [
        ("ML-KEM", {"parameter_set": 768}, "ML-KEM-768"),
        ("SLH-DSA", {"parameter_set": "SHA2-128s"}, "SLH-DSA-SHA2-128s"),
        ("ML-KEM-768", {}, "ML-KEM-768"),
        ("ML-KEM-768", None, "ML-KEM-768"),
    ],
)
def test_parameters_complete_the_name(family, parameters, name):
    assert spec("generate_key", algorithm=family, parameters=parameters).algorithm_name == name


def test_only_an_admin_ends_keys_and_the_operator_rotates_what_seals():
    assert {name for name in WHOLE if spec(name).needed_role == "admin"} == {"retire_key", "destroy_key"}
    assert {name for name in WHOLE if spec(name).needed_role == "operator"} == {"rotate_kek"}


@given(text=st.text(max_size=40))
@settings(max_examples=60)
def test_any_text_for_a_key_is_refused_or_a_key(text):
    try:
        assert len(spec("retire_key", key_id=text).key_id) == 30
    except BadInput as refused:
        assert refused.field == "key_id"


@pytest.mark.parametrize(
    ("called", "usage"),
    [
        ("sign", "sign"), ("Signature", "sign"), (["sign", "verify"], "sign"), ("digital_signature", "sign"),
        ("encryption", "decrypt"), (["encrypt", "decrypt"], "decrypt"), (["wrapKey", "unwrapKey"], "decrypt"),
        ("kem", "decapsulate"), ("key-encapsulation", "decapsulate"), (None, None),
    ],
)  # fmt: skip
def test_a_usage_goes_by_any_of_its_names(called, usage):
    assert spec("generate_key", usage=called).usage == usage
