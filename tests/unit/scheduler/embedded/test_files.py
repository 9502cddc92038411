import resource
import stat

import pytest

from scheduler.embedded.files import recorded, secret, write_private


def test_written_files_are_private_and_whole(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_secret_is_drawn_once(tmp_path):
    first = secret(tmp_path / "token", prefix="nc_", n_bytes=16)
    assert secret(tmp_path / "token") == first
    assert first.startswith("nc_") and len(first) == 3 + 32
    assert secret(tmp_path / "other") != first


def test_an_empty_secret_is_drawn_again(tmp_path):
    (tmp_path / "token").touch()
    assert len(secret(tmp_path / "token")) == 48


@pytest.mark.parametrize("damage", [b"\0\0\0", b"\xff\xfe", b"two words\n", "\u00fc".encode()])
def test_a_damaged_secret_is_drawn_again(tmp_path, damage):
    (tmp_path / "token").write_bytes(damage)
    assert len(secret(tmp_path / "token")) == 48


def test_without_room_a_file_stays_as_it_was(tmp_path):
    path = tmp_path / "file"
    write_private(path, "old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_private(path, "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert recorded(path) == "old"
    assert list(tmp_path.iterdir()) == [path]
