"""Redis or Valkey on a loopback port, with a password and an append-only file."""

from __future__ import annotations

import shutil
import signal
from contextlib import suppress
from pathlib import Path

from scheduler.embedded import binaries, ports
from scheduler.embedded.files import recorded, secret, write_private
from scheduler.embedded.service import Service

STARTS_BEFORE_GIVING_UP = 2
ROOM_BYTES = 1 << 20
MAX_MEMORY = "256mb"
# With no expiring keys, volatile-lru refuses writes when memory is full, as noeviction does; broker messages
# never expire, cached results do.
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir .
appendonly {durable}
appendfsync everysec
aof-load-truncated yes
save ""
maxmemory {memory}
maxmemory-policy volatile-lru
set-proc-title no
daemonize no
"""


class Redis:
    """A server of Redis or Valkey in a folder.

    Args:
        data: the data folder; the server's files are in its sub-folder `redis`.
        port: loopback port to listen on.
        durable: whether writes are persisted in a file.
    """

    def __init__(self, data: Path, port: int, *, durable: bool = True) -> None:
        self._folder = data / "redis"
        self._port = port
        self._durable = durable
        self._unread = self._folder / "starts-without-answer"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._password = secret(self._folder / "password")

    @property
    def url(self) -> str:
        """Connection URL; contains the password."""
        return f"redis://:{self._password}@{ports.LOOPBACK}:{self._port}/0"

    def service(self) -> Service:
        """Return the server as a process of the stack.

        Raises:
            StackError: this machine has no such server.
        """
        configuration = self._folder / "redis.conf"
        write_private(
            configuration,
            CONFIGURATION.format(
                host=ports.LOOPBACK,
                port=self._port,
                password=self._password,
                durable="yes" if self._durable else "no",
                memory=MAX_MEMORY,
            ),
        )
        return Service(
            name="redis",
            command=(str(binaries.redis_server()), str(configuration)),
            folder=self._folder,
            prepare=self._set_aside_unreadable,
            ready=self._ready,
            stop_signals=((signal.SIGTERM, 5.0),),
        )

    def _ready(self, _pid: int) -> bool:
        request = f"AUTH {self._password}\r\nPING\r\nQUIT\r\n".encode()
        ready = b"+PONG" in ports.ask(self._port, request)
        if ready:
            self._unread.unlink(missing_ok=True)
        return ready

    def _set_aside_unreadable(self) -> None:
        """Set aside files on which the server crashed twice while loading; Redis holds no irreplaceable data.

        A start on a full disk proves nothing about the files, and is not counted.
        """
        if shutil.disk_usage(self._folder).free < ROOM_BYTES:
            return
        starts = recorded(self._unread)
        if len(starts) >= STARTS_BEFORE_GIVING_UP:
            for name in ("appendonly.aof", "appendonlydir", "dump.rdb"):
                if (kept := self._folder / name).exists():
                    aside = self._folder / f"{name}.unreadable"
                    shutil.rmtree(aside, ignore_errors=True)
                    aside.unlink(missing_ok=True)
                    kept.rename(aside)
            starts = ""
        with suppress(OSError):
            self._unread.write_text(starts + "x")
