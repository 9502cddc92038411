"""What a folder of envelopes holds, also under odd names, behind links and unread."""

import os

import pytest

from novacron.crypto import PrivateKey, seal_file
from workers.crypto.migration.entries import entries


@pytest.fixture
def folder(tmp_path):
    (made := tmp_path / "archive").mkdir()
    return made


def sealed(path):
    (plain := path.parent / "plain").write_bytes(b"text")
    seal_file(plain, path, [PrivateKey.generate("X-Wing").public])
    plain.unlink()
    return path


def found(folder):
    return {str(one.path.relative_to(folder)): one.trouble for one in entries(folder, "*.ncrypt")}


def test_envelopes_at_any_depth_are_no_trouble_and_other_files_are_nothing(folder):
    (folder / "a" / "b").mkdir(parents=True)
    sealed(folder / "1.ncrypt")
    sealed(folder / "a" / "b" / "2.ncrypt")
    (folder / "readme.txt").write_text("no envelope")
    (folder / "empty").touch()
    assert found(folder) == {"1.ncrypt": "", "a/b/2.ncrypt": ""}


@pytest.mark.parametrize("name", ["1.NCRYPT", "backup", ".hidden", "1.ncrypt.bak"])
def test_an_envelope_under_another_name_is_told(folder, name):
    sealed(folder / name)
    assert found(folder) == {name: "has a name that does not fit *.ncrypt"}


def test_links_are_told_by_where_they_lead(folder, tmp_path):
    sealed(tmp_path / "outside.ncrypt")
    (tmp_path / "more").mkdir()
    sealed(tmp_path / "more" / "3.ncrypt")
    (folder / "file.ncrypt").symlink_to(tmp_path / "outside.ncrypt")
    (folder / "more").symlink_to(tmp_path / "more")
    (folder / "again").symlink_to(tmp_path / "more")
    (folder / "lost").symlink_to("/not/mounted")
    (folder / "up").symlink_to(tmp_path)
    (folder / "self").symlink_to(folder)
    sealed(folder / "1.ncrypt")
    (folder / "same.ncrypt").symlink_to("1.ncrypt")
    assert found(folder) == {
        "1.ncrypt": "",
        "again/3.ncrypt": f"is in a linked folder, {folder}/again",
        "file.ncrypt": f"is a link to {tmp_path}/outside.ncrypt",
        "lost": "is a link to /not/mounted, which is not there",
        "up": f"is a link to {tmp_path}, above this folder, and is not followed",
    }


def test_what_cannot_be_read_is_told(folder):
    (folder / "cut.ncrypt").write_bytes(sealed(folder / "1.ncrypt").read_bytes()[:50])
    (folder / "text.ncrypt").write_text("no envelope")
    os.mkfifo(folder / "pipe.ncrypt")
    told = found(folder)
    assert told.pop("1.ncrypt") == ""
    assert told["pipe.ncrypt"] == "is no regular file"
    assert "cut short" in told["cut.ncrypt"] and "not an envelope" in told["text.ncrypt"]


def test_what_a_killed_process_left_beside_an_envelope_is_not_told(folder):
    data = sealed(folder / "1.ncrypt").read_bytes()
    (folder / ".1.ncrypt.abcd_123").write_bytes(data)
    sealed(folder / ".2.ncrypt.abcd_123")
    assert found(folder) == {"1.ncrypt": "", ".2.ncrypt.abcd_123": "has a name that does not fit *.ncrypt"}
