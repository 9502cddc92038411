"""Groups of a real server, migrated by its configuration and seen on the wire."""

import pytest

from shared.crypto.tls.probe import probe
from testing.migration.certificates import authority
from testing.migration.plans import planned
from workers.crypto.migration import server as serving
from workers.crypto.migration.targets import Certificate, Groups
from workers.runtime.outcome import UserError

TYPES = ("prepare", "enable_readers", "switch", "validate", "retire")


def steps():
    return planned(*TYPES, component="edge", old="X25519", new="X25519MLKEM768")


def test_each_step_is_seen_on_the_wire(server, edge, migration):
    made = migration(steps(), edge)
    made.run("s01", "s02")
    seen = probe("127.0.0.1", server.port)
    assert seen.knows_pq and seen.takes_classical_groups and not seen.pq
    made.run("s03", "s04")
    seen = probe("127.0.0.1", server.port)
    assert (
        seen.handshake
        and seen.handshake.group == "X25519MLKEM768"
        and seen.serves_classical
        and not seen.downgrades
    )
    made.run("s05")
    assert not probe("127.0.0.1", server.port).takes_classical_groups
    assert made.states() == ["done"] * 5
    assert "ssl_ecdh_curve X25519MLKEM768;\n" in server.config.read_text()
    assert made.holder.rows()[2].evidence["edge"]["probe"]["handshake"]["group"] == "X25519MLKEM768"


def test_everything_is_taken_back(server, edge, migration):
    before = server.config.read_bytes()
    made = migration(steps(), edge)
    made.run("s01", "s02", "s03")
    assert made.undo() == [
        f"ssl_ecdh_curve is X25519:secp256r1/X25519MLKEM768 in {server.config} again",
        f"ssl_ecdh_curve is X25519:secp256r1 in {server.config} again",
    ]
    assert server.config.read_bytes() == before
    assert not probe("127.0.0.1", server.port).knows_pq
    assert made.states() == ["rolled_back"] * 3 + ["pending"] * 2


def test_groups_are_judged_apart_from_the_certificate(server, edge, migration, connection, store):
    """A client of old may know the groups and yet no ML-DSA."""
    issuer = authority(connection, store).certificate_id
    web = Certificate(
        "web", server.certificate, server.key, issuer, ("localhost",),
        reload=server.reload, probe=server.address,
    )  # fmt: skip
    types = ("prepare", "switch")
    migration(planned(*types, component="web", old="ECDSA-P256", new="ML-DSA-65"), web).run()
    made = migration(steps(), edge, job_id="job_2", plan_id="plan_2")
    made.run("s01", "s02")
    seen = probe("127.0.0.1", server.port)
    assert seen.takes_classical_groups and not seen.serves_classical
    made.run("s03", "s04", "s05")
    assert not probe("127.0.0.1", server.port).takes_classical_groups


def test_a_server_that_does_not_follow_is_put_back(server, edge, migration, monkeypatch):
    monkeypatch.setattr(serving, "SETTLED_S", 0.5)
    made = migration(
        steps(), Groups("edge", server.config, "ssl_ecdh_curve", reload=("true",), probe=server.address)
    )
    made.run("s01")
    with pytest.raises(
        UserError, match="does not take X25519MLKEM768; put back: ssl_ecdh_curve is X25519:secp256r1"
    ):
        made.perform("s02")
    assert "ssl_ecdh_curve X25519:secp256r1;\n" in server.config.read_text()
    row = made.holder.read("s02")
    assert row.state == "failed" and "does not take" in row.error


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"check": ("false",)}, "`false` ended with 1: without a word"),
        ({"check": ("sh", "-c", "echo trouble >&2; exit 3")}, "ended with 3: trouble"),
        (
            {"reload": ("/nonexistent/nginx",)},
            "`/nonexistent/nginx` cannot be run: No such file or directory",
        ),
    ],
)
def test_a_configuration_that_is_refused_says_why(server, migration, more, why):
    made = migration(steps(), Groups("edge", server.config, "ssl_ecdh_curve", **more))
    made.run("s01")
    with pytest.raises(
        UserError,
        match=rf"step s02 failed: .*{why}; put back: .*again; the server of edge was not notified: .*{why}",
    ):
        made.perform("s02")
    assert "ssl_ecdh_curve X25519:secp256r1;\n" in server.config.read_text()
    row = made.holder.read("s02")
    assert row.state == "failed" and why in row.evidence["untold"]["edge"]
    assert row.evidence["restored"] == [f"ssl_ecdh_curve is X25519:secp256r1 in {server.config} again"]
    with pytest.raises(UserError, match="the server of edge was not notified"):
        made.undo()
    made.targets = {"edge": Groups("edge", server.config, "ssl_ecdh_curve", reload=server.reload)}
    made.undo()
    row = made.holder.read("s02")
    assert row.state == "rolled_back" and "untold" not in row.evidence, "told once it could be"


@pytest.mark.parametrize("text", ["", "# ssl_ecdh_curve X25519;\n", "ssl_ecdh_curve X25519;\n" * 2])
def test_the_directive_must_be_there_once(server, edge, migration, text):
    server.config.write_text(text)
    made = migration(steps(), edge)
    with pytest.raises(
        UserError, match=r"nothing was changed: .* must hold the directive ssl_ecdh_curve once"
    ):
        made.perform("s01")
    assert made.states()[0] == "failed" and server.config.read_text() == text
