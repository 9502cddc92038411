"""Workers killed at every step of what they do to keys; and again, until it is done."""

import json
import subprocess
import sys

import pytest

from shared.db import session
from tests.conftest import ROOT
from workers.crypto.keys.kek import FileKeyring
from workers.crypto.keys.keystore import KeyStore


@pytest.fixture
def keys(new_database_url, kek_file):
    """A database with a key; gives what `keys_process` says of an act, and the database afterwards."""
    with session.connect(new_database_url, name="tests") as connection:
        connection.execute("INSERT INTO tenants (name) VALUES ('one')")
        key_id = KeyStore(connection, FileKeyring(kek_file), 1, "tester").generate("ML-DSA-44").key_id

        def killed(act):
            command = [
                sys.executable,
                "-m",
                "tests.faults.keys_process",
                new_database_url,
                str(kek_file),
                "1",
                act,
                key_id,
            ]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=800)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        yield killed, connection, kek_file, key_id


def count(connection, query, *arguments):
    return connection.execute(query.encode(), arguments).fetchone()[0]


def test_a_killed_rotation_of_the_kek_loses_no_key_and_is_finished_by_the_next(keys):
    killed, connection, kek_file, _ = keys
    seen = killed("rotate_kek")
    assert seen["wrong"] == []
    assert seen["kills"] > 8
    assert count(connection, "SELECT count(DISTINCT kek_id) FROM key_versions") == 1
    assert count(connection, "SELECT count(*) FROM keks WHERE state = 'retiring'") == 0
    assert len(kek_file.read_text().split()) == 1


@pytest.mark.parametrize(("act", "entries"), [("rotate", 1), ("generate", 1), ("destroy", 3)])
def test_a_killed_act_on_a_key_happens_once(keys, act, entries):
    killed, connection, _, key_id = keys
    before = count(connection, "SELECT count(*) FROM audit_log")
    seen = killed(act)
    assert seen["wrong"] == []
    assert seen["kills"] > 8
    acts = seen["kills"] + 1
    assert count(connection, "SELECT count(*) FROM audit_log") - before == acts * entries
    if act == "rotate":
        assert count(connection, "SELECT version FROM keys WHERE id = %s", key_id) == 1 + acts
