"""A server that falls back to classical groups after its migration is found out."""

import os
import signal

import pytest

from shared.crypto.tls.probe import probe
from testing.migration.certificates import authority
from testing.migration.plans import planned
from testing.patience import eventually
from workers.crypto.migration import binding, drift
from workers.crypto.migration.targets import Certificate

TYPES = ("prepare", "enable_readers", "switch", "validate")


@pytest.fixture
def watched(edge, migration):
    """What the server offered when its migration was done."""
    made = migration(planned(*TYPES, component="edge", old="X25519", new="X25519MLKEM768"), edge)
    made.run()
    rows = made.holder.rows()
    assert binding.bound((row.step for row in rows), made.targets) == {"edge": edge}
    return drift.left(rows)["edge"]


def reconfigured(server, groups):
    before = server.config.read_text().split("ssl_ecdh_curve ")[-1]
    server.config.write_text(server.config.read_text().replace(before, f"{groups};\n"))
    os.kill(server.pid, signal.SIGHUP)


def seen(edge, watched, wanted):
    """What has drifted, once the server has read its file."""
    eventually(lambda: {(one.severity, one.text) for one in drift.look(edge, watched)} == wanted, str(wanted))


def test_nothing_has_drifted(edge, watched):
    assert watched["handshake"]["group"] == "X25519MLKEM768"
    assert drift.look(edge, watched) == []


def test_a_fall_back_and_a_downgrade_are_told(server, edge, watched):
    reconfigured(server, "X25519:secp256r1")
    seen(edge, watched, {("high", "key exchange fell from X25519MLKEM768 back to X25519")})
    reconfigured(server, "X25519:X25519MLKEM768")
    seen(edge, watched, {
        ("high", "key exchange fell from X25519MLKEM768 back to X25519"),
        ("high", "a client that lists a classical group first now gets a classical key exchange"),
    })  # fmt: skip


def test_old_groups_that_come_back_are_told(server, edge, watched):
    reconfigured(server, "X25519MLKEM768")
    now = eventually(
        lambda: None if (seen := probe("127.0.0.1", server.port)).takes_classical_groups else seen
    )
    reconfigured(server, "X25519MLKEM768/X25519")
    seen(edge, now.document(), {("medium", "a classical key exchange is accepted again")})


def test_a_server_that_is_gone_is_told(server, edge, watched):
    os.kill(server.pid, signal.SIGKILL)
    why = "does not answer: nothing answers at"
    found = eventually(lambda: [one for one in drift.look(edge, watched) if why in one.text])
    assert [one.severity for one in found] == ["low"]


def test_a_signature_is_judged_apart_from_the_groups(server, migration, connection, store):
    issuer = authority(connection, store).certificate_id
    old = (server.certificate.read_bytes(), server.key.read_bytes())
    web = Certificate(
        "web", server.certificate, server.key, issuer, ("localhost",),
        reload=server.reload, probe=server.address,
    )  # fmt: skip
    reconfigured(server, "X25519MLKEM768/X25519")
    made = migration(planned("prepare", "switch", component="web", old="ECDSA-P256", new="ML-DSA-65"), web)
    made.run()
    watched = drift.left(made.holder.rows())["web"]
    reconfigured(server, "X25519")
    seen(web, watched, {("high", "key exchange fell from X25519MLKEM768 back to X25519")})
    reconfigured(server, "X25519MLKEM768/X25519")
    seen(web, watched, set())
    for path, data in zip((server.certificate, server.key), old, strict=True):
        path.unlink()
        path.write_bytes(data)
    os.kill(server.pid, signal.SIGHUP)
    told = "the server proves itself by ecdsa_secp256r1_sha256, no longer by mldsa65"
    seen(web, watched, {("high", told)})
