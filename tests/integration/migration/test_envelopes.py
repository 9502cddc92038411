"""A folder of envelopes goes over from X25519 to X-Wing; at every step every envelope can be read."""

import io

import pytest

from novacron.algorithms import find
from novacron.crypto import Identity, PublicKey, Recipient, header_of, open_, seal_file
from novacron.errors import NotAuthentic
from testing.migration.plans import planned
from workers.crypto import providers
from workers.crypto.migration.targets import Envelopes
from workers.runtime.outcome import UserError

TYPES = ("prepare", "enable_readers", "canary", "switch", "rewrap", "validate", "retire")


@pytest.fixture
def key(store):
    return store.generate("HPKE-X25519")


def recipient(key, version):
    one = key.at(version)
    return Recipient(PublicKey(one.algorithm, one.public_key), f"{key.key_id}/{version}")


def sealed(folder, key, *names, version=1):
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        (plain := folder / "plain").write_bytes(b"the text of " + name.encode())
        seal_file(plain, path, [recipient(key, version)], context="archive", classical=True)
        plain.unlink()


@pytest.fixture
def archive(tmp_path, key):
    folder = tmp_path / "archive"
    folder.mkdir()
    sealed(folder, key, *(f"{number}.ncrypt" for number in range(6)), "deep/7.ncrypt")
    (folder / "readme.txt").write_text("no envelope")
    return Envelopes("archive", folder)


def steps():
    return planned(*TYPES, component="archive", old="HPKE-X25519", new="X-Wing")


def read(store, key, version, path):
    """The plaintext, as one version of the key opens it."""
    one = store.key(key.key_id).at(version)
    provider, private = providers.load(find(one.algorithm)), store.private(key.key_id, "decrypt", version)
    identity = Identity(
        one.algorithm, frozenset({f"{key.key_id}/{version}"}),
        lambda ciphertext, info: provider.open(one.algorithm, private, ciphertext, info),
    )  # fmt: skip
    with path.open("rb") as source:
        open_(source, plain := io.BytesIO(), identity, context="archive")
    return plain.getvalue()


def readers(store, key, archive):
    """Envelope -> the versions that open it to the right text."""
    found: dict[str, list[int]] = {}
    for path in sorted(archive.folder.rglob("*.ncrypt")):
        name = str(path.relative_to(archive.folder))
        found[name] = []
        for version in (1, 2):
            try:
                assert read(store, key, version, path) == b"the text of " + name.encode()
                found[name].append(version)
            except NotAuthentic:
                pass
    return found


def test_old_and_new_both_read_everything_until_the_old_is_retired(store, key, archive, migration):
    made = migration(steps(), archive)
    made.run("s01", "s02")
    assert store.key(key.key_id).version == 1
    made.run("s03")
    assert [len(one) for one in readers_of(store, key, archive, made)] == [2, 2, 1, 1, 1, 1, 1]
    made.run("s04")
    assert store.key(key.key_id).algorithm == "X-Wing"
    sealed(archive.folder, key_now(store, key), "new.ncrypt", version=2)
    made.run("s05", "s06")
    found = readers(store, key, archive)
    assert found.pop("new.ncrypt") == [2] and set(map(tuple, found.values())) == {(1, 2)}
    made.run("s07")
    assert all(header_of(path).key_ids == (f"{key.key_id}/2",) for path in archive.folder.rglob("*.ncrypt"))
    assert read(store, key, 2, archive.folder / "0.ncrypt") == b"the text of 0.ncrypt"
    assert store.key(key.key_id).at(1).destroyed_at
    assert made.holder.read("s05").evidence["archive"]["envelopes"] == 8
    assert (archive.folder / "readme.txt").read_text() == "no envelope"


def key_now(store, key):
    return store.key(key.key_id)


def readers_of(store, key, archive, made):
    return readers(store, key, archive).values()


def test_taking_back_leaves_the_old_readers_everything(store, key, archive, migration):
    before = {path.name: header_of(path).key_ids for path in archive.folder.rglob("*.ncrypt")}
    made = migration(steps(), archive)
    made.run("s01", "s02", "s03", "s04")
    sealed(archive.folder, key_now(store, key), "new.ncrypt", version=2)
    made.run("s05")
    lines = made.undo()
    assert store.key(key.key_id).version == 1
    after = {path.name: header_of(path).key_ids for path in archive.folder.rglob("*.ncrypt")}
    assert after.pop("new.ncrypt") == (f"{key.key_id}/1",), "what came meanwhile is not lost to old readers"
    assert after == before
    assert set(map(tuple, readers(store, key, archive).values())) == {(1,)}
    assert f"key {key.key_id} is used in version 1 again" in lines
    assert set(made.states()) == {"rolled_back", "pending"}


def test_a_migration_taken_back_can_be_carried_out_again(store, key, archive, migration):
    made = migration(steps(), archive)
    made.run("s01", "s02", "s03", "s04")
    made.undo()
    made.run()
    assert made.states() == ["done"] * 7
    assert len(store.key(key.key_id).versions) == 2, "the version made the first time is used"


def test_a_damaged_envelope_stops_the_plan_before_anything_is_changed(store, key, archive, migration):
    path = archive.folder / "3.ncrypt"
    path.write_bytes(path.read_bytes()[:200])
    made = migration(steps(), archive)
    with pytest.raises(UserError, match=r"s01 cannot begin|3\.ncrypt"):
        made.run()
    assert store.key(key.key_id).version == 1
    assert len(header_of(archive.folder / "0.ncrypt").key_ids) == 1


def test_an_envelope_changed_on_the_way_puts_the_step_back(store, key, archive, migration):
    made = migration(steps(), archive)
    made.run("s01", "s02", "s03", "s04")
    path = archive.folder / "5.ncrypt"
    data = bytearray(path.read_bytes())
    data[-(len(b"the text of 5.ncrypt") + 16) - 60] ^= 1  # before the payload: in the header's MAC
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"step s05 failed: .*5\.ncrypt"):
        made.perform("s05")
    kept = {path.name: len(header_of(path).key_ids) for path in archive.folder.glob("*.ncrypt")}
    assert sorted(kept.values()) == [1, 1, 1, 1, 2, 2], "those of the canary stay"


def test_the_key_must_be_told_from_the_envelopes(store, key, archive, migration):
    other = store.generate("HPKE-X25519")
    sealed(archive.folder, other, "other.ncrypt")
    with pytest.raises(UserError, match="name 2 HPKE-X25519 keys of the store"):
        migration(steps(), archive).perform("s01")
    named = Envelopes("archive", archive.folder, key_id=key.key_id)
    migration(steps(), named).run()
    assert header_of(archive.folder / "other.ncrypt").key_ids == (f"{other.key_id}/1",)
