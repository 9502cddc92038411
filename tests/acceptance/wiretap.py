"""All that leaves a stack's processes while it is listened to: statements, messages, logs, answers, files."""

from __future__ import annotations

import base64
import codecs
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from urllib.parse import urlsplit

from testing.patience import eventually
from tests.acceptance.stack import Stack

WINDOW_BYTES = 18
"""So many bytes in a row of a secret are a leak."""
NEVER = -1
KEPT_APART = ("kek", "postgres", "redis", "token")
"""Of the data folder: what holds secrets by design, and what the statements and messages cover."""


@contextmanager
def wiretap(stack: Stack) -> Iterator[Wiretap]:
    """Have PostgreSQL log every statement with its values, and Redis tell every command."""
    address = urlsplit(stack.published["redis_url"])
    with socket.create_connection((str(address.hostname), address.port or 0)) as redis:
        tap = Wiretap(stack, redis)
        tap.listener.start()
        redis.sendall(f"AUTH {address.password}\r\nMONITOR\r\n".encode())
        try:
            _log_statements(stack, 0)
            eventually(lambda: b"".join(tap.heard).count(b"+OK") == 2, "listening to Redis")
            yield tap
        finally:
            _log_statements(stack, NEVER)
            redis.shutdown(socket.SHUT_RDWR)
            tap.listener.join()


def _log_statements(stack: Stack, longer_than_ms: int) -> None:
    with (stack.data / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write(f"log_min_duration_statement = {longer_than_ms}\n")
    os.kill(stack.published["pids"]["postgres"], signal.SIGHUP)

    def known() -> bool:
        with stack.database() as connection:
            row = connection.execute("SHOW log_min_duration_statement").fetchone()
        return row == (str(longer_than_ms),)

    eventually(known, "PostgreSQL reading its settings")


class Wiretap:
    """Everything that is said while it is open."""

    def __init__(self, stack: Stack, redis: socket.socket) -> None:
        self.heard: list[bytes] = []
        self.listener = Thread(target=self._listen)
        self._stack = stack
        self._redis = redis

    def _listen(self) -> None:
        while heard := self._redis.recv(1 << 16):
            self.heard.append(heard)

    def channels(self) -> dict[str, bytes]:
        """What was heard, by where."""
        messages = b"".join(self.heard)
        rows = b"\n".join(self._rows())
        files = {
            str(path.relative_to(self._stack.data)): path.read_bytes()
            for path in self._stack.data.rglob("*")
            if path.is_file() and path.relative_to(self._stack.data).parts[0] not in KEPT_APART
        }
        unescaped = bytes(codecs.escape_decode(messages)[0])
        said = {"redis": messages + unescaped, "rows": rows, "answers": b"\n".join(self._stack.said)}
        return said | files

    def _rows(self) -> Iterator[bytes]:
        with self._stack.database() as connection:
            tables = connection.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in tables.fetchall():
                for (row,) in connection.execute(f'SELECT t::text FROM "{table}" t'.encode()):
                    yield row.encode()


def spellings(secret: bytes) -> Iterator[bytes]:
    """How parts of a secret may be written: as they are, escaped, in hexadecimal or base64, those in base64.

    Source of the base64 forms: RFC 4648; a part is found at whatever place of a longer text it stands.
    """
    for part in (secret[:WINDOW_BYTES], secret[-WINDOW_BYTES:]):
        texts = [part.hex().encode(), part.hex().upper().encode(), *_base64(part)]
        yield part
        yield repr(part)[2:-1].encode()
        yield from texts
        for text in texts:
            yield from _base64(text)


def _base64(part: bytes) -> Iterator[bytes]:
    """A part in base64, as it begins after 0, 1 or 2 bytes of something else."""
    for before in range(3):
        whole = len(part) - (before + len(part)) % 3
        encoded = base64.b64encode(bytes(before) + part[:whole])
        yield encoded[(before * 8 + 5) // 6 :]
