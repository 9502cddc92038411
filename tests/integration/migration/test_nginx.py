"""A real nginx migrated: hosts told apart by names, lists of groups as it writes them, and its own words."""

import pytest
from cryptography import x509

from novacron.errors import BadInput
from testing.migration.certificates import authority
from testing.migration.plans import planned
from testing.patience import eventually
from workers.crypto.migration import preflight
from workers.crypto.migration.targets import Certificate, Groups
from workers.runtime.outcome import UserError

from .nginx_server import nginx

CERTIFIED = ("prepare", "enable_verifiers", "switch", "validate", "retire")
LISTED = ("prepare", "enable_readers", "switch", "validate", "retire")


@pytest.fixture(autouse=True)
def quick_looks():
    """Not here: nginx leaves its former processes the port for a moment."""


def certificate(server, name, issuer, **more):
    return Certificate(
        name.partition(".")[0], server.chain(name), server.key(name), issuer, (name,),
        check=server.check, reload=server.reload, probe=server.address(name), **more,
    )  # fmt: skip


def groups(server, name="one.example", **more):
    return Groups(
        "edge", server.config(name), "ssl_ecdh_curve",
        **{"check": server.check, "reload": server.reload, "probe": server.address(name)} | more,
    )  # fmt: skip


def signature(server, name):
    handshake = server.seen(name).handshake
    return handshake and handshake.signature


def test_the_second_host_at_an_address_is_migrated_and_the_first_is_not(
    tmp_path, migration, connection, store
):
    issuer = authority(connection, store).certificate_id
    with nginx(tmp_path / "nginx", ["one.example", "two.example"], shared=True) as server:
        two = certificate(server, "two.example", issuer)
        made = migration(planned(*CERTIFIED, component="two", old="ECDSA-P256", new="ML-DSA-65"), two)
        preflight.check(made.holder, made.steps, made.targets)
        made.run("s01", "s02", "s03", "s04")
        assert signature(server, "two.example") == "mldsa65"
        assert signature(server, "one.example") == "ecdsa_secp256r1_sha256"
        assert made.undo()
        eventually(lambda: signature(server, "two.example") == "ecdsa_secp256r1_sha256", "the old one")
        made.run()
        one = certificate(server, "one.example", issuer)
        other = migration(
            planned(*CERTIFIED, component="one", old="ECDSA-P256", new="ML-DSA-65"), one,
            job_id="job_2", plan_id="plan_2",
        )  # fmt: skip
        other.run()
        shown = [server.seen(name).attempts["preferred"].chain[0] for name in ("one.example", "two.example")]
        names = [x509.load_der_x509_certificate(der).subject.rfc4514_string() for der in shown]
        assert names == ["CN=one.example", "CN=two.example"]
        assert signature(server, "one.example") == signature(server, "two.example") == "mldsa65"


@pytest.mark.parametrize(
    ("written", "both", "switched"),
    [
        ("X25519:prime256v1", "X25519:prime256v1/X25519MLKEM768", "X25519MLKEM768/X25519:prime256v1"),
        ('"X25519:prime256v1"', '"X25519:prime256v1/X25519MLKEM768"', '"X25519MLKEM768/X25519:prime256v1"'),
        ("'secp384r1'", "'secp384r1/X25519MLKEM768'", "'X25519MLKEM768/secp384r1'"),
        ("X25519:X25519MLKEM768", "X25519:X25519MLKEM768", "X25519MLKEM768/X25519"),
        (
            "auto",
            "auto",
            "X25519MLKEM768/?X25519:?secp256r1/?X448:?secp384r1:?secp521r1/?ffdhe2048:?ffdhe3072",
        ),
    ],
)
def test_lists_are_written_as_nginx_has_them(tmp_path, migration, written, both, switched):
    with nginx(tmp_path / "nginx", ["one.example"], groups=written) as server:
        config = server.config("one.example")
        before = config.read_bytes()
        made = migration(
            planned(*LISTED, component="edge", old="X25519", new="X25519MLKEM768"), groups(server)
        )
        preflight.check(made.holder, made.steps, made.targets)
        made.run("s01", "s02")
        assert f"ssl_ecdh_curve {both};\n" in config.read_text()
        seen = server.seen("one.example")
        assert seen.knows_pq and seen.takes_classical_groups
        made.run("s03", "s04")
        assert f"ssl_ecdh_curve {switched};\n" in config.read_text()
        seen = server.seen("one.example")
        assert seen.pq and seen.takes_classical_groups and not seen.downgrades
        made.undo()
        assert config.read_bytes() == before
        made.run()
        assert not server.seen("one.example").takes_classical_groups


def test_what_nginx_complains_of_is_shown_before_anything_is_touched(tmp_path, migration):
    with nginx(tmp_path / "nginx", ["one.example"]) as server:
        config = server.config("one.example")
        text = config.read_text().replace("ssl_ecdh_curve", "ssl_no_such_thing on;\n  ssl_ecdh_curve")
        config.write_text(text)
        made = migration(
            planned(*LISTED, component="edge", old="X25519", new="X25519MLKEM768"), groups(server)
        )
        with pytest.raises(BadInput) as refused:
            preflight.check(made.holder, made.steps, made.targets)
        assert refused.value.field == "targets.edge.check"
        assert "[emerg] " in str(refused.value) and 'unknown directive "ssl_no_such_thing"' in str(
            refused.value
        )
        assert "test failed" in str(refused.value), "and the rest of what it wrote"
        assert config.read_text() == text and made.states() == ["pending"] * 5


def test_that_the_server_was_not_told_is_said_apart(tmp_path, migration):
    with nginx(tmp_path / "nginx", ["one.example"]) as server:
        config, broken = server.config("one.example"), server.folder / "hosts" / "zz.conf"
        made = migration(
            planned(*LISTED, component="edge", old="X25519", new="X25519MLKEM768"), groups(server)
        )
        made.run("s01")
        before = config.read_text()
        broken.write_text("no_such_directive;\n")
        with pytest.raises(UserError) as failed:
            made.perform("s02")
        told = str(failed.value)
        assert "[emerg]" in told and "put back: ssl_ecdh_curve is X25519:prime256v1" in told
        assert "the server of edge was not notified: " in told
        assert config.read_text() == before
        broken.unlink()
        made.undo()
        assert made.states()[:2] == ["rolled_back"] * 2
        eventually(lambda: not server.seen("one.example").knows_pq, "the old list")
