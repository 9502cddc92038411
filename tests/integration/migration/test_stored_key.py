"""A signing key goes over from ECDSA to ML-DSA; old signatures stay good, new ones are ML-DSA."""

import pytest

from novacron.algorithms import find
from novacron.errors import Conflict
from testing.migration.plans import planned
from workers.crypto import providers
from workers.crypto.keys.keystore import TRIAL
from workers.crypto.migration.targets import StoredKey
from workers.runtime.outcome import UserError

TYPES = ("prepare", "enable_verifiers", "switch", "validate", "retire")


@pytest.fixture
def key(store):
    return store.generate("ECDSA-P256")


def steps():
    return planned(*TYPES, component="signing", old="ECDSA-P256", new="ML-DSA-65")


def verifies(signed):
    algorithm = signed.version.algorithm
    return providers.load(find(algorithm)).verify(algorithm, signed.version.public_key, b"text", signed.value)


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


def test_nobody_rotates_retires_or_erases_what_a_plan_under_way_may_have_to_put_back(
    store, key, migration, connection
):
    made = migration(steps(), StoredKey("signing", key.key_id))
    made.run("s01", "s02", "s03")
    for act in (store.rotate, store.retire, lambda key_id: store.destroy(key_id, 1)):
        with pytest.raises(Conflict, match=r"it is needed: plan plan_1 is running .*roll it back"):
            act(key.key_id)
    made.undo()
    assert store.sign(key.key_id, b"text").version.version == 1
    made.holder.settle("rolled_back")
    assert store.rotate(key.key_id).version == 3


def test_somebody_who_rotated_all_the_same_is_not_overruled(store, key, migration, connection):
    made = migration(steps(), StoredKey("signing", key.key_id))
    made.run("s01")
    connection.execute("UPDATE keys SET version = 2 WHERE id = %s", (key.key_id,))
    connection.execute(
        "INSERT INTO key_versions SELECT key_id, 3, algorithm, public_key, public_key_pem, kek_id,"
        " wrapped_dek, sealed, origin, seedless, NULL, now(), created_by, NULL FROM key_versions"
        " WHERE version = 2"
    )
    connection.execute("UPDATE keys SET version = 3 WHERE id = %s", (key.key_id,))
    with pytest.raises(UserError, match=r"step s03 failed: .*it was changed concurrently"):
        made.run("s03")
    assert store.key(key.key_id).version == 3


def test_the_new_version_is_tried_out_by_its_own_private_key(store, key, migration, connection):
    made = migration(steps(), StoredKey("signing", key.key_id))
    made.run("s01")
    (column,) = connection.execute(
        "SELECT public_key FROM key_versions WHERE key_id = %s AND version = 2", (key.key_id,)
    ).fetchone()
    changed = bytes([column[0] ^ 1]) + column[1:]
    connection.execute(
        "UPDATE key_versions SET public_key = %s WHERE key_id = %s AND version = 2", (changed, key.key_id)
    )
    with pytest.raises(UserError, match=r"step s02 failed: .* does not accept a signature of key"):
        made.run("s02")


def test_trying_out_signs_one_text_only_and_never_with_what_is_erased(store, key):
    store.rotate(key.key_id)
    signed = store.trial(key.key_id, 1)
    assert signed.version.version == 1
    algorithm = signed.version.algorithm
    assert providers.load(find(algorithm)).verify(algorithm, signed.version.public_key, TRIAL, signed.value)
    with pytest.raises(Conflict, match="can no longer sign"):
        store.private(key.key_id, "sign", 1)
    store.destroy(key.key_id, 1)
    with pytest.raises(Conflict, match="is gone"):
        store.trial(key.key_id, 1)
