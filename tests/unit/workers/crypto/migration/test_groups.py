"""OpenSSL's lists of groups: a group is put first or last, once, and none is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.crypto.migration import groups

NAMES = st.sampled_from(["X25519", "secp256r1", "P-384", "X25519MLKEM768", "SecP384r1MLKEM1024", "ffdhe2048"])
LISTS = st.lists(
    st.tuples(st.sampled_from(["", "?", "*", "?*"]), NAMES, st.sampled_from(":/")), min_size=1
).map(lambda parts: "".join(f"{mark}{name}{parting}" for mark, name, parting in parts)[:-1])


def plain(text):
    return [one.lstrip("?*").lower() for one in re.split("[:/]", text)]


@given(LISTS, NAMES)
def test_a_group_goes_first_or_last_and_none_is_lost(text, group):
    groups.check(text)
    last, first = groups.last(text, group), groups.first(text, group)
    groups.check(last)
    groups.check(first)
    assert groups.holds(last, group) and set(plain(last)) == {*plain(text), group.lower()}
    assert plain(first) == [group.lower(), *(one for one in plain(text) if one != group.lower())]
    assert first.startswith(f"{group}/") or first == group


@pytest.mark.parametrize("text", ["auto", "DEFAULT"])
def test_words_for_the_default_list_hold_its_groups(text):
    assert groups.last(text, "X25519MLKEM768") == text
    assert groups.last(text, "SecP384r1MLKEM1024").endswith("/SecP384r1MLKEM1024")
    assert groups.first(text, "X25519MLKEM768").startswith("X25519MLKEM768/?X25519:")


@pytest.mark.parametrize("text", ["", ":", "X25519:", "X25519,P-256", "X25519 P-256", "a//b", "$groups"])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(ValueError, match="is no list of groups"):
        groups.check(text)
