"""Hybrid signatures: both good, of one statement, by trusted keys; or none at all."""

import base64
import copy
import io

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto import Digest, PrivateKey, sign, verify_bundle
from novacron.crypto.canonical import canonical
from novacron.errors import BadInput, NotAuthentic

NAMES = ("ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "Ed25519", "ECDSA-P256", "ECDSA-P384", "X-Wing")
KEYS = {name: PrivateKey.generate(name) for name in NAMES}
PAIR = (KEYS["ML-DSA-65"], KEYS["Ed25519"])
TRUSTED = [key.public for key in PAIR]
BUNDLE = sign(io.BytesIO(b"content"), PAIR)


def verified(bundle=BUNDLE, content=b"content", trusted=TRUSTED, **options):
    return verify_bundle(io.BytesIO(content), bundle, trusted, **options)


@pytest.mark.parametrize("quantum_safe", NAMES[:3])
@pytest.mark.parametrize("classical", NAMES[3:6])
def test_every_pair_in_any_order(quantum_safe, classical):
    pair = [KEYS[classical], KEYS[quantum_safe]]
    bundle = sign(io.BytesIO(b"content"), pair)
    statement = verified(bundle, trusted=[key.public for key in pair])
    assert [one["algorithm"] for one in statement["signers"]] == [quantum_safe, classical]
    assert statement["length"] == 7


@pytest.mark.parametrize(
    "names",
    [["ML-DSA-65"], ["ML-DSA-65", "ML-DSA-87"], ["Ed25519", "ECDSA-P256"], [], ["ML-DSA-65", "Ed25519"] * 2],
)
def test_other_than_one_of_each_is_refused(names):
    with pytest.raises(BadInput, match="one post-quantum and one classical"):
        sign(io.BytesIO(b""), [KEYS[name] for name in names])


def test_encryption_keys_do_not_sign():
    with pytest.raises(BadInput, match="cannot sign"):
        sign(io.BytesIO(b""), [KEYS["X-Wing"], KEYS["Ed25519"]])


def test_another_content_is_refused():
    for content in (b"Content", b"content ", b""):
        with pytest.raises(NotAuthentic, match="not what was signed"):
            verified(content=content)


def test_both_keys_must_be_trusted():
    for trusted in ([], TRUSTED[:1], TRUSTED[1:]):
        with pytest.raises(NotAuthentic, match="not trusted"):
            verified(trusted=trusted)


def test_a_signature_is_for_its_purpose_only():
    release = sign(io.BytesIO(b"content"), PAIR, purpose="release")
    assert verified(release, purpose="release")["purpose"] == "release"
    with pytest.raises(NotAuthentic):
        verified(release)
    with pytest.raises(BadInput, match="must be a word"):
        sign(io.BytesIO(b""), PAIR, purpose="Two words")


@pytest.mark.parametrize("broken", [0, 1])
def test_one_good_signature_is_not_enough(broken):
    """Whoever breaks one of the two algorithms gains nothing."""
    forged = copy.deepcopy(BUNDLE)
    value = bytearray(base64.b64decode(forged["signatures"][broken]["value"]))
    value[5] ^= 1
    forged["signatures"][broken]["value"] = base64.b64encode(value).decode()
    with pytest.raises(NotAuthentic):
        verified(forged)


def test_neither_signature_is_left_out_exchanged_or_doubled():
    for signatures in (
        BUNDLE["signatures"][:1],
        BUNDLE["signatures"][::-1],
        [BUNDLE["signatures"][0]] * 2,
        [],
    ):
        with pytest.raises((BadInput, NotAuthentic)):
            verified({**BUNDLE, "signatures": signatures})
    alone = copy.deepcopy(BUNDLE)
    alone["signatures"], alone["statement"]["signers"] = (
        alone["signatures"][:1],
        alone["statement"]["signers"][:1],
    )
    with pytest.raises(BadInput):
        verified(alone)


def test_signatures_of_two_statements_do_not_mix():
    other = sign(io.BytesIO(b"content"), PAIR, purpose="release")
    mixed = {**BUNDLE, "signatures": [BUNDLE["signatures"][0], other["signatures"][1]]}
    with pytest.raises(NotAuthentic):
        verified(mixed)


def test_the_lattice_signature_holds_in_its_context_only():
    first = BUNDLE["signatures"][0]
    public = mldsa.MLDSA65PublicKey.from_public_bytes(base64.b64decode(first["public_key"]))
    value, message = base64.b64decode(first["value"]), canonical(BUNDLE["statement"])
    public.verify(value, message, b"NovaCron/document")
    with pytest.raises(InvalidSignature):
        public.verify(value, message)


MEMBERS = st.sampled_from(
    ["statement", "signatures", "signers", "format", "value", "public_key", "algorithm", "fingerprint"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(MEMBERS, inner), max_leaves=12))
@settings(max_examples=60, deadline=None)
def test_any_json_is_refused(bundle):
    with pytest.raises((BadInput, NotAuthentic)):
        verified(bundle)


@pytest.mark.parametrize("member", ["purpose", "sha512", "length", "signed_at", "signers", "format"])
def test_every_member_of_the_statement_is_signed(member):
    changed = copy.deepcopy(BUNDLE)
    changed["statement"][member] = {"length": 8}.get(member, "release")
    with pytest.raises((BadInput, NotAuthentic)):
        verified(changed)


def test_digests_of_streams():
    assert Digest.of(io.BytesIO(b"content")) == Digest(BUNDLE["statement"]["sha512"], 7)
