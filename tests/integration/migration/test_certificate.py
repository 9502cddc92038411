"""A server's ECDSA certificate is replaced by an ML-DSA one, on disk and on the wire, and back."""

import os
import ssl
from dataclasses import replace

import pytest
from cryptography import x509

from novacron.tls.contexts import Context
from novacron.tls.groups import MODES
from shared.crypto.tls.probe import probe
from shared.db.crypto import certificates
from testing.migration.plans import planned
from workers.crypto.migration import binding, remains
from workers.crypto.migration.targets import Certificate
from workers.runtime.outcome import UserError

DH = b"-----BEGIN DH PARAMETERS-----\nMAYCAQUCAQI=\n-----END DH PARAMETERS-----\n"
TYPES = ("prepare", "enable_verifiers", "switch", "validate", "retire")


def steps():
    return planned(*TYPES, component="web", old="ECDSA-P256", new="ML-DSA-65")


def shown(server):
    seen = probe("127.0.0.1", server.port).attempts["preferred"]
    assert seen.handshake
    return seen.handshake.signature, x509.load_der_x509_certificate(seen.chain[0])


def test_the_new_certificate_is_served_and_the_old_key_removed(server, web, migration):
    old_key = server.key.read_bytes()
    made = migration(steps(), web)
    made.run("s01", "s02")
    assert shown(server)[0] == "ecdsa_secp256r1_sha256" and server.key.read_bytes() == old_key
    made.run("s03", "s04")
    signature, certificate = shown(server)
    assert signature == "mldsa65"
    assert ssl.PEM_cert_to_DER_cert(
        server.certificate.read_text().split("-----END")[0] + "-----END CERTIFICATE-----\n"
    )
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert server.key.stat().st_mode & 0o777 == 0o600
    home = server.key.parent / ".web.migration"
    assert (home / "plan_1.before" / "key.pem").read_bytes() == old_key
    made.run("s05")
    assert sorted(os.listdir(home)) == ["current", "plan_1"], "the old key is gone"
    assert shown(server)[0] == "mldsa65"
    secret = server.key.read_text().splitlines()[1]
    assert all(secret not in str(row) for row in made.holder.rows())


def test_a_certificate_for_a_wildcard_is_called_by_it(server, web, migration):
    made = migration(steps(), replace(web, names=("*.Web.example",), probe="", reload=()))
    made.run("s01")
    new = x509.load_pem_x509_certificate(
        (server.key.parent / ".web.migration/plan_1/certificate.pem").read_bytes()
    )
    assert new.subject.rfc4514_string() == "CN=*.web.example"


def test_the_old_files_come_back_as_they_were(server, web, migration):
    before = (server.certificate.read_bytes(), server.key.read_bytes())
    made = migration(steps(), web)
    made.run("s01", "s02", "s03")
    lines = made.undo()
    assert (server.certificate.read_bytes(), server.key.read_bytes()) == before
    assert not server.key.is_symlink() and shown(server)[0] == "ecdsa_secp256r1_sha256"
    assert not (server.key.parent / ".web.migration").exists(), (
        "no new key and no copy of the old one is left"
    )
    assert any("is revoked" in line for line in lines)
    made.run("s01", "s02", "s03")
    assert shown(server)[0] == "mldsa65"


def test_links_of_the_operator_come_back_as_links(server, web, migration, tmp_path):
    for path in (server.certificate, server.key):
        real = tmp_path / path.name
        path.rename(real)
        path.symlink_to(real)
    made = migration(steps(), web)
    made.run("s01", "s02", "s03")
    assert shown(server)[0] == "mldsa65"
    made.undo()
    assert os.readlink(server.key) == str(tmp_path / "web.key")


def test_a_server_that_does_not_follow_is_put_back(server, web, migration, monkeypatch):
    monkeypatch.setattr("workers.crypto.migration.server.SETTLED_S", 0.5)
    before = server.key.read_bytes()
    deaf = Certificate(
        "web", web.certificate, web.key, web.issuer, web.names, reload=("true",), probe=web.probe
    )
    made = migration(steps(), deaf)
    made.run("s01", "s02")
    with pytest.raises(UserError, match="does not show the new certificate; put back: "):
        made.perform("s03")
    assert server.key.read_bytes() == before and made.states()[2] == "failed"


def test_a_second_plan_starts_from_the_first_and_removes_its_key(server, web, migration, connection):
    migration(steps(), web).run()
    first = shown(server)[1]
    made = migration(steps(), web, job_id="job_2", plan_id="plan_2")
    made.run("s01", "s02", "s03")
    assert shown(server)[1] != first
    made.undo()
    assert shown(server)[1] == first and server.key.is_symlink()
    made.run()
    assert sorted(os.listdir(server.key.parent / ".web.migration")) == ["current", "plan_2"]
    old = certificates.by_serial(connection, web.issuer, first.serial_number)
    assert old and old.revoked_at, "the first plan's certificate is of ours"


def test_certificate_and_key_in_one_file_stay_in_one_file(server, web, migration, tmp_path):
    one = tmp_path / "one.pem"
    one.write_bytes(server.certificate.read_bytes() + DH + server.key.read_bytes())
    one.chmod(0o640)
    before = one.read_bytes()
    made = migration(steps(), replace(web, certificate=one, key=one, check=(), reload=(), probe=""))
    made.run("s01", "s02", "s03")
    assert [line for line in one.read_text().splitlines() if line.startswith("-----BEGIN")] == [
        "-----BEGIN CERTIFICATE-----", "-----BEGIN DH PARAMETERS-----", "-----BEGIN PRIVATE KEY-----",
    ]  # fmt: skip
    Context(MODES["hybrid"]).present([(one, one)])
    assert one.stat().st_mode & 0o777 == 0o640
    made.undo()
    assert one.read_bytes() == before
    made.run()
    Context(MODES["hybrid"]).present([(one, one)])
    old = remains.marks(before)
    holding = [path for path in tmp_path.rglob("*") if old & remains.marks(remains.read(path))]
    assert {path.parent for path in holding} == {server.key.parent}, "where another server reads it"


def test_a_certificate_file_that_holds_the_key_too_holds_it_again(server, web, migration):
    server.certificate.write_bytes(server.certificate.read_bytes() + server.key.read_bytes())
    migration(steps(), replace(web, check=(), reload=(), probe="")).run("s01", "s02", "s03")
    Context(MODES["hybrid"]).present([(server.certificate, server.certificate)])
    Context(MODES["hybrid"]).present([(server.certificate, server.key)])


def test_what_certbot_keeps_is_told(server, web, migration):
    """Its `live/` is links into `archive/`, which nobody removes."""
    home = server.key.parent
    for path, name in ((server.certificate, "fullchain1.pem"), (server.key, "privkey1.pem")):
        (home / "archive").mkdir(exist_ok=True)
        path.rename(home / "archive" / name)
        path.symlink_to(f"archive/{name}")
    target = replace(web, check=(), reload=(), probe="")
    made = migration(steps(), target)
    drop = binding.actions(made.holder, steps()[-1], made.targets)["web"]
    left = f"{home}/archive/privkey1.pem still contains it"
    assert left in drop.lines(), "the dry run says so before anything is done"
    made.run()
    assert made.holder.read("s05").evidence["web"]["remains"] == [left, remains.BACKUPS]
    assert (home / "archive" / "privkey1.pem").exists()


def test_hard_links_of_the_old_key_are_told(server, web, migration, tmp_path):
    os.link(server.key, tmp_path / "elsewhere")
    made = migration(steps(), replace(web, check=(), reload=(), probe=""))
    made.run()
    told = made.holder.read("s05").evidence["web"]["remains"]
    assert told == [
        f"1 more names (hard links) of the file that was {server.key} still contain it", remains.BACKUPS
    ]  # fmt: skip


def test_an_old_certificate_that_another_target_reads_is_not_retired(server, web, migration, tmp_path):
    copies = [tmp_path / path.name for path in (server.certificate, server.key)]
    for path, copy in zip((server.certificate, server.key), copies, strict=True):
        copy.write_bytes(path.read_bytes())
    mail = replace(web, name="mail", certificate=copies[0], key=copies[1], check=(), reload=(), probe="")
    made = migration(steps(), replace(web, check=(), reload=(), probe=""), mail)
    made.run("s01", "s02", "s03", "s04")
    with pytest.raises(UserError, match=r"s05 cannot begin.*target mail reads the same certificate or key"):
        made.perform("s05")
    for copy in copies:
        copy.unlink()
    made.perform("s05")
