import subprocess
import tempfile
from pathlib import Path

import pytest

from scheduler.embedded import binaries
from scheduler.embedded.account import unprivileged
from scheduler.embedded.errors import StackError


def version(folder):
    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_newest_postgresql_of_the_wheel_is_found(monkeypatch):
    monkeypatch.delenv("NOVACRON_POSTGRES_BIN", raising=False)
    assert "PostgreSQL) 18" in version(binaries.postgres_folder(unprivileged()))


def test_a_named_program_comes_first(monkeypatch):
    folder = binaries.postgres_folder()
    for name in (folder, folder / "postgres"):
        monkeypatch.setenv("NOVACRON_POSTGRES_BIN", str(name))
        assert binaries.postgres_folder() == folder


def test_a_wrong_name_is_an_error_that_quotes_it(monkeypatch, tmp_path):
    monkeypatch.setenv("NOVACRON_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(StackError, match=f"NOVACRON_POSTGRES_BIN={tmp_path}: no postgres there"):
        binaries.postgres_folder()


def test_the_reachable_copy_runs_from_where_it_is(monkeypatch):
    source = binaries.postgres_folder()
    with tempfile.TemporaryDirectory() as home:
        monkeypatch.setattr(binaries, "COPY_HOMES", (Path(home) / "homes",))
        monkeypatch.setattr(binaries, "_only_root_writes", lambda _folder: True)
        copy = binaries._reachable_copy(source)
        assert copy.is_relative_to(home)
        assert version(copy) == version(source)
        assert subprocess.run([copy / "initdb", "--version"], capture_output=True).returncode == 0
        assert binaries._reachable_copy(source) == copy
        assert len(list((Path(home) / "homes").iterdir())) == 1


def test_a_folder_others_may_write_to_is_not_trusted(tmp_path):
    tmp_path.chmod(0o777)
    assert not binaries._only_root_writes(tmp_path)


def test_redis_is_found():
    done = subprocess.run([binaries.redis_server(), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Redis server")
