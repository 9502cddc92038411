"""A PEM file is made anew in the shape of the old one."""

import pytest

from workers.crypto.migration import pem, remains


def block(label, text):
    return f"-----BEGIN {label}-----\n{text}\n-----END {label}-----\n".encode()


LEAF, ROOT, KEY = (
    block("CERTIFICATE", "bGVhZg=="),
    block("CERTIFICATE", "cm9vdA=="),
    block("PRIVATE KEY", "a2V5"),
)
CHAIN, NEW = block("CERTIFICATE", "bmV3"), block("PRIVATE KEY", "bmV3")
DH, PARAMETERS = block("DH PARAMETERS", "ZGg="), block("EC PARAMETERS", "ZWM=")
EC = block("EC PRIVATE KEY", "ZWM=")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (LEAF + ROOT + KEY, CHAIN + NEW),
        (KEY + LEAF + ROOT, NEW + CHAIN),
        (b"# site\n" + LEAF + DH + PARAMETERS + EC, CHAIN + DH + NEW),
        (LEAF, CHAIN + NEW),
        (b"\x30\x82 no PEM", CHAIN + NEW),
    ],
)
def test_both_are_where_they_were(old, new):
    assert pem.like(old, chain=CHAIN, key=NEW) == new


def test_only_what_is_given_is_put_in():
    assert pem.like(LEAF, chain=CHAIN) == CHAIN
    assert pem.like(PARAMETERS + EC, key=NEW) == NEW


def test_private_keys_are_found_among_the_rest():
    assert remains.private_keys(LEAF + EC + DH + KEY) == EC + KEY
    assert remains.private_keys(LEAF) == b""
