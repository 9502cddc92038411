"""Every algorithm of every provider here, held to one and the same behaviour."""

import hashlib
import os
import sys
from functools import cache

import pytest

from novacron.algorithms import ALGORITHMS, Algorithm
from shared.crypto import liboqs, libraries
from workers.crypto import providers
from workers.crypto.providers import self_test
from workers.crypto.providers.base import CiphertextError, KeyPair, Provider, SealError

MESSAGE, CONTEXT, INFO = b"pay Bob 10", b"conformance", b"for the tests"
CASES = [(name, one) for one in ALGORITHMS.values() for name in libraries.present(one)]
OF_TYPE = {
    type_: [case for case in CASES if case[1].type == type_] for type_ in ("kem", "signature", "encryption")
}


def each(cases):
    ids = [f"{name}-{algorithm.name}" for name, algorithm in cases]
    return pytest.mark.parametrize("case", cases, ids=ids)


@cache
def pair_of(case: tuple[str, Algorithm]) -> KeyPair:
    name, algorithm = case
    return providers.provider(name).generate(algorithm.name)


@cache
def other_pair_of(case: tuple[str, Algorithm]) -> KeyPair:
    name, algorithm = case
    return providers.provider(name).generate(algorithm.name)


@cache
def signature_of(case: tuple[str, Algorithm]) -> bytes:
    name, algorithm = case
    return providers.provider(name).sign(algorithm.name, pair_of(case).private, MESSAGE, CONTEXT)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_every_provider_is_here():
    """Where tests run unattended, a provider that is not here is an error; its wheel is for Python 3.12."""
    required = os.environ.get("CI") and sys.version_info[:2] == (3, 12)
    absent = {"liboqs"} if liboqs.probed().refusal and not required else set()
    assert {name for name, _ in CASES} == set(providers.PROVIDERS) - absent


@each(CASES)
def test_sizes_and_the_stored_form(case):
    name, algorithm = case
    provider: Provider = providers.provider(name)
    pair = pair_of(case)
    assert len(pair.public) == algorithm.public_key_bytes
    assert provider.public_bytes(algorithm.name, pair.private) == pair.public
    stored = provider.private_bytes(algorithm.name, pair.private)
    behind = algorithm.public_key_bytes if name == "liboqs" else 0
    assert algorithm.private_key_bytes in (None, len(stored) - behind)
    again = provider.load_private(algorithm.name, stored)
    assert provider.public_bytes(algorithm.name, again) == pair.public
    assert provider.private_bytes(algorithm.name, again) == stored
    assert stored.hex() not in repr(pair) and repr(stored) not in repr(pair)


@each(CASES)
@pytest.mark.parametrize("stored", [b"", b"\x01", bytes(31), bytes(33), bytes(5000)])
def test_bytes_that_are_no_private_key_are_a_value_error(case, stored):
    name, algorithm = case
    with pytest.raises(ValueError):
        providers.provider(name).load_private(algorithm.name, stored)


@each(OF_TYPE["kem"])
def test_both_ends_agree_and_nobody_else(case):
    name, algorithm = case
    provider, pair = providers.provider(name), pair_of(case)
    ciphertext, secret = provider.encapsulate(algorithm.name, pair.public)
    assert (len(ciphertext), len(secret)) == (algorithm.ciphertext_bytes, algorithm.shared_secret_bytes)
    assert provider.decapsulate(algorithm.name, pair.private, ciphertext) == secret
    assert provider.encapsulate(algorithm.name, pair.public) != (ciphertext, secret)
    assert provider.decapsulate(algorithm.name, other_pair_of(case).private, ciphertext) != secret
    for at in (0, len(ciphertext) // 2, len(ciphertext) - 1):
        assert provider.decapsulate(algorithm.name, pair.private, flipped(ciphertext, at)) != secret


@each(OF_TYPE["kem"])
@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: text + b"\0", lambda text: b""])
def test_a_ciphertext_or_public_key_of_a_wrong_length_is_told(case, change):
    name, algorithm = case
    provider, pair = providers.provider(name), pair_of(case)
    ciphertext, _ = provider.encapsulate(algorithm.name, pair.public)
    with pytest.raises(CiphertextError):
        provider.decapsulate(algorithm.name, pair.private, change(ciphertext))
    with pytest.raises(ValueError):
        provider.encapsulate(algorithm.name, change(pair.public))


@each(OF_TYPE["signature"])
def test_a_signature_is_good_for_its_message_key_and_context_alone(case):
    name, algorithm = case
    provider, pair, signature = providers.provider(name), pair_of(case), signature_of(case)
    assert 0 < len(signature) <= (algorithm.signature_bytes or 0)

    def good(message=MESSAGE, signature=signature, context=CONTEXT, public=pair.public):
        return provider.verify(algorithm.name, public, message, signature, context)

    assert good()
    assert not good(message=MESSAGE + b"!") and not good(message=b"")
    assert not good(public=other_pair_of(case).public)
    for at in (0, len(signature) // 2, len(signature) - 1):
        assert not good(signature=flipped(signature, at))
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(len(signature))):
        assert not good(signature=wrong)
    takes_context = algorithm.standard in ("FIPS 204", "FIPS 205")
    assert good(context=b"") is not takes_context


@each(OF_TYPE["signature"])
def test_the_empty_message_is_signed_too(case):
    name, algorithm = case
    provider, pair = providers.provider(name), pair_of(case)
    signature = provider.sign(algorithm.name, pair.private, b"")
    assert provider.verify(algorithm.name, pair.public, b"", signature)


@each([case for case in OF_TYPE["signature"] if not case[1].quantum_vulnerable])
def test_a_context_that_is_too_long_is_refused(case):
    name, algorithm = case
    with pytest.raises(ValueError):
        providers.provider(name).sign(algorithm.name, pair_of(case).private, MESSAGE, bytes(256))


@each(OF_TYPE["signature"])
def test_a_public_key_of_a_wrong_length_is_a_value_error(case):
    name, algorithm = case
    with pytest.raises(ValueError):
        providers.provider(name).verify(
            algorithm.name, pair_of(case).public[:-1], MESSAGE, signature_of(case)
        )


@each(OF_TYPE["encryption"])
def test_what_is_sealed_opens_with_its_key_and_info_alone(case):
    name, algorithm = case
    provider, pair = providers.provider(name), pair_of(case)
    sealed = provider.seal(algorithm.name, pair.public, MESSAGE, INFO)
    assert len(sealed) == len(MESSAGE) + (algorithm.ciphertext_bytes or 0)
    assert provider.open(algorithm.name, pair.private, sealed, INFO) == MESSAGE
    wrong = [
        (pair.private, sealed, b"another"),
        (other_pair_of(case).private, sealed, INFO),
        *((pair.private, flipped(sealed, at), INFO) for at in (0, len(sealed) // 2, len(sealed) - 1)),
        *((pair.private, part, INFO) for part in (b"", sealed[:-1], sealed[:20], sealed + b"\0")),
    ]
    for private, text, info in wrong:
        with pytest.raises(SealError):
            provider.open(algorithm.name, private, text, info)


BOTH = [one for one in ALGORITHMS.values() if len(libraries.present(one)) > 1]


@pytest.mark.parametrize("algorithm", BOTH, ids=lambda one: one.name)
def test_two_providers_understand_each_other(algorithm):
    first, second = (providers.provider(name) for name in libraries.present(algorithm)[:2])
    for one, other in ((first, second), (second, first)):
        name, pair = algorithm.name, one.generate(algorithm.name)
        stored = one.private_bytes(name, pair.private)
        private = other.load_private(name, stored)
        assert other.public_bytes(name, private) == pair.public
        if algorithm.type == "kem":
            ciphertext, secret = one.encapsulate(name, pair.public)
            assert other.decapsulate(name, private, ciphertext) == secret
        elif algorithm.type == "signature":
            assert other.verify(name, pair.public, MESSAGE, one.sign(name, pair.private, MESSAGE, INFO), INFO)
        else:
            assert other.open(name, private, one.seal(name, pair.public, MESSAGE, INFO), INFO) == MESSAGE


@each(CASES)
def test_the_self_test_passes(case):
    name, algorithm = case
    self_test.run(providers.provider(name), algorithm)


@each([case for case in CASES if case[1].name in self_test.KNOWN_PUBLIC_KEYS])
def test_the_seed_of_the_standards_example_gives_its_public_key(case):
    name, algorithm = case
    provider = providers.provider(name)
    private = provider.load_private(algorithm.name, self_test.SEEDS[algorithm.standard])
    public = provider.public_bytes(algorithm.name, private)
    assert hashlib.sha256(public).hexdigest() == self_test.KNOWN_PUBLIC_KEYS[algorithm.name]
