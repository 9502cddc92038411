"""What a migration changes keeps owner, group, permissions and time; links and closed folders stay."""

import os
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from novacron.crypto import PrivateKey
from novacron.errors import BadInput
from testing.migration.plans import planned
from workers.crypto.migration.programs import KeyFiles

from .test_certificate import shown
from .test_certificate import steps as certified
from .test_envelopes import archive, key
from .test_envelopes import steps as enveloped
from .test_tls import steps as grouped

__all__ = ["archive", "key"]
ROOT = os.geteuid() == 0
OTHER, TEAM = 54_321, 54_322
LONG_AGO = 10**18 + 7


def marked(path: Path, mode: int = 0o640) -> tuple[int, ...]:
    """Make a file somebody else's, and old; what it is told by from then on."""
    if ROOT:
        os.chown(path, OTHER, TEAM)
    path.chmod(mode)
    os.utime(path, ns=(LONG_AGO, LONG_AGO))
    return attributes(path)


def attributes(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode), found.st_mtime_ns


@pytest.fixture
def opened():
    """A folder that others can reach, as they cannot reach those of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def read_by_other(path: Path) -> bool:
    """Whether a user who is neither root nor of the file's group can read a file."""
    code = f"import os; os.setgroups([]); os.setgid(9999); os.setuid(9999); open({str(path)!r}).read()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_envelopes_stay_their_owners(store, key, archive, migration):
    paths = sorted(archive.folder.rglob("*.ncrypt"))
    before = {path: marked(path) for path in paths}
    contents = {path: path.read_bytes() for path in paths}
    made = migration(enveloped(), archive)
    for step in ("s01", "s02", "s03", "s04", "s05", "s06"):
        made.run(step)
        assert {path: attributes(path) for path in paths} == before, step
    assert all(path.read_bytes() != contents[path] for path in paths)
    made.undo()
    assert {path: attributes(path) for path in paths} == before
    made.run()
    assert {path: attributes(path) for path in paths} == before


def test_what_cannot_stay_its_owners_is_found_before_the_first_step(
    store, key, archive, migration, monkeypatch
):
    from workers.crypto.migration import preflight

    made = migration(enveloped(), archive)
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(BadInput, match=r"0\.ncrypt: it belongs to another user or group"):
        preflight.check(made.holder, enveloped(), made.targets)


@pytest.mark.parametrize("relative", [True, False])
def test_a_configuration_that_is_a_link_stays_one(server, edge, migration, tmp_path, relative):
    (tmp_path / "available").mkdir()
    real = tmp_path / "available" / "groups.conf"
    server.config.rename(real)
    text = os.path.relpath(real, server.config.parent) if relative else str(real)
    server.config.symlink_to(text)
    before, content = marked(real, 0o604), real.read_bytes()
    made = migration(grouped(), edge)
    made.run("s01", "s02", "s03")
    assert os.readlink(server.config) == text and attributes(real) == before and real.read_bytes() != content
    made.undo()
    assert os.readlink(server.config) == text and attributes(real) == before and real.read_bytes() == content
    made.run()
    assert os.readlink(server.config) == text and attributes(real) == before


def test_links_of_certbot_are_relative_before_and_after(server, web, migration):
    """`live/NAME/` holds links `../../archive/NAME/`; a copy of the whole tree must work as the tree does."""
    top = server.key.parent / "letsencrypt"
    live, kept = top / "live" / "it", top / "archive" / "it"
    live.mkdir(parents=True)
    kept.mkdir(parents=True)
    before = {}
    for path, name in ((server.certificate, "fullchain"), (server.key, "privkey")):
        (kept / f"{name}1.pem").write_bytes(path.read_bytes())
        marked(kept / f"{name}1.pem", 0o600)
        (live / f"{name}.pem").symlink_to(f"../../archive/it/{name}1.pem")
        path.unlink()
        path.symlink_to(live / f"{name}.pem")
        before[live / f"{name}.pem"] = f"../../archive/it/{name}1.pem"
    old = {path: (path.read_bytes(), attributes(path)) for path in kept.iterdir()}
    target = replace(web, certificate=live / "fullchain.pem", key=live / "privkey.pem")
    made = migration(certified(), target)
    made.run("s01", "s02", "s03", "s04")
    assert shown(server)[0] == "mldsa65"
    for link in (*before, live / ".web.migration" / "current"):
        assert link.is_symlink() and not os.path.isabs(os.readlink(link)), link
    assert {path: (path.read_bytes(), attributes(path)) for path in kept.iterdir()} == old
    moved = top.rename(top.with_name("elsewhere"))
    assert (moved / "live" / "it" / "privkey.pem").read_bytes() != old[kept / "privkey1.pem"][0]
    moved.rename(top)
    made.undo()
    assert {link: os.readlink(link) for link in before} == before
    assert shown(server)[0] == "ecdsa_secp256r1_sha256"
    assert sorted(os.listdir(live)) == ["fullchain.pem", "privkey.pem"]
    made.run()
    assert shown(server)[0] == "mldsa65"


@pytest.mark.parametrize("linked", [False, True])
def test_a_closed_folder_of_keys_does_not_close_the_certificate(server, web, migration, opened, linked):
    top = opened
    private, public = top / "private", top / "certs"
    private.mkdir(mode=0o700)
    public.mkdir(mode=0o755)
    places = {server.key: private / "web.key", server.certificate: public / "web.pem"}
    for path, place in places.items():
        path.rename(place)
        path.symlink_to(place)
    if linked:  # as of a server that has both in a folder of its own
        (site := top / "site").mkdir(mode=0o755)
        for path, place in list(places.items()):
            (site / place.name).symlink_to(f"../{place.parent.name}/{place.name}")
            places[path] = site / place.name
            path.unlink()
            path.symlink_to(site / place.name)
        (private / "web.key").chmod(0o644)
    certificate, secret = places[server.certificate], places[server.key]
    before = {path: attributes(path.resolve()) for path in places.values()}
    open_to_all = not ROOT or read_by_other(certificate)
    made = migration(certified(), replace(web, certificate=certificate, key=secret))
    made.run("s01", "s02", "s03", "s04")
    assert shown(server)[0] == "mldsa65"
    assert private not in certificate.resolve().parents, "it is read without passing the closed folder"
    assert stat.S_IMODE(certificate.stat().st_mode) == before[certificate][2]
    assert not secret.stat().st_mode & 0o007 or private in secret.resolve().parents
    if ROOT:
        assert open_to_all and read_by_other(certificate) and not read_by_other(secret)
    made.undo()
    assert {path: attributes(path.resolve()) for path in places.values()} == before
    assert not list(top.rglob(".web.migration")), "nothing is left beside either"
    made.run()
    assert shown(server)[0] == "mldsa65"
    homes = {path.parent: sorted(os.listdir(path)) for path in top.rglob(".web.migration")}
    assert homes[certificate.parent] == ["current", "plan_1"], "the old pair is gone"
    second = migration(
        certified(), replace(web, certificate=certificate, key=secret), job_id="job_2", plan_id="plan_2"
    )
    second.run()
    homes = {path.parent: sorted(os.listdir(path)) for path in top.rglob(".web.migration")}
    assert homes[certificate.parent] == ["current", "plan_2"]
    assert not ROOT or (read_by_other(certificate) and not read_by_other(secret))


def test_links_that_a_former_version_made_are_gone_on_with(server, web, migration, monkeypatch):
    """It wrote absolute links, and led them all through the folder beside the key."""
    from workers.crypto.migration import files
    from workers.crypto.migration.pair import Pair

    (private := server.key.parent / "private").mkdir(mode=0o700)
    server.key.rename(private / "web.key")
    server.key.symlink_to(private / "web.key")
    target = replace(web, key=private / "web.key")
    made = migration(certified(), target)
    with monkeypatch.context() as former:
        former.setattr(files, "relative", lambda path, to: str(to))
        former.setattr(Pair, "_front", property(lambda self: self._home))
        made.run("s01", "s02", "s03")
    assert os.readlink(target.key) == str(private / ".web.migration" / "current" / "key.pem")
    made.run("s04", "s05")
    assert shown(server)[0] == "mldsa65"
    assert sorted(os.listdir(private / ".web.migration")) == ["current", "plan_1"]


def test_signing_keys_and_what_is_published_stay_links(migration, tmp_path):
    (real := tmp_path / "store").mkdir()
    private = PrivateKey.generate("Ed25519")
    (real / "jwt.key").write_text(private.pem())
    (real / "jwt.pub").write_text(private.public.pem())
    links = {tmp_path / name: f"store/{name}" for name in ("jwt.key", "jwt.pub")}
    for path, text in links.items():
        path.symlink_to(text)
    before = {path: marked(path.resolve(), 0o600) for path in links}
    contents = {path: path.read_bytes() for path in links}
    signing = planned(
        "prepare", "enable_verifiers", "switch", "validate", "retire",
        component="it", old="Ed25519", new="ML-DSA-65",
    )  # fmt: skip
    made = migration(signing, KeyFiles("it", key=tmp_path / "jwt.key", public=tmp_path / "jwt.pub"))
    made.run("s01", "s02", "s03", "s04")

    def now():
        return {path: os.readlink(path) for path in links}, {
            path: attributes(path.resolve()) for path in links
        }

    assert now() == (links, before) and all(path.read_bytes() != contents[path] for path in links)
    made.undo()
    assert now() == (links, before) and {path: path.read_bytes() for path in links} == contents
    made.run()
    assert now() == (links, before)
    assert not list(tmp_path.rglob(".*")), "no old key is left"
    assert sorted(os.listdir(real)) == ["jwt.key", "jwt.pub"]


def test_a_certificate_in_one_file_keeps_its_attributes(server, web, migration, tmp_path):
    one = tmp_path / "one.pem"
    one.write_bytes(server.certificate.read_bytes() + server.key.read_bytes())
    before, content = marked(one), one.read_bytes()
    made = migration(certified(), replace(web, certificate=one, key=one, check=(), reload=(), probe=""))
    made.run("s01", "s02", "s03")
    assert attributes(one) == before and one.read_bytes() != content
    made.undo()
    assert attributes(one) == before and one.read_bytes() == content


@pytest.mark.parametrize("one", [False, True])
def test_a_private_key_that_others_can_read_is_told_or_refused(
    web, migration, monkeypatch, kek, tmp_path, one
):
    from workers.crypto.migration import binding, preflight

    kek.chmod(0o600)
    target = replace(web, check=(), reload=(), probe="")
    if one:
        (both := tmp_path / "one.pem").write_bytes(web.certificate.read_bytes() + web.key.read_bytes())
        target = replace(target, certificate=both, key=both)
    made = migration(certified(), target)
    for mode, told in ((0o600, False), (0o644, True)):
        target.key.chmod(mode)
        lines = binding.actions(made.holder, certified()[0], made.targets)["web"].lines()
        why = f"{target.key} is open to others (mode 0644), and holds a private key"
        assert any(why in line for line in lines) == told
        monkeypatch.setenv("NOVACRON_STRICT", "0")
        preflight.check(made.holder, certified(), made.targets)
        monkeypatch.setenv("NOVACRON_STRICT", "1")
        if told:
            with pytest.raises(BadInput, match=r"is open to others \(mode 0644\).*chmod 600"):
                preflight.check(made.holder, certified(), made.targets)
        else:
            preflight.check(made.holder, certified(), made.targets)
