"""A signing key goes over from ECDSA to ML-DSA; old signatures stay good, new ones are ML-DSA."""

import pytest

from shared.algorithms import find
from workers import crypto
from workers.migration.targets import StoredKey
from workers.outcome import UserError

from .conftest import planned

TYPES = ("prepare", "enable_verifiers", "switch", "validate", "retire")


@pytest.fixture
def key(store):
    return store.generate("ECDSA-P256")


def steps():
    return planned(*TYPES, component="signing", old="ECDSA-P256", new="ML-DSA-65")


def verifies(signed):
    algorithm = signed.version.algorithm
    return crypto.load(find(algorithm)).verify(algorithm, signed.version.public_key, b"text", signed.value)


def test_signatures_go_over_and_old_ones_stay_good(store, key, migration):
    old = store.sign(key.key_id, b"text")
    made = migration(steps(), StoredKey("signing", key.key_id))
    made.run("s01", "s02")
    assert store.sign(key.key_id, b"text").version.algorithm == "ECDSA-P256"
    made.run("s03", "s04")
    new = store.sign(key.key_id, b"text")
    assert new.version.algorithm == "ML-DSA-65" and verifies(new) and verifies(old)
    made.run("s05")
    assert verifies(old) and verifies(store.sign(key.key_id, b"text"))
    assert store.key(key.key_id).at(1).destroyed_at
    evidence = made.holder.read("s04").evidence["signing"]
    assert evidence["algorithm"] == "ML-DSA-65" and len(evidence["verified_by"]) == 2


def test_the_old_version_signs_again_when_taken_back(store, key, migration):
    made = migration(steps(), StoredKey("signing", key.key_id))
    made.run("s01", "s02", "s03")
    assert made.undo() == [f"key {key.key_id} is used in version 1 again"]
    assert store.sign(key.key_id, b"text").version.algorithm == "ECDSA-P256"
    assert store.rotate(key.key_id).version == 3, "a rotation by hand goes on after the version left over"


def test_somebody_who_rotates_meanwhile_is_not_overruled(store, key, migration):
    made = migration(steps(), StoredKey("signing", key.key_id))
    made.run("s01")
    store.rotate(key.key_id)
    with pytest.raises(UserError, match=r"step s03 failed: .*somebody else was faster"):
        made.run("s02", "s03")
    assert store.key(key.key_id).version == 3
