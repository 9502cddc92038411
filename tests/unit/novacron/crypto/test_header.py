"""The header's parser: whatever it is fed, it returns a header or raises one error."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto.header import LARGEST_BYTES, MAC_BYTES, MOST_RECIPIENTS, Header, Preamble, Stanza
from novacron.errors import NotAuthentic

names = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=128)
stanzas = st.builds(
    Stanza, st.tuples(*[st.integers(0, 65535)] * 3), names, st.binary(max_size=300)
)  # fmt: skip
headers = st.builds(
    Header,
    st.builds(Preamble, st.binary(min_size=16, max_size=16), st.binary(min_size=48, max_size=48)),
    st.lists(stanzas, min_size=1, max_size=5, unique_by=lambda one: one.key_id).map(tuple),
    st.binary(min_size=MAC_BYTES, max_size=MAC_BYTES),
)
HEADER = Header(Preamble(bytes(16), bytes(48)), (Stanza((1, 2, 3), "a", b"x"),), bytes(MAC_BYTES))


@given(headers)
@settings(max_examples=50)
def test_what_is_written_is_read(header):
    source = io.BytesIO(header.encode() + b"payload")
    assert Header.read(source) == header
    assert source.read() == b"payload"


@given(st.binary(max_size=400), st.integers(0, 78))
@settings(max_examples=100)
def test_any_bytes_are_a_header_or_refused(data, kept):
    try:
        found = Header.decode(HEADER.encode()[:kept] + data)
    except NotAuthentic:
        return
    assert found.encode() == HEADER.encode()[:kept] + data


@pytest.mark.parametrize("size", range(len(HEADER.encode())))
def test_a_header_cut_short_is_refused(size):
    with pytest.raises(NotAuthentic):
        Header.decode(HEADER.encode()[:size])


@pytest.mark.parametrize(
    ("at", "value"), [(0, b"n"), (6, b"\2"), (7, b"\2"), (24, b"\1"), (76, b"\0"), (76, b"\x41"), (86, b" ")]
)
def test_what_is_not_of_this_version_is_refused(at, value):
    data = HEADER.encode()
    with pytest.raises(NotAuthentic):
        Header.decode(data[:at] + value + data[at + 1 :])


def test_limits():
    most = Header(
        HEADER.preamble, tuple(Stanza((1, 2, 3), f"{i:0128}", bytes(4096)) for i in range(64)), HEADER.mac
    )
    assert len(most.encode()) == LARGEST_BYTES
    assert Header.decode(most.encode()) == most
    for stanza in (
        Stanza((1, 2, 3), "", b""),
        Stanza((1, 2, 3), "a" * 129, b""),
        Stanza((1, 2, 3), "a", bytes(4097)),
    ):
        with pytest.raises(NotAuthentic):
            Header.decode(Header(HEADER.preamble, (stanza,), HEADER.mac).encode())
    doubled = Header(HEADER.preamble, HEADER.stanzas * 2, HEADER.mac)
    with pytest.raises(NotAuthentic):
        Header.decode(doubled.encode())
    many = Header(
        HEADER.preamble, tuple(Stanza((1, 2, 3), str(i), b"") for i in range(MOST_RECIPIENTS + 1)), HEADER.mac
    )
    with pytest.raises(NotAuthentic):
        Header.decode(many.encode())


def test_nothing_follows_a_header_alone():
    with pytest.raises(NotAuthentic):
        Header.decode(HEADER.encode() + b"\0")


def test_a_suite_unknown_here_is_kept_as_it_is():
    assert Header.decode(HEADER.encode()).stanzas[0].suite is None
