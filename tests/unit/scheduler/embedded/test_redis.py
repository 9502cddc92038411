import shutil
import stat
import tempfile
from pathlib import Path

import pytest
import redis

from scheduler.embedded import ports
from scheduler.embedded.child import Child
from scheduler.embedded.errors import StartError
from scheduler.embedded.redis import Redis
from testing.patience import PATIENCE_S
from tests import redis_servers


class Server:
    def __init__(self, data):
        self.folder = data / "redis"
        self.server = Redis(data, ports.choose())
        self.child = Child(self.server.service(), data, "tests", bound=True)

    def start(self):
        self.child.start()
        self.child.wait_ready(PATIENCE_S)

    def client(self):
        return redis.Redis.from_url(self.server.url, decode_responses=True)


@pytest.fixture(params=redis_servers.found())
def server(request, monkeypatch):
    """A running Valkey or Redis."""
    monkeypatch.setenv("NOVACRON_REDIS_BIN", str(redis_servers.found()[request.param]))
    with tempfile.TemporaryDirectory() as folder:
        made = Server(Path(folder))
        made.start()
        yield made
        made.child.stop()


def test_it_keeps_what_was_written_over_kill_9(server):
    with server.client() as client:
        client.set("a", "b")
    server.child.kill()
    server.start()
    with server.client() as client:
        assert client.get("a") == "b"


def test_it_goes_on_with_what_a_redis_before_7_wrote(server):
    server.child.kill()
    shutil.rmtree(server.folder / "appendonlydir")
    (server.folder / "appendonly.aof").write_bytes(b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n")
    server.start()
    with server.client() as client:
        assert client.get("a") == "b"


def test_it_wants_the_password_which_is_on_no_command_line(server):
    password = server.server.url.split(":")[2].split("@")[0]
    assert len(password) == 48
    assert password not in " ".join(server.child.service.command)
    assert stat.S_IMODE((server.folder / "redis.conf").stat().st_mode) == 0o600
    with redis.Redis.from_url(server.server.url.replace(password, "wrong")) as client:
        with pytest.raises(redis.AuthenticationError):
            client.ping()


def test_its_memory_is_bounded_and_messages_are_never_evicted(server):
    with server.client() as client:
        assert int(client.config_get("maxmemory")["maxmemory"]) == 256 * 1024 * 1024
        client.config_set("maxmemory", "3mb")
        client.set("message", "kept")
        for i in range(200):
            client.set(f"cached-{i}", "x" * 100_000, ex=1000)
        assert client.get("message") == "kept"
        assert client.info()["evicted_keys"] > 0
        client.flushall()
        with pytest.raises(redis.ResponseError, match="maxmemory"):
            for i in range(200):
                client.set(f"message-{i}", "x" * 100_000)


def test_a_file_it_cannot_read_is_put_aside(server):
    server.child.kill()
    [written] = server.folder.rglob("*.incr.aof")
    written.write_bytes(b"*3\r\n$3\r\nSET\r\nnonsense\r\n" * 10)
    for _ in range(2):
        server.child.start()
        with pytest.raises(StartError):
            server.child.wait_ready(PATIENCE_S)
    server.start()
    assert (server.folder / "appendonlydir.unreadable").is_dir()
