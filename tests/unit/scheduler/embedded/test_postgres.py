import os
import re
import signal
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest

from scheduler.embedded.child import Child
from scheduler.embedded.postgres import Postgres
from testing.patience import PATIENCE_S

QUICK = {"fsync": "off", "shared_buffers": "16MB"}


class Cluster:
    def __init__(self, data):
        self.data = data
        self.server = Postgres(data, "tests", QUICK)
        self.server.create()
        self.child = Child(self.server.service(), data, "tests", bound=True)

    def start(self):
        self.child.start()
        self.child.wait_ready(PATIENCE_S)

    def ask(self, query):
        with psycopg.connect(self.server.url) as connection:
            return connection.execute(query).fetchone()


@pytest.fixture(scope="module")
def cluster():
    with tempfile.TemporaryDirectory() as folder:
        made = Cluster(Path(folder).resolve())
        made.start()
        yield made
        made.child.stop()


def test_it_is_created_once(cluster):
    assert not cluster.server.create()


def test_its_folder_is_private_to_an_ordinary_user(cluster):
    found = cluster.server.folder.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid != 0
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("lc_collate", None),
        ("listen_addresses", ""),
        ("max_connections", "200"),
        ("synchronous_commit", "on"),
    ],
)
def test_settings(cluster, setting, value):
    query = f"SELECT setting FROM pg_settings WHERE name = '{setting}'"
    if value is None:
        query, value = "SELECT datcollate FROM pg_database WHERE datname = current_database()", "C"
    assert cluster.ask(query) == (value,)


def test_the_application_is_no_superuser_but_may_create_databases(cluster):
    query = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert cluster.ask(query) == (False, True)


def test_rows_survive_kill_9(cluster):
    with psycopg.connect(cluster.server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    cluster.child.kill()
    cluster.start()
    assert cluster.ask("SELECT sum(n) FROM kept") == (500_500,)


def test_a_lock_file_naming_a_stranger_is_no_obstacle(cluster):
    cluster.child.kill()
    lines = (cluster.server.folder / "postmaster.pid").read_text().splitlines()
    (cluster.server.folder / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    cluster.start()
    assert cluster.ask("SELECT 1") == (1,)


def test_a_backend_that_outlives_its_server_is_ended(cluster):
    with psycopg.connect(cluster.server.url) as busy:
        pid = busy.info.backend_pid
        assert pid in [process.pid for process in cluster.server.processes()]
        os.kill(pid, signal.SIGSTOP)  # it cannot notice
        cluster.child.kill()
        cluster.start()
        assert pid not in [process.pid for process in cluster.server.processes()]
    assert cluster.ask("SELECT 1") == (1,)


def test_an_initdb_cut_short_is_done_again():
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder).resolve()
        (data / "postgres.unfinished").mkdir()
        (data / "postgres.unfinished" / "PG_VERSION").write_text("18")
        cluster = Cluster(data)
        cluster.start()
        assert cluster.ask("SELECT current_database()") == ("novacron",)
        cluster.child.stop()
        assert not (data / "postgres.unfinished").exists()


@pytest.mark.parametrize("name", ["a,b", "a b", "a:b", "a'b\"c", "\u00e4\u4e2d", "a%2Cb", "a\\b", "a\nb"])
def test_a_path_that_is_not_plain_gets_a_short_link(tmp_path, name):
    server = Postgres(tmp_path / name / "data", "stack")
    link = server._socket_folder()
    try:
        assert re.fullmatch(r"/tmp/novacron-[0-9a-f]{16}", str(link))
        assert link.readlink() == tmp_path / name / "data" / "postgres"
        assert server.url == f"postgresql://novacron@/novacron?host={link}&port=5432"
    finally:
        server.forget()
    assert not link.is_symlink()


def test_a_path_too_long_for_a_socket_gets_a_short_link():
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder).resolve() / ("long" * 25) / "with space"
        data.mkdir(parents=True)
        cluster = Cluster(data)
        cluster.start()
        assert cluster.ask("SELECT 1") == (1,)
        link = Path(cluster.server.url.split("host=")[1].split("&")[0])
        assert link.is_symlink()
        link.unlink()
        cluster.server.keep_reachable()
        assert cluster.ask("SELECT 1") == (1,)
        cluster.child.stop()
        cluster.server.forget()
        assert not link.is_symlink()


def test_the_data_folder_is_on_the_command_line(cluster):
    assert str(cluster.data) in " ".join(cluster.child.service.command)
