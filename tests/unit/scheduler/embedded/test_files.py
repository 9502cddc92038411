import stat

from scheduler.embedded.files import secret, write_private


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
