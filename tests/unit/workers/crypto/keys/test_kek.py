"""Where key-encryption keys are found, and what is said when they are not."""

import base64
import os
import stat

import pytest

from shared.settings import Settings
from workers.crypto.keys.kek import FileKeyring, KekError, LocalKeyring
from workers.crypto.keys.keyring import keyring


def drawn():
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture(autouse=True)
def no_kek(monkeypatch):
    for name in ("NOVACRON_KEK", "NOVACRON_KEK_FILE", "NOVACRON_KEK_URL"):
        monkeypatch.delenv(name, raising=False)


def test_a_kek_comes_from_the_environment(monkeypatch):
    text = drawn()
    monkeypatch.setenv("NOVACRON_KEK", text)
    kek = keyring(Settings()).newest()
    assert kek.unwrap(kek.wrap(b"dek", b"binding"), b"binding") == b"dek"
    assert kek.kek_id == LocalKeyring(text, "here").newest().kek_id


def test_a_kek_comes_from_a_file(tmp_path):
    path = tmp_path / "kek"
    first, second = drawn(), drawn()
    path.write_text(f"{first}\n{second}\n")
    found = keyring(Settings(kek_file=str(path)))
    assert found.newest().kek_id == LocalKeyring(first, "here").newest().kek_id
    older = LocalKeyring(second, "here").newest().kek_id
    assert found.find(older).kek_id == older


def test_without_a_kek_it_is_said_what_to_set():
    with pytest.raises(KekError, match="set NOVACRON_KEK_FILE, NOVACRON_KEK or NOVACRON_KEK_URL"):
        keyring(Settings())


def test_two_sources_are_one_too_many(monkeypatch):
    monkeypatch.setenv("NOVACRON_KEK", drawn())
    with pytest.raises(KekError, match="NOVACRON_KEK and NOVACRON_KEK_FILE are both set"):
        keyring(Settings(kek_file="somewhere"))


@pytest.mark.parametrize("text", ["short", "A" * 44, base64.b64encode(bytes(31)).decode(), "=", "ä", " "])
def test_what_is_no_kek_is_refused_and_not_shown(text):
    with pytest.raises(KekError) as refused:
        LocalKeyring(text, "the file")
    assert not text.strip() or text == "=" or text not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(KekError, match="cannot be read: No such file"):
        FileKeyring(tmp_path / "missing")


def test_a_new_kek_is_written_before_it_is_used_and_the_old_one_stays(tmp_path):
    path = tmp_path / "kek"
    path.write_text(drawn())
    ring = FileKeyring(path)
    old = ring.newest()
    new = ring.renew()
    assert FileKeyring(path).newest().kek_id == new.kek_id != old.kek_id
    assert FileKeyring(path).find(old.kek_id).kek_id == old.kek_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ring.forget([old.kek_id])
    with pytest.raises(KekError, match="is needed and not in"):
        FileKeyring(path).find(old.kek_id)
    ring.forget([new.kek_id])
    assert FileKeyring(path).newest().kek_id == new.kek_id  # the last one is never dropped


def test_a_file_that_is_not_ours_to_write_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "kek"
    path.write_text(f"{drawn()}\n{drawn()}\n")
    before = path.read_text()
    monkeypatch.setattr(os, "access", lambda *_: False)
    ring = FileKeyring(path)
    ring.forget([ring.newest().kek_id])
    with pytest.raises(KekError, match="is replaced by whoever sets it"):
        ring.renew()
    assert path.read_text() == before


def test_a_kek_that_another_process_added_is_found(tmp_path):
    path = tmp_path / "kek"
    path.write_text(drawn())
    mine, theirs = FileKeyring(path), FileKeyring(path)
    added = theirs.renew().kek_id
    assert mine.find(added).kek_id == added
