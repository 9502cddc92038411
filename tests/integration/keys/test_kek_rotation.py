"""From one key-encryption key to the next, while keys are made and used."""

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from novacron.errors import Conflict
from shared.db.crypto import keks
from workers.crypto.keys.kek import FileKeyring, KekError, LocalKeyring
from workers.crypto.keys.kek_rotation import rotate


def kek_ids(connection):
    rows = connection.execute("SELECT DISTINCT kek_id FROM key_versions WHERE kek_id IS NOT NULL")
    return {row[0] for row in rows}


def test_every_key_is_under_the_new_kek_and_the_old_one_is_forgotten(store, connection, kek_file):
    made = [store(tenant).generate("ML-DSA-65").key_id for tenant in ("one", "two")]
    old = kek_file.read_text()
    seen = rotate(connection, FileKeyring(kek_file), renew=True, effect="job/1")
    assert seen["rewrapped"] == 4  # two keys and the two audit keys
    assert kek_ids(connection) == {seen["kek_id"]}
    assert old.strip() not in kek_file.read_text()
    assert stat.S_IMODE(kek_file.stat().st_mode) == 0o600
    assert store("one").sign(made[0], b"m") and store("two").sign(made[1], b"m")


def test_a_repeated_rotation_draws_no_other_kek(store, connection, kek_file):
    store().generate("ML-DSA-65")
    first = rotate(connection, FileKeyring(kek_file), renew=True, effect="job/1")
    again = rotate(connection, FileKeyring(kek_file), renew=True, effect="job/1")
    assert (again["kek_id"], again["rewrapped"]) == (first["kek_id"], 0)


def test_a_destroyed_key_does_not_keep_a_kek(store, connection, kek_file):
    key = store().generate("ML-DSA-65")
    store().retire(key.key_id)
    store().destroy(key.key_id)
    rotate(connection, FileKeyring(kek_file), renew=True, effect="job/1")
    states = dict(connection.execute("SELECT state, count(*) FROM keks GROUP BY 1").fetchall())
    assert states == {"current": 1, "retired": 1}


def test_keys_made_while_the_kek_is_rotated_all_open(store, connect, kek_file):
    def make(connection):
        return [store(using=connection).generate("ML-DSA-44").key_id for _ in range(8)]

    store().own("audit")
    rotating, *making = connect(), connect(), connect()
    with ThreadPoolExecutor(3) as pool:
        made = pool.map(make, making)
        for number in range(4):
            rotate(rotating, FileKeyring(kek_file), renew=True, effect=f"job/{number}")
        assert all(store().sign(key_id, b"m") for key_ids in made for key_id in key_ids)
    rotate(rotating, FileKeyring(kek_file), renew=True, effect="job/last")
    assert len(kek_ids(rotating)) == 1


def test_one_rotation_at_a_time(connect, kek_file):
    assert keks.alone(connect())
    with pytest.raises(Conflict, match="in progress"):
        rotate(connect(), FileKeyring(kek_file), renew=True, effect="job/1")


def test_who_sets_the_environment_also_draws_the_kek(store, connection, kek_file):
    key = store().generate("ML-DSA-65")
    text = kek_file.read_text()
    with pytest.raises(KekError, match="is replaced by whoever sets it"):
        rotate(connection, LocalKeyring(text, "NOVACRON_KEK"), renew=True, effect="job/1")
    both = f"{base64.b64encode(os.urandom(32)).decode()},{text}"
    assert (
        rotate(connection, LocalKeyring(both, "NOVACRON_KEK"), renew=False, effect="job/2")["rewrapped"] == 2
    )
    kek_file.write_text(both)
    assert store().sign(key.key_id, b"m")


def test_a_changed_row_stops_the_rotation_and_is_named(store, connection, kek_file):
    key = store().generate("ML-DSA-65")
    connection.execute("UPDATE key_versions SET wrapped_dek = '\\x00' WHERE key_id = %s", (key.key_id,))
    with pytest.raises(KekError, match="its row was changed"):
        rotate(connection, FileKeyring(kek_file), renew=True, effect="job/1")
    assert keks.alone(connection)
