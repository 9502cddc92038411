import json

import pytest

from novacron.errors import BadInput
from shared.algorithms import ALGORITHMS, find, listing
from workers import crypto


def test_the_listing_is_json_with_a_row_each():
    rows = json.loads(json.dumps(listing()))
    assert [row["name"] for row in rows] == list(ALGORITHMS)
    assert rows[0]["ciphertext_bytes"] == 1088 and rows[1]["signature_bytes"] == 3309


def test_every_algorithm_has_a_provider_that_loads():
    for algorithm in ALGORITHMS.values():
        assert set(algorithm.providers) <= set(crypto.PROVIDERS)
        assert crypto.load(algorithm).name == algorithm.providers[0]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ml-kem-768", "did you mean 'ML-KEM-768'?"),
        ("Dilithium3", "ML-DSA-65"),
        ("KYBER-768", "ML-KEM-768"),
        ("RSA", "known: ML-KEM-768"),
        (None, "known"),
    ],
)
def test_an_unknown_algorithm_is_answered_with_the_nearest(name, hint):
    with pytest.raises(BadInput) as caught:
        find(name)
    assert caught.value.field == "algorithm" and hint in str(caught.value.hint)
