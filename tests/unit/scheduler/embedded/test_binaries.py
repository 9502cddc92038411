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
        assert binaries.postgres_folder().samefile(folder)


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


def program(folder, name, said, *, mode=0o755):
    """A program that says one line, whatever it is asked."""
    folder.mkdir(exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\necho '{said}'\n")
    made.chmod(mode)
    return made


@pytest.fixture
def search(monkeypatch, tmp_path):
    """A folder that is all of PATH but for a shell."""
    monkeypatch.delenv("NOVACRON_REDIS_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_the_valkey_of_the_wheel_comes_where_path_has_no_server(search):
    done = subprocess.run([binaries.redis_server(), "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Valkey server v=9.")


def test_servers_on_path_come_before_the_wheel_and_redis_before_valkey(search):
    valkey = program(search, "valkey-server", "Valkey server v=8.1.1 sha=0")
    assert binaries.redis_server() == valkey
    redis = program(search, "redis-server", "Redis server v=6.2.14 sha=0")
    assert binaries.redis_server() == redis


@pytest.mark.parametrize("said", ["Redis server v=5.0.7 sha=0", "pyenv: redis-server: command not found"])
def test_a_server_that_is_too_old_or_runs_nothing_is_passed_over(search, said):
    program(search, "redis-server", said)
    assert binaries.redis_server().name == "valkey-server"


def test_a_named_server_comes_before_path(search, monkeypatch, tmp_path):
    program(search, "redis-server", "Redis server v=7.2.0 sha=0")
    named = program(tmp_path / "named", "valkey-server", "Valkey server v=8.0.0 sha=0")
    monkeypatch.chdir(tmp_path)
    for name in (named, named.parent, "named/valkey-server"):
        monkeypatch.setenv("NOVACRON_REDIS_BIN", str(name))
        assert binaries.redis_server() == named


def test_a_named_server_that_does_not_serve_is_an_error_that_quotes_it(search, monkeypatch, tmp_path):
    old = program(tmp_path / "named", "redis-server", "Redis server v=6.0.1 sha=0")
    for name in (old, old.parent, tmp_path / "absent"):
        monkeypatch.setenv("NOVACRON_REDIS_BIN", str(name))
        with pytest.raises(StackError, match=f"NOVACRON_REDIS_BIN={name}: no Redis 6.2 or Valkey there"):
            binaries.redis_server()


def test_without_any_server_the_error_says_what_to_do(search, monkeypatch):
    monkeypatch.setattr(binaries, "_package", lambda _name: None)
    with pytest.raises(StackError, match=r"make setup.*NOVACRON_REDIS_URL"):
        binaries.redis_server()
