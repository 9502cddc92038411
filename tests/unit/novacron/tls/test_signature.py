"""The signature scheme is found in the messages it stands in, and nothing else breaks the reading."""

from hypothesis import given
from hypothesis import strategies as st

from novacron.tls.groups import SCHEMES, scheme_name
from novacron.tls.signature import scheme


@given(st.binary(max_size=80))
def test_any_bytes_are_read(message):
    found = scheme(message)
    assert found is None or 0 <= found <= 0xFFFF


@given(st.sampled_from(sorted(SCHEMES)), st.binary(max_size=60))
def test_certificate_verify(code, signature):
    """RFC 8446, section 4.4.3: type, length of three bytes, scheme, signature."""
    body = code.to_bytes(2, "big") + len(signature).to_bytes(2, "big") + signature
    assert scheme(b"\x0f" + len(body).to_bytes(3, "big") + body) == code


@given(st.sampled_from(sorted(SCHEMES)), st.binary(min_size=1, max_size=255))
def test_server_key_exchange(code, point):
    """RFC 8422, section 5.4: named curve, its number, point, scheme, signature."""
    body = b"\x03\x00\x1d" + bytes([len(point)]) + point + code.to_bytes(2, "big") + b"\x00\x00"
    assert scheme(b"\x0c" + len(body).to_bytes(3, "big") + body) == code


def test_messages_without_a_scheme():
    assert scheme(b"\x01\x00\x00\x04\x09\x05\x00\x00") is None
    assert scheme(b"\x0f\x00\x00\x00") is None
    assert scheme(b"\x0c\x00\x00\x04\x01\x00\x1d\x00\x09\x05") is None  # an explicit curve


def test_names():
    assert scheme_name(0x0905) == "mldsa65"
    assert scheme_name(0xFE01) == "0xfe01"
