"""Targets that know their program: what is refused before the first step, and what a server's default leaves.

tests/faults/test_rig.py migrates the real servers.
"""

import json
import os
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from novacron.errors import BadInput
from shared.crypto import ssh
from testing.migration.certificates import authority, self_signed
from testing.migration.plans import planned
from testing.patience import PATIENCE_S
from workers.crypto.migration import drift, keyset, preflight
from workers.crypto.migration.programs import HAProxy, KeyFiles, OpenSSH, PostgreSQL
from workers.runtime.outcome import UserError

GROUPS = ("prepare", "enable_readers", "switch", "validate", "retire")
SIGNED = ("prepare", "enable_verifiers", "switch", "validate", "retire")
NEW, OLD = "mlkem768x25519-sha256", "curve25519-sha256"


def grouped(**more):
    return planned(*GROUPS, component="it", old="X25519", new="X25519MLKEM768", **more)


def certified(**more):
    return planned(*SIGNED, component="it", old="ECDSA-P256", new="ML-DSA-65", **more)


def refused(made):
    with pytest.raises(BadInput) as caught:
        preflight.check(made.holder, made.steps, made.targets)
    assert set(made.states()) == {"pending"}
    return "; ".join(f"{one.field}: {one}" for one in caught.value.all)


class Login:
    """An SSH server that takes the methods in a file, which holds one such line, or its default."""

    def __init__(self, config, default):
        self.config, self.default = config, default
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def stop(self):
        """End the thread before the socket: another one gets its number."""
        if self.thread.is_alive():
            self.listener.shutdown(socket.SHUT_RDWR)
            self.thread.join(PATIENCE_S)
            self.listener.close()

    def methods(self):
        lines = dict(line.split(" ", 1) for line in self.config.read_text().splitlines() if " " in line)
        return lines.get("KexAlgorithms", self.default)

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(PATIENCE_S)
                connection.sendall(b"SSH-2.0-OpenSSH_10.0p2\r\n")
                lists = (self.methods().encode(), b"ssh-ed25519")
                payload = (
                    bytes([20]) + bytes(16) + b"".join(struct.pack(">I", len(one)) + one for one in lists)
                )
                connection.sendall(struct.pack(">IB", len(payload) + 5, 4) + payload + bytes(4))
                while connection.recv(4096):
                    pass


@pytest.fixture
def login(tmp_path, monkeypatch):
    """A server whose default has the new method; it may be slow where tests run side by side."""
    monkeypatch.setattr(ssh, "TIMEOUT_S", PATIENCE_S)
    config = tmp_path / "sshd_config"
    config.write_text("Port 22\n")
    made = Login(config, f"{NEW},sntrup761x25519-sha512,{OLD},ecdh-sha2-nistp256")
    yield made
    made.stop()


@pytest.fixture
def target(login):
    return OpenSSH("it", config=login.config, check=("true",), reload=("true",), probe=login.address)


def over(**more):
    return planned(*GROUPS, component="it", old=OLD, new=NEW, **more)


def test_a_default_that_is_right_is_left_alone_until_the_old_is_retired(login, target, migration):
    made = migration(over(), target)
    preflight.check(made.holder, made.steps, made.targets)
    made.run("s01", "s02", "s03", "s04")
    assert login.config.read_text() == "Port 22\n"
    made.run("s05")
    assert login.config.read_text() == f"KexAlgorithms {NEW},sntrup761x25519-sha512\nPort 22\n"
    proof = made.holder.rows()[-1].evidence["it"]["probe"]
    assert proof["pq"] and proof["classical"] == []


def test_a_list_of_ones_own_gets_the_new_method_and_comes_back(login, target, migration):
    before = f"Port 22\nKexAlgorithms {OLD},ecdh-sha2-nistp256\n"
    login.config.write_text(before)
    made = migration(over(), target)
    made.run("s01", "s02")
    assert login.methods() == f"{OLD},ecdh-sha2-nistp256,{NEW}"
    made.run("s03", "s04")
    assert login.methods() == f"{NEW},{OLD},ecdh-sha2-nistp256"
    lines = made.undo()
    assert login.config.read_text() == before
    assert any("KexAlgorithms is" in line for line in lines)


def test_a_server_that_does_not_follow_is_put_back(login, target, migration, monkeypatch):
    monkeypatch.setattr("workers.crypto.migration.server.SETTLED_S", 0.2)
    monkeypatch.setattr(login, "methods", lambda: OLD)
    made = migration(over(), target)
    made.run("s01")
    with pytest.raises(UserError, match=f"the server does not take {NEW}; put back: KexAlgorithms is left"):
        made.perform("s02")
    assert login.config.read_text() == "Port 22\n"


def test_what_ssh_has_lost_is_a_finding(login, target, migration):
    made = migration(over(), target)
    made.run()
    before = drift.left(made.holder.rows())["it"]
    assert drift.look(target, before) == []
    login.config.write_text(f"KexAlgorithms {OLD}\n")
    found = {one.severity: one.text for one in drift.look(target, before)}
    assert found["high"] == f"key exchange fell from {NEW} back to {OLD}" and OLD in found["medium"]
    login.stop()
    (gone,) = drift.look(replace(target, probe="127.0.0.1:1"), before)
    assert gone.severity == "low" and "does not answer" in gone.text


def test_host_keys_are_told_what_exists(target, migration):
    made = migration(planned(*SIGNED, component="it", old="Ed25519", new="ML-DSA-65"), target)
    found = refused(made)
    assert "OpenSSH has no ML-DSA-65 host keys; OpenSSH_10.0p2 at" in found and "has ssh-ed25519" in found
    assert "kind ssh_endpoint" in found


@pytest.mark.parametrize(
    ("text", "probe", "why"),
    [
        ("Port 22\n", "", "leaves the methods to sshd: give targets.it.probe"),
        ("KexAlgorithms +a\n", "", "leaves the methods to sshd"),
        (
            "KexAlgorithms a\nkexalgorithms b\n",
            "",
            "must hold the directive KexAlgorithms once, it does 2 times",
        ),
        ("Port 22\n", "127.0.0.1:1", "nothing answers at 127.0.0.1:1"),
    ],
)
def test_methods_that_nobody_can_tell_are_refused(text, probe, why, login, target, migration):
    login.config.write_text(text)
    assert why in refused(migration(over(), replace(target, probe=probe)))


def test_openssh_has_no_other_strength(target, migration):
    steps = planned(*GROUPS, component="it", old=OLD, new="ML-KEM-1024")
    assert "OpenSSH has no key exchange with ML-KEM-1024; it has" in refused(migration(steps, target))


@pytest.fixture
def issuer(connection, store):
    return authority(connection, store).certificate_id


@pytest.fixture
def balancer(issuer, tmp_path):
    chain, key = self_signed(tmp_path)
    (pem := tmp_path / "site.pem").write_bytes(chain.read_bytes() + key.read_bytes())
    (config := tmp_path / "haproxy.cfg").write_text("defaults\n  mode http\n")
    return HAProxy("it", certificate=pem, issuer=issuer, names=("localhost",), config=config, check=("true",))


def test_haproxy_wants_the_key_in_the_file(balancer, migration, tmp_path):
    found = refused(migration(certified(), replace(balancer, certificate=tmp_path / "web.pem")))
    assert "targets.it.certificate" in found and "must hold its private key too, holds 0" in found


def test_what_else_is_in_the_file_is_kept(balancer, migration):
    extra = b"-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n"
    before = balancer.certificate.read_bytes() + extra
    balancer.certificate.write_bytes(before)
    made = migration(certified(), balancer)
    made.run("s01", "s02", "s03")
    after = balancer.certificate.read_bytes()
    assert after.endswith(extra) and after != before and after.count(b"PRIVATE KEY-----") == 2
    made.undo()
    assert balancer.certificate.read_bytes() == before
    assert not (balancer.certificate.parent / ".it.migration").exists(), "no key is left beside it"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, 'groups_directive = "ssl-default-bind-curves"'),
        ({"groups_directive": "ssl-default-bind-curves"}, "has no place for the directive"),
        ({"groups_directive": "curves"}, "must hold the directive curves once, it does 0 times"),
    ],
)
def test_groups_of_haproxy_need_a_place(more, why, balancer, migration):
    assert why in refused(migration(grouped(), replace(balancer, **more)))


def test_postgresql_says_who_has_the_last_word(migration, tmp_path):
    (config := tmp_path / "postgresql.conf").write_text("port = 1\n")
    (altered := tmp_path / "postgresql.auto.conf").write_text("SSL_GROUPS = 'X25519'\n")
    found = refused(migration(grouped(), PostgreSQL("it", config=config)))
    assert f"{altered} sets the groups to 'X25519', by ALTER SYSTEM, and wins" in found
    made = migration(grouped(), PostgreSQL("it", config=altered), plan_id="plan_2")
    preflight.check(made.holder, made.steps, made.targets)
    made.run("s01", "s02", "s03")
    assert altered.read_text() == "SSL_GROUPS = 'X25519MLKEM768/X25519'\n"


def test_a_certificate_that_is_not_declared_is_told(migration, tmp_path):
    (config := tmp_path / "postgresql.conf").write_text("port = 1\n")
    found = refused(migration(certified(), PostgreSQL("it", config=config)))
    assert "targets.it declares no certificate: add certificate, key, issuer, names" in found


@pytest.fixture
def tokens(tmp_path):
    _, key = self_signed(tmp_path)
    (public := tmp_path / "jwks.json").write_text('{"keys": []}')
    return KeyFiles("it", key=key, public=public)


@pytest.mark.parametrize(
    ("key", "public", "why"),
    [
        (None, '{"keys": []}', "jwks.json does not publish the key in"),
        (None, "hello", "is neither a JSON Web Key Set nor PEM"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nA\n-----END ENCRYPTED PRIVATE KEY-----",
            "",
            "without a password",
        ),
        (json.dumps({"kty": "oct", "k": "AA"}), "", "no private key that can be read"),
    ],
)
def test_key_files_that_cannot_be_migrated_are_refused(key, public, why, tokens, migration):
    if key is not None:
        tokens.key.write_text(key)
    tokens.public.write_text(public)
    assert why in refused(migration(certified(), tokens))


def test_key_files_sign_and_nothing_else(tokens, migration):
    assert "holds a signing key: X25519MLKEM768 signs nothing" in refused(migration(grouped(), tokens))


def test_a_key_alone_is_replaced_and_comes_back(migration, tmp_path):
    _, key = self_signed(tmp_path)
    before = key.read_bytes()
    made = migration(certified(), KeyFiles("it", key=key, reload=("true",)))
    preflight.check(made.holder, made.steps, made.targets)
    made.run("s01", "s02", "s03", "s04")
    assert keyset.in_use(key.read_text()).public_key().public_bytes_raw() and key.read_bytes() != before
    assert key.stat().st_mode & 0o777 == 0o600
    made.undo()
    assert key.read_bytes() == before and sorted(os.listdir(tmp_path)) == ["kek", "web.key", "web.pem"]
    made.run()
    assert sorted(os.listdir(tmp_path)) == ["kek", "web.key", "web.pem"], "no copy of a key is left"
    assert made.holder.rows()[-1].evidence["it"]["verified_by"] == ["pycryptodome", "cryptography"]
