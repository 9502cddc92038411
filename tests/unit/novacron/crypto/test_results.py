"""Signed results: good as they were signed, and the change is named where they are not."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto import PrivateKey, Signer, verify_result
from novacron.crypto.results import parts, sign, trusted
from novacron.errors import BadInput, Conflict, NotAuthentic

KEY = PrivateKey.generate("ML-DSA-65")
JOB = {
    "job_id": "j1", "kind": "hybrid_vqe", "name": "h2", "status": "completed", "priority": 0,
    "created_at": "2026-11-25T07:00:00+00:00", "finished_at": "2026-11-25T07:00:01+00:00",
    "spec": {"kind": "hybrid_vqe", "seed": 7},
    "result": {"energy": -1.1361894540659225, "parameters": [0.1, 1.0, 1e-7], "receipt": {"seed": 7}},
}  # fmt: skip


def signed():
    signable = parts(JOB)
    return json.loads(json.dumps({**signable, "signature": sign(signable, Signer.of(KEY))}))


DOCUMENT = signed()


def test_as_it_was_signed():
    found = verify_result(DOCUMENT)
    assert found.key == KEY.public
    assert trusted(found, [KEY.public]) is found
    assert DOCUMENT["result"]["energy"] == -1.1361894540659225
    assert DOCUMENT["receipt"] == {"seed": 7}
    assert "priority" not in DOCUMENT["job"]


def test_a_tool_that_writes_the_numbers_otherwise_changes_nothing():
    text = json.dumps(DOCUMENT, indent=4, sort_keys=True).replace("1e-07", "0.0000001").replace("1.0,", "1,")
    verify_result(json.loads(text))


def test_a_key_that_is_not_trusted_is_named():
    for keys in ([], [PrivateKey.generate("ML-DSA-65").public]):
        with pytest.raises(NotAuthentic, match=KEY.public.fingerprint):
            trusted(verify_result(DOCUMENT), keys)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("result", "energy", -1.1361894540659223), ("result", "parameters", [0.1, 1.0]), ("job", "spec", {}),
        ("job", "job_id", "j2"), ("receipt", "seed", 8), ("result", "more", 1), ("receipt", "more", None),
    ],
)  # fmt: skip
def test_a_change_is_named(part, name, value):
    changed = copy.deepcopy(DOCUMENT)
    changed[part][name] = value
    with pytest.raises(NotAuthentic, match=f"changed since it was signed: {part}.{name}$"):
        verify_result(changed)


def test_what_was_taken_out_is_named():
    changed = copy.deepcopy(DOCUMENT)
    del changed["result"]["energy"]
    with pytest.raises(NotAuthentic, match=r"result\.energy"):
        verify_result(changed)


@pytest.mark.parametrize(
    "name", ["key_id", "signed_at", "digests", "value", "public_key", "algorithm", "format"]
)
def test_every_member_of_the_signature_counts(name):
    changed = copy.deepcopy(DOCUMENT)
    changed["signature"][name] = {} if name == "digests" else "AAAA"
    with pytest.raises((BadInput, NotAuthentic)):
        verify_result(changed)


def test_digests_made_to_fit_do_not_help():
    forged, other = copy.deepcopy(DOCUMENT), parts({**JOB, "result": {"energy": -2.0}})
    forged.update(other)
    forged["signature"]["digests"] = sign(other, Signer.of(PrivateKey.generate("ML-DSA-65")))["digests"]
    with pytest.raises(NotAuthentic, match="is invalid"):
        verify_result(forged)


def test_further_parts_are_refused():
    with pytest.raises(BadInput):
        verify_result({**DOCUMENT, "note": "approved"})


MEMBERS = st.sampled_from(["job", "result", "receipt", "signature", "format", "digests"])
LEAVES = st.none() | st.integers() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.dictionaries(MEMBERS, inner) | st.lists(inner), max_leaves=8))
@settings(max_examples=60, deadline=None)
def test_any_json_is_refused(document):
    with pytest.raises(BadInput):
        verify_result(document)


def test_only_completed_jobs_have_something_to_sign():
    with pytest.raises(Conflict, match="running"):
        parts({**JOB, "status": "running"})


def test_a_result_that_is_no_object():
    assert parts({**JOB, "result": 7})["result"] == {"value": 7}
