"""Sealed private keys open for what they are bound to, and for nothing else."""

import base64
import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.db.crypto.keys import Sealed
from workers.crypto.keys.kek import KekError, LocalKek
from workers.crypto.keys.sealing import Binding, rewrap, seal, unseal

BINDING = Binding(1, "key_A", 1, "ML-DSA-65", "sign")
OTHERS: dict[str, Any] = {
    "tenant_id": 2,
    "key_id": "key_B",
    "version": 2,
    "algorithm": "ML-DSA-44",
    "usage": "decrypt",
}
SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def kek():
    return LocalKek(os.urandom(32))


def test_a_sealed_key_opens(kek):
    sealed = seal(kek, SECRET, BINDING)
    assert unseal(kek, sealed, BINDING) == SECRET
    assert SECRET not in sealed.ciphertext + sealed.wrapped_dek


def test_sealing_twice_gives_nothing_in_common(kek):
    one, two = seal(kek, SECRET, BINDING), seal(kek, SECRET, BINDING)
    assert one.ciphertext != two.ciphertext and one.wrapped_dek != two.wrapped_dek


@pytest.mark.parametrize("name", OTHERS)
def test_it_opens_for_nothing_else(kek, name):
    sealed = seal(kek, SECRET, BINDING)
    with pytest.raises(KekError, match="does not open"):
        unseal(kek, sealed, replace(BINDING, **{name: OTHERS[name]}))


@given(data=st.data())
@settings(max_examples=60)
def test_a_changed_byte_opens_nothing(data):
    kek = LocalKek(bytes(32))
    sealed = seal(kek, SECRET, BINDING)
    part = data.draw(st.sampled_from(["wrapped_dek", "ciphertext"]))
    value = bytearray(getattr(sealed, part))
    at = data.draw(st.integers(0, len(value) - 1))
    value[at] ^= data.draw(st.integers(1, 255))
    changed: dict[str, Any] = {part: bytes(value)}
    with pytest.raises(KekError, match="does not open"):
        unseal(kek, replace(sealed, **changed), BINDING)


@given(wrapped=st.binary(max_size=80), ciphertext=st.binary(max_size=80))
@settings(max_examples=60)
def test_bytes_from_nowhere_open_nothing(wrapped, ciphertext):
    with pytest.raises(KekError, match="does not open"):
        unseal(LocalKek(bytes(32)), Sealed("kek", wrapped, ciphertext), BINDING)


def test_re_wrapping_leaves_the_ciphertext_and_needs_only_the_new_kek(kek):
    new = LocalKek(os.urandom(32))
    before = seal(kek, SECRET, BINDING)
    after = rewrap(kek, new, before, BINDING)
    assert after.ciphertext == before.ciphertext
    assert unseal(new, after, BINDING) == SECRET
    with pytest.raises(KekError):
        unseal(kek, after, BINDING)


def test_nothing_secret_is_printed(kek):
    sealed = seal(kek, SECRET, BINDING)
    assert sealed.ciphertext.hex() not in repr(sealed) and repr(sealed.ciphertext) not in repr(sealed)
    assert kek.text() not in repr(kek) + kek.kek_id
    assert base64.b64decode(kek.text()).hex()[:24] not in kek.kek_id
