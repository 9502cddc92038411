"""An exported log is believed only as it was written and signed."""

import base64
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto import PrivateKey
from novacron.crypto.audit import CONTEXT, GENESIS, entry_hash, head_statement, verify
from novacron.errors import BadInput

KEY = PrivateKey.generate("ML-DSA-65")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.text(max_size=5)
    | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def written(count, *, signed=None, key=KEY):
    entries, previous = [], GENESIS
    for seq in range(1, count + 1):
        entry = {
            "tenant": 7, "seq": seq, "at": f"2026-11-25T00:00:0{seq}+00:00", "actor": "me",
            "action": "key.rotate", "subject": f"key_{seq}", "details": {"version": seq},
            "previous": previous.hex(),
        }  # fmt: skip
        previous = entry_hash(entry)
        entries.append(entry | {"hash": previous.hex()})
    return {"entries": entries, "head": head(entries, signed or count, key) if count else None}


def head(entries, seq, key=KEY):
    statement = head_statement(7, seq, bytes.fromhex(entries[seq - 1]["hash"]))
    signature = key.components[0].sign(statement, CONTEXT)
    texts = {"public_key": key.public.raw, "signature": signature}
    return {"seq": seq} | {name: base64.b64encode(value).decode() for name, value in texts.items()}


def test_a_whole_log_holds():
    verdict = verify(written(4))
    assert verdict.good
    assert (verdict.n_entries, verdict.n_signed, verdict.fingerprint) == (4, 4, KEY.public.fingerprint)


def test_an_empty_log_holds():
    assert verify(written(0)).good


@pytest.mark.parametrize(
    "field", ["at", "actor", "action", "subject", "details", "tenant", "previous", "hash"]
)
def test_a_changed_field_is_found_and_named(field):
    log = written(4)
    log["entries"][1][field] = "00" * 32
    verdict = verify(log)
    assert not verdict.good
    assert (verdict.n_entries, "entry 2" in verdict.why) == (1, True)


def test_a_removed_entry_is_found():
    log = written(4)
    del log["entries"][2]
    assert verify(log).why == "entry 3 is missing: number 4 stands in its place"


def test_a_swapped_pair_is_found():
    log = written(4)
    log["entries"][1:3] = log["entries"][2:0:-1]
    assert "entry 2 is missing" in verify(log).why


def test_a_log_cut_short_is_found():
    log = written(4)
    del log["entries"][3]
    assert verify(log).why == "entries 4 to 4 are missing: the signature covers them"


def test_a_tail_without_a_signature_is_found():
    verdict = verify(written(4, signed=3))
    assert (verdict.why, verdict.n_signed) == ("entries 4 to 4 are not signed", 3)


def test_a_log_without_a_signature_does_not_hold():
    assert verify(written(2) | {"head": None}).why == "it is not signed"


def test_a_rewritten_log_is_another_keys():
    other = PrivateKey.generate("ML-DSA-65")
    forged = written(4, key=other)
    assert verify(forged).fingerprint != KEY.public.fingerprint
    forged["head"]["public_key"] = written(1)["head"]["public_key"]
    assert "is invalid" in verify(forged).why


@given(log=JSON)
@settings(max_examples=80)
def test_anything_else_is_refused(log):
    with pytest.raises(BadInput):
        verify(log)


@given(data=st.data())
@settings(max_examples=80)
def test_a_log_with_anything_in_it_is_refused_or_does_not_hold(data):
    log = copy.deepcopy(LOG)
    place = data.draw(st.sampled_from([log["head"], *log["entries"]]))
    name = data.draw(st.sampled_from(sorted(place)))
    value = data.draw(JSON)
    if value == place[name]:
        return
    place[name] = value
    try:
        assert not verify(log).good
    except BadInput:
        pass


LOG = written(3)
