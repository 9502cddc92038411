"""Keys in a real database: made, used, rotated and ended."""

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from novacron.algorithms import find
from novacron.crypto.audit import verify
from novacron.errors import BadInput, Conflict, NotFound
from shared.db.crypto import audit, keys
from workers.crypto import providers
from workers.crypto.keys.kek import FileKeyring, KekError
from workers.crypto.keys.keystore import KeyStore

ML_DSA, ML_KEM, X_WING = "ML-DSA-65", "ML-KEM-768", "X-Wing"


def verifies(key, signed, message, context=b""):
    version = signed.version
    provider = providers.load(find(version.algorithm))
    return provider.verify(version.algorithm, version.public_key, message, signed.value, context)


def actions(connection):
    return [row[0] for row in connection.execute("SELECT action FROM audit_log ORDER BY tenant_id, seq")]


def test_a_signing_key_signs_in_its_context(store):
    key = store().generate(ML_DSA, label="releases")
    signed = store().sign(key.key_id, b"message", b"context")
    assert verifies(key, signed, b"message", b"context")
    assert not verifies(key, signed, b"message")
    assert (key.usage, key.state, key.version, key.label) == ("sign", "active", 1, "releases")


def test_a_key_encapsulation_key_decapsulates_with_every_version(store):
    key = store().generate(ML_KEM)
    provider = providers.load(find(ML_KEM))
    ciphertext, secret = provider.encapsulate(ML_KEM, key.public_key)
    store().rotate(key.key_id)
    old = store().private(key.key_id, "decapsulate", 1)
    new = store().private(key.key_id, "decapsulate")
    assert provider.decapsulate(ML_KEM, old, ciphertext) == secret
    assert provider.decapsulate(ML_KEM, new, ciphertext) != secret


def test_the_document_shows_the_public_key_in_two_forms(store):
    document = store().generate(ML_DSA).document()
    loaded: Any = load_pem_public_key(document["public_key_pem"].encode())
    assert base64.b64decode(document["public_key"]) == loaded.public_bytes_raw()
    assert document["key_size"] == 1952
    assert document["versions"][0]["version"] == document["version"] == 1


def test_a_hybrid_key_is_one_pem_block_for_each_component(store):
    document = store().generate(X_WING).document()
    assert document["usage"] == "decrypt"
    assert document["public_key_pem"].count("BEGIN PUBLIC KEY") == 2


@pytest.mark.parametrize(
    ("algorithm", "usage"), [(ML_KEM, "sign"), (ML_DSA, "decrypt"), (X_WING, "decapsulate")]
)
def test_a_key_is_for_one_thing(store, algorithm, usage):
    with pytest.raises(BadInput, match="are for"):
        store().generate(algorithm, usage)
    key = store().generate(algorithm)
    with pytest.raises(Conflict, match=f"not for {usage}"):
        store().private(key.key_id, usage)


def test_the_services_own_keys_are_for_nobody_else(store):
    own = store().own("audit")
    with pytest.raises(Conflict, match="is for audit"):
        store().sign(own.key_id, b"forged")


def test_the_services_own_key_is_made_once(store, connect):
    start = Barrier(4)

    def first(connection):
        start.wait()
        return store(using=connection).own("results").key_id

    connections = [connect() for _ in range(4)]
    store()
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(first, connections))) == 1


def test_the_keys_of_other_tenants_are_not_there(store):
    key = store("one").generate(ML_DSA)
    other = store("two")
    for use in (
        lambda: other.key(key.key_id),
        lambda: other.sign(key.key_id, b"m"),
        lambda: other.rotate(key.key_id),
        lambda: other.retire(key.key_id),
        lambda: other.destroy(key.key_id),
    ):
        with pytest.raises(NotFound):
            use()


def test_a_sealed_key_does_not_open_in_another_row(store, connection):
    one, two = store().generate(ML_DSA), store().generate(ML_DSA)
    connection.execute(
        "UPDATE key_versions a SET kek_id = b.kek_id, wrapped_dek = b.wrapped_dek, sealed = b.sealed"
        " FROM key_versions b WHERE a.key_id = %s AND b.key_id = %s",
        (one.key_id, two.key_id),
    )
    with pytest.raises(KekError, match="does not open"):
        store().sign(one.key_id, b"m")
    assert store().sign(two.key_id, b"m")


@pytest.mark.parametrize(
    "change", ["tenant_id = tenant_id + 1", "usage = 'decrypt'", "version = 2", "algorithm = 'ML-DSA-44'"]
)
def test_a_key_whose_row_was_changed_does_not_open(store, connection, change):
    key = store().generate(ML_DSA)
    store("two")
    table = "key_versions" if change.startswith(("version", "algorithm")) else "keys"
    connection.execute(
        f"UPDATE {table} SET {change} WHERE {'key_id' if table == 'key_versions' else 'id'} = %s".encode(),
        (key.key_id,),
    )
    if change.startswith("version"):
        connection.execute("UPDATE keys SET version = 2 WHERE id = %s", (key.key_id,))
    tenant = "two" if change.startswith("tenant") else "one"
    usage = "decrypt" if change.startswith("usage") else "sign"
    with pytest.raises(KekError, match="does not open"):
        store(tenant).private(key.key_id, usage)


def test_rotation_keeps_old_signatures_good_and_signs_no_more_with_the_old_version(store):
    key = store().generate(ML_DSA)
    before = store().sign(key.key_id, b"m")
    rotated = store().rotate(key.key_id)
    after = store().sign(key.key_id, b"m")
    assert (rotated.version, after.version.version) == (2, 2)
    assert verifies(key, before, b"m") and verifies(key, after, b"m")
    assert before.version.public_key != after.version.public_key
    with pytest.raises(Conflict, match="can no longer sign"):
        store().private(key.key_id, "sign", 1)
    with pytest.raises(NotFound, match="no version 3"):
        store().private(key.key_id, "sign", 3)


def test_rotation_may_change_the_algorithm_but_not_the_usage(store):
    key = store().generate("ML-DSA-44")
    assert store().rotate(key.key_id, algorithm="ML-DSA-87").algorithm == "ML-DSA-87"
    assert [one.algorithm for one in store().key(key.key_id).versions] == ["ML-DSA-44", "ML-DSA-87"]
    with pytest.raises(BadInput, match="are for decapsulate"):
        store().rotate(key.key_id, algorithm=ML_KEM)


def test_the_services_own_keys_keep_their_algorithm(store):
    own = store().own("audit")
    with pytest.raises(BadInput, match="are of ML-DSA-65"):
        store().rotate(own.key_id, algorithm=ML_KEM)
    assert store().rotate(own.key_id).version == 2


def test_the_audit_log_goes_on_under_another_key_when_its_own_is_retired(store, connection):
    own = store().own("audit")
    store().retire(own.key_id)
    store().destroy(own.key_id)
    head = audit.head(connection, own.tenant_id)
    assert head and head["key_id"] != own.key_id
    assert verify({"entries": audit.entries(connection, own.tenant_id), "head": head}).good


def test_of_two_workers_rotating_one_key_one_wins(store, connect):
    key = store().generate(ML_DSA)
    start = Barrier(2)

    def rotate(connection):
        mine = store(using=connection)
        start.wait()
        try:
            return mine.rotate(key.key_id, expected=1).version
        except Conflict as error:
            return str(error)

    connections = [connect(), connect()]
    store()
    with ThreadPoolExecutor(2) as pool:
        won, lost = sorted(pool.map(rotate, connections), key=str)
    assert won == 2
    assert "it was changed concurrently" in lost
    assert len(store().key(key.key_id).versions) == 2


def test_an_act_that_is_repeated_happens_once(store, connection):
    made = [store().generate(ML_DSA, effect="job/1").key_id for _ in range(2)]
    rotated = [store().rotate(made[0], effect="job/2").version for _ in range(2)]
    assert (made[0], rotated) == (made[1], [2, 2])
    assert actions(connection).count("key.generate") == 2  # the audit log's own, too
    assert actions(connection).count("key.rotate") == 1


def test_retired_keys_sign_no_more_and_still_open_what_they_sealed(store):
    signer, opener = store().generate(ML_DSA), store().generate(X_WING)
    for key in (signer, opener):
        assert store().retire(key.key_id).state == "retired"
        assert store().retire(key.key_id).state == "retired"
        with pytest.raises(Conflict, match="is retired"):
            store().rotate(key.key_id)
    with pytest.raises(Conflict, match="is retired"):
        store().sign(signer.key_id, b"m")
    assert store().private(opener.key_id, "decrypt") is not None


def test_only_what_is_out_of_use_is_destroyed(store, connection):
    key = store().generate(X_WING)
    with pytest.raises(Conflict, match="retire it first"):
        store().destroy(key.key_id)
    store().rotate(key.key_id)
    with pytest.raises(Conflict, match="retire it first"):
        store().destroy(key.key_id, 2)
    store().destroy(key.key_id, 1)
    with pytest.raises(Conflict, match="private key is gone"):
        store().private(key.key_id, "decrypt", 1)
    assert store().private(key.key_id, "decrypt") is not None
    store().retire(key.key_id)
    destroyed = store().destroy(key.key_id)
    assert destroyed.state == "destroyed"
    assert store().destroy(key.key_id).state == "destroyed"
    with pytest.raises(Conflict, match="private key is gone"):
        store().private(key.key_id, "decrypt")
    left = connection.execute("SELECT sealed, wrapped_dek FROM key_versions WHERE key_id = %s", (key.key_id,))
    assert left.fetchall() == [(None, None), (None, None)]
    assert destroyed.document()["public_key"]


def test_a_change_that_fails_leaves_nothing(store, connection, monkeypatch):
    store().own("audit")
    before = connection.execute("SELECT count(*) FROM audit_log").fetchone()

    def broken(*_, **__):
        raise OSError("no more")

    monkeypatch.setattr(audit, "sign", broken)
    with pytest.raises(OSError, match="no more"):
        store().generate(ML_DSA)
    assert connection.execute("SELECT count(*) FROM audit_log").fetchone() == before
    assert connection.execute("SELECT count(*) FROM keys").fetchone() == (1,)


def test_listings_are_pages_of_the_tenants_keys(store, connection):
    made = [store("one").generate(ML_DSA).key_id for _ in range(3)]
    store("two").generate(ML_DSA)
    tenant = store("one").key(made[0]).tenant_id
    first = keys.listing(connection, tenant, limit=2)
    rest = keys.listing(connection, tenant, limit=10, after=first[-1].key_id)
    listed = [key.key_id for key in (*first, *rest) if key.usage == "sign"]
    assert listed == sorted(made, reverse=True)


def test_without_its_kek_a_key_does_not_open(store, connection, tmp_path):
    key = store().generate(ML_DSA)
    tenant = key.tenant_id
    other = tmp_path / "other"
    other.write_text("A" * 43 + "=\n")
    with pytest.raises(KekError, match="is needed and not in"):
        KeyStore(connection, FileKeyring(other), tenant, "x").sign(key.key_id, b"m")
