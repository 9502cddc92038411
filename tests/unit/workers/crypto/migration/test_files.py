"""Files are replaced whole: content, permissions, and nothing left beside them."""

import os

from workers.crypto.migration import files


def test_a_file_is_replaced_with_its_permissions(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    files.write(path, b"new", like=path)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert os.listdir(tmp_path) == ["a"]


def test_a_new_file_is_private(tmp_path):
    files.write(tmp_path / "key", b"secret")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_what_a_crash_left_is_written_over(tmp_path):
    (tmp_path / ".a.migrating").write_text("half")
    files.write(tmp_path / "a", b"whole")
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"whole"


def test_a_link_is_replaced_not_followed(tmp_path):
    (tmp_path / "old").write_text("old")
    (tmp_path / "new").write_text("new")
    files.link(tmp_path / "current", "old")
    files.link(tmp_path / "current", "new")
    assert (tmp_path / "current").read_text() == "new" and (tmp_path / "old").read_text() == "old"
    files.write(tmp_path / "current", b"plain")
    assert not (tmp_path / "current").is_symlink() and (tmp_path / "new").read_text() == "new"


def test_a_folder_is_removed_once_and_again(tmp_path):
    (folder := tmp_path / "a").mkdir()
    (folder / "key").write_text("secret")
    files.remove(folder)
    files.remove(folder)
    assert not folder.exists()


def test_other_content_keeps_all_else_and_the_link(tmp_path):
    (real := tmp_path / "real").write_text("old")
    real.chmod(0o604)
    os.utime(real, ns=(7, 7))
    (link := tmp_path / "link").symlink_to("real")
    files.rewrite(link, b"new")
    found = real.stat()
    assert link.is_symlink() and real.read_text() == "new"
    assert (found.st_mode & 0o777, found.st_mtime_ns) == (0o604, 7)
    real.unlink()
    files.rewrite(link, b"again")
    assert link.is_symlink() and real.read_text() == "again"


def test_a_link_is_relative_to_where_its_folder_really_is(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "to").mkdir()
    (tmp_path / "short").symlink_to("a/b")
    assert files.relative(tmp_path / "short" / "x", tmp_path / "to" / "y") == "../../to/y"


def test_a_closed_folder_guards_what_is_beside_it_no_more(tmp_path):
    (closed := tmp_path / "closed").mkdir(mode=0o700)
    (closed / "key").write_text("secret")
    (tmp_path / "key").symlink_to("closed/key")
    assert files.reaching(tmp_path / "key") == 0o7770
    assert files.reaching(closed / "key") == 0o7777
