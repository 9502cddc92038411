"""A server's ECDSA certificate is replaced by an ML-DSA one, on disk and on the wire, and back."""

import os
import ssl

import pytest
from cryptography import x509

from shared.db import certificates
from shared.tls.probe import probe
from workers.migration.targets import Certificate
from workers.outcome import UserError

from .conftest import authority, planned

TYPES = ("prepare", "enable_verifiers", "switch", "validate", "retire")


@pytest.fixture
def web(connection, store, server):
    return Certificate(
        "web", server.certificate, server.key, authority(connection, store).certificate_id, ("localhost",),
        check=server.check, reload=server.reload, probe=server.address,
    )  # fmt: skip


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
    monkeypatch.setattr("workers.migration.server.SETTLED_S", 0.5)
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
