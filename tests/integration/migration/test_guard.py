"""No private key is erased while an envelope, a target or a job still needs it."""

import json
import shutil

import pytest

from novacron.crypto import PublicKey, Recipient, header_of, rewrap_file, seal_file
from novacron.errors import Conflict
from shared.db.crypto import audit
from testing.migration.certificates import authority
from testing.migration.plans import planned
from workers.crypto.keys.guard import Guard
from workers.crypto.keys.keyring import keyring
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.migration import binding, step
from workers.crypto.migration.targets import Certificate, Envelopes, StoredKey
from workers.operations.crypto.envelopes import identity_for
from workers.runtime.outcome import UserError

TYPES = ("prepare", "enable_readers", "canary", "switch", "rewrap", "validate", "retire")


@pytest.fixture
def key(store):
    return store.generate("HPKE-X25519")


def sealed(path, key, version=1, *others):
    path.parent.mkdir(parents=True, exist_ok=True)
    one = key.at(version)
    (plain := path.parent / "plain").write_bytes(b"text")
    recipients = [Recipient(PublicKey(one.algorithm, one.public_key), f"{key.key_id}/{version}"), *others]
    seal_file(plain, path, recipients, classical=True)
    plain.unlink()
    return path


@pytest.fixture
def archive(tmp_path, key):
    for number in range(3):
        sealed(tmp_path / "archive" / f"{number}.ncrypt", key)
    return Envelopes("archive", tmp_path / "archive", key_id=key.key_id)


def steps(**more):
    return planned(*TYPES, component="archive", old="HPKE-X25519", new="X-Wing", **more)


def guarded(connection, *targets, abandoned=()):
    declared = {target.name: target for target in targets}
    return KeyStore(
        connection, keyring(), 1, "tester", Guard(lambda: declared, abandoned=frozenset(abandoned))
    )


def check_refused(made, store, key, *named):
    """The plan goes on to its end, where it is refused and the old version still opens everything."""
    made.run("s01", "s02", "s03", "s04", "s05", "s06")
    with pytest.raises(UserError, match="s07 cannot begin, and nothing was changed") as refused:
        made.perform("s07")
    for name in named:
        assert str(name) in str(refused.value)
    assert store.key(key.key_id).at(1).destroyed_at is None
    assert made.states()[-1] == "failed" and "cannot begin" in made.holder.rows()[-1].error


def test_an_envelope_that_is_a_link_keeps_the_old_version(store, key, archive, migration, tmp_path):
    outside = sealed(tmp_path / "outside" / "9.ncrypt", key)
    (archive.folder / "9.ncrypt").symlink_to(outside)
    made = migration(steps(), archive)
    check_refused(made, store, key, archive.folder / "9.ncrypt", f"is a link to {outside}")
    (archive.folder / "9.ncrypt").unlink()
    made.perform("s07")
    assert store.key(key.key_id).at(1).destroyed_at


@pytest.mark.parametrize("name", ["9.NCRYPT", "sub/copy", ".9.ncrypt.bak"])
def test_an_envelope_under_another_name_keeps_it(store, key, archive, migration, name):
    path = sealed(archive.folder / name, key)
    check_refused(migration(steps(), archive), store, key, path, "does not fit *.ncrypt")


def test_a_second_declared_folder_keeps_it(store, key, archive, migration, tmp_path):
    other = Envelopes("other", tmp_path / "other")
    path = sealed(other.folder / "9.ncrypt", key)
    made = migration(steps(), archive, other)
    check_refused(made, store, key, "target other holds 1 envelopes", path)
    identity = identity_for(store, store.key(key.key_id), header_of(path))
    two = store.key(key.key_id).at(2)
    rewrap_file(
        path, identity, add=[Recipient(PublicKey(two.algorithm, two.public_key), f"{key.key_id}/2")],
        classical=True,
    )  # fmt: skip
    made.perform("s07")
    assert store.key(key.key_id).at(1).destroyed_at


def test_a_name_that_no_folder_has_keeps_the_plan_from_beginning(store, key, archive, migration, tmp_path):
    """Replacing a file under one name leaves what its other names (hard links) hold sealed as it was."""
    (tmp_path / "elsewhere.ncrypt").hardlink_to(archive.folder / "1.ncrypt")
    (archive.folder / "again.ncrypt").hardlink_to(archive.folder / "2.ncrypt")
    made = migration(steps(), archive)
    with pytest.raises(
        UserError, match=r"1\.ncrypt has 1 more names \(hard links\) in no declared folder"
    ) as no:
        made.perform("s01")
    assert "2.ncrypt" not in str(no.value) and len(store.key(key.key_id).versions) == 1
    (tmp_path / "elsewhere.ncrypt").unlink()
    made.run()
    assert store.key(key.key_id).at(1).destroyed_at
    for name in ("2", "again"):
        assert header_of(archive.folder / f"{name}.ncrypt").key_ids == (f"{key.key_id}/2",)


def test_two_folders_with_one_envelope_by_hard_link_both_keep_it(store, key, archive, migration, tmp_path):
    other = Envelopes("other", tmp_path / "other")
    other.folder.mkdir()
    (other.folder / "0.ncrypt").hardlink_to(archive.folder / "0.ncrypt")
    check_refused(migration(steps(), archive, other), store, key, "target other holds 1 envelopes")


def test_a_folder_that_is_not_mounted_keeps_it(store, key, archive, migration, tmp_path):
    other = Envelopes("other", tmp_path / "not mounted")
    made = migration(steps(), archive, other)
    check_refused(made, store, key, "has envelopes in", "not mounted, which is not there")


def test_an_unread_entry_keeps_it(store, key, archive, migration):
    made = migration(steps(), archive)
    made.run("s01", "s02", "s03", "s04", "s05", "s06")
    (archive.folder / "old").symlink_to("/not/mounted")
    with pytest.raises(UserError, match="old is a link to /not/mounted, which is not there, and may be for"):
        made.perform("s07")


def test_fewer_envelopes_than_the_plan_counts_are_missed_at_the_start_and_at_the_end(
    store, key, archive, migration
):
    made = migration(steps(counts={"archive": 1000}), archive)
    with pytest.raises(UserError, match="holds 3 envelopes, and the plan counts 1000"):
        made.perform("s01")
    assert store.key(key.key_id).version == len(store.key(key.key_id).versions) == 1
    made = migration(steps(counts={"archive": 3}), archive, plan_id="plan_2")
    made.run("s01", "s02", "s03", "s04", "s05", "s06")
    shutil.rmtree(archive.folder)
    archive.folder.mkdir()
    with pytest.raises(UserError, match="holds 0 envelopes, and the plan counts 3"):
        made.perform("s07")
    assert store.key(key.key_id).at(1).destroyed_at is None


def test_an_empty_folder_is_nothing_to_migrate(store, key, migration, tmp_path):
    (folder := tmp_path / "empty").mkdir()
    made = migration(steps(), Envelopes("archive", folder, key_id=key.key_id))
    with pytest.raises(UserError, match="holds 0 envelopes, and the plan counts 1"):
        made.run()
    assert len(store.key(key.key_id).versions) == 1


def test_what_comes_between_the_question_and_the_end_is_seen(store, key, archive, migration, monkeypatch):
    """The guard asks again in the transaction that erases."""
    made = migration(steps(), archive)
    made.run("s01", "s02", "s03", "s04", "s05", "s06")
    row = made.holder.read("s07")
    actions = binding.actions(made.holder, row.step, made.targets)
    prove = actions["archive"].prove

    def late(before, pace):
        evidence = prove(before, pace)
        sealed(archive.folder / "late.bin", key)
        return evidence

    monkeypatch.setattr(actions["archive"], "prove", late)
    with pytest.raises(UserError, match=r"step s07 failed: .*late\.bin has a name that does not fit"):
        step.perform(made.holder, row, actions, lambda: None)
    assert store.key(key.key_id).at(1).destroyed_at is None
    for path in archive.folder.glob("*.ncrypt"):
        assert len(header_of(path).key_ids) == 2, "the old version opens them again"


def test_a_dry_run_tells_of_it_and_of_every_use(store, key, archive, migration, connection):
    odd = sealed(archive.folder / "9.NCRYPT", key)
    plan = steps()
    made = migration(plan, archive)
    actions = binding.actions(made.holder, plan[-1], made.targets)["archive"]
    (need,) = actions.needs()
    assert need.name == str(odd)
    text = "\n".join(actions.lines())
    assert f"key {key.key_id}: sealed for by envelopes 4 times, in {archive.folder}" in text
    assert "copies of the database made before still contain it" in text
    assert store.key(key.key_id).version == 1


def test_erasing_by_hand_asks_the_same(store, key, archive, connection, tmp_path):
    store.rotate(key.key_id, algorithm="X-Wing")
    with pytest.raises(Conflict, match=r"target archive holds 3 envelopes that open with version 1 only"):
        guarded(connection, archive).destroy(key.key_id, 1)
    other = Envelopes("other", tmp_path / "gone", key_id=store.generate("X-Wing").key_id)
    with pytest.raises(Conflict, match="target archive") as refused:
        guarded(connection, archive, other).destroy(key.key_id, 1)
    assert "target other" not in str(refused.value), "that folder is for another key"
    guarded(connection, archive, abandoned=["archive"]).destroy(key.key_id, 1)
    assert store.key(key.key_id).at(1).destroyed_at
    acts = [one for one in audit.entries(connection, 1) if one["action"] == "key.destroy"]
    assert acts[-1]["details"] == {"versions": [1], "abandoned": ["archive"]}


def test_another_key_of_the_store_that_opens_it_frees_it_and_a_stranger_does_not(
    store, key, connection, tmp_path
):
    store.rotate(key.key_id, algorithm="X-Wing")
    second = store.generate("X-Wing")
    also = Recipient(PublicKey("X-Wing", second.public_key), f"{second.key_id}/1")
    stranger = Recipient(PublicKey("X-Wing", second.public_key), "somebody")
    target = Envelopes("archive", tmp_path / "archive")
    sealed(target.folder / "1.ncrypt", key, 1, also)
    assert not guarded(connection, target).needs(key.key_id, "destroy", 1)
    sealed(target.folder / "2.ncrypt", key, 1, stranger)
    (need,) = guarded(connection, target).needs(key.key_id, "destroy", 1)
    assert "2.ncrypt" in need.why
    store.retire(second.key_id)
    store.destroy(second.key_id)
    (need,) = guarded(connection, target).needs(key.key_id, "destroy", 1)
    assert "holds 2 envelopes" in need.why


def test_a_declared_key_is_not_retired_nor_the_ca_of_a_declared_certificate(store, connection, tmp_path):
    key, root = store.generate("ML-DSA-44"), authority(connection, store)
    web = Certificate("web", tmp_path / "c", tmp_path / "k", root.certificate_id, ("localhost",))
    mine = guarded(connection, StoredKey("releases", key.key_id), web)
    with pytest.raises(Conflict, match="target releases is declared with this key"):
        mine.retire(key.key_id)
    assert mine.rotate(key.key_id).version == 2
    with pytest.raises(Conflict, match="target web has its next certificate issued by cert_"):
        mine.retire(root.key_id)


@pytest.mark.parametrize(
    ("spec", "act"),
    [
        ({"operation": "sign", "key_id": "KEY"}, "retire"),
        ({"operation": "sign_bundle", "key_ids": ["x", "KEY"]}, "retire"),
        ({"operation": "import_key", "transport_key": "KEY"}, "rotate"),
        ({"operation": "rewrap_envelope", "key_id": "KEY"}, "destroy"),
        ({"operation": "sign_certificate_request", "issuer": "CERT"}, "retire"),
    ],
)
def test_a_job_that_was_accepted_finds_its_key(store, connection, spec, act):
    root = authority(connection, store)
    key_id = root.key_id if "issuer" in spec else store.generate("ML-DSA-44").key_id
    text = json.dumps(spec).replace("KEY", key_id or "").replace("CERT", root.certificate_id)
    connection.execute(
        "INSERT INTO jobs (id, tenant_id, kind, name, spec) VALUES ('job_9', 1, 'cryptographic', '', %s)",
        (text,),
    )
    (need,) = store.needs(key_id, act)
    assert (need.kind, need.name) == ("job", "job_9") and spec["operation"] in need.why
    connection.execute("UPDATE jobs SET state = 'cancelled', finished_at = now()")
    assert store.needs(key_id, act) == []


def test_the_key_of_a_ca_is_not_migrated(store, connection, migration):
    root = authority(connection, store)
    plan = planned(
        "prepare", "switch", "validate", "retire", component="root", old="ML-DSA-65", new="ML-DSA-87"
    )
    made = migration(plan, StoredKey("root", str(root.key_id)))
    with pytest.raises(UserError, match=rf"s01 cannot begin.*certificate {root.certificate_id} is the CA"):
        made.run()
    assert len(store.key(root.key_id).versions) == 1
