import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from scheduler.api.parsers import json_text
from scheduler.api.parsers.json_text import DEEPEST, MOST_MEMBERS, MOST_VALUES

TEXTS = st.text(st.sampled_from('a,:[]{}"\\\n\u00e4'), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)


@given(VALUES)
def test_json_is_what_it_is(value):
    assert json_text.loads(json.dumps(value).encode()) == value


@given(st.binary(max_size=40) | st.text(st.sampled_from('[]{}",:1\\'), max_size=40).map(str.encode))
def test_what_is_no_json_is_refused_and_nothing_else_is(raw):
    try:
        wanted = json.loads(raw)
    except ValueError:
        with pytest.raises(BadInput):
            json_text.loads(raw)
    else:
        found = json_text.loads(raw)
        assert found == wanted or found != found


def count(value):
    """Values and members of a value, itself one of the former."""
    if isinstance(value, dict):
        parts = [count(one) for one in value.values()]
        return 1 + sum(n for n, _ in parts), len(value) + sum(n for _, n in parts)
    if isinstance(value, list):
        parts = [count(one) for one in value]
        return 1 + sum(n for n, _ in parts), sum(n for _, n in parts)
    return 1, 0


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(VALUES, st.integers(1, 12), st.integers(0, 6), st.integers(1, 4))
def test_limits_are_those_of_the_values_and_not_of_marks_in_strings(value, values, members, deep):
    raw = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json_text, "MOST_VALUES", values)
        patched.setattr(json_text, "MOST_MEMBERS", members)
        patched.setattr(json_text, "DEEPEST", deep)
        n_values, n_members = count(value)
        empty = sum(raw.count(pair) for pair in (b"[]", b"{}"))
        try:
            json_text.check(raw)
        except BadInput:
            assert n_values + empty >= values or n_members > members or depth(value) > deep
        else:
            assert n_values <= values and n_members <= members
            assert depth(value) <= deep + 1


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"[" + b"1," * MOST_VALUES + b"1]", "values, more than"),
        (b"{" + b'"a":1,' * MOST_MEMBERS + b'"a":1}', "members of objects"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "nested too deep"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "nested too deep"),
        (b"[" * 2_000_000, "nested too deep"),
        (b"[[" + b"[1]," * 100 + b"[" * 100, "nested too deep"),
    ],
)
def test_bombs_are_refused(raw, rule):
    with pytest.raises(BadInput, match=rule):
        json_text.loads(raw)


def test_a_text_full_of_marks_is_one_value():
    text = '[{"a": 1}, ' * 1_000_000
    assert json_text.loads(json.dumps({"text": text}).encode()) == {"text": text}


@pytest.mark.parametrize("tail", [b'"' + b'\\"' * 500_000, b'"' + b"\\" * 999_999, b'"a"b' * 300_000])
def test_strings_cut_off_are_gone_through_once(tail):
    with pytest.raises(BadInput):
        json_text.loads(b"[[1]," * 65 + tail)


def test_as_deep_as_allowed():
    deep = json_text.loads(b"[" * DEEPEST + b"]" * DEEPEST)
    assert depth(deep) == DEEPEST
