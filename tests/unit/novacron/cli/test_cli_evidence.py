"""Evidence of migration steps as `crypto status` tells it."""

import pytest

from novacron.cli.crypto.evidence import words

SEEN = {"group": "X25519MLKEM768", "signature": "mldsa65"}


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        ({}, ""),
        ({"archive": {}}, ""),
        ({"archive": {"rewrapped": 3, "verified_by": "liboqs"}}, "archive: rewrapped 3, verified by liboqs"),
        (
            {"edge": {"groups": "X25519MLKEM768", "probe": {"handshake": SEEN}}, "docs": {"confirmed": True}},
            "edge: groups X25519MLKEM768, seen X25519MLKEM768 and mldsa65; docs: confirmed",
        ),
        ({"web": {"probe": None, "fingerprint_sha256": "0123456789abcdef" * 4}},
         "web: fingerprint sha256 0123456789abcdef..."),
        ({"web": {"probe": {"handshake": None}, "verified_by": ["one", "two"]}},
         "web: verified by one and two"),
        ({"login": {"probe": {"methods": ["a", "b"], "preferred": "a", "classical": ["b"]}}},
         "login: seen a, 1 classical methods"),
        ({"releases": {"new": {"algorithm": "ML-DSA-65"}}}, "releases: new (algorithm ML-DSA-65)"),
        ({"restored": []}, "nothing to restore"),
        ({"restored": ["this is", "and that"]}, "this is; and that"),
    ],
)  # fmt: skip
def test_evidence_is_told_in_words(evidence, told):
    assert words(evidence) == told
