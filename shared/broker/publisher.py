"""Publishes ready tasks, many messages per round trip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kombu import Exchange, Producer
from kombu.exceptions import KombuError

from shared.broker import celery_protocol
from shared.broker.celery_protocol import EagerConnection

DEFAULT_EXCHANGE = Exchange("")
ROUND_TRIP = 32
"""Messages per pipeline: workers start on the first ones while the rest are still being written."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: the (task id, attempt) pairs that are ready, either one task or a chunk of cheap ones.

    Attributes:
        queue: the target queue.
        tasks: the pairs.
        cheap: expected to finish at once, so that a worker may prefetch the next message.
        title: the task's name in Celery events, with its jobs; workers do not depend on it.
    """

    queue: str
    tasks: Sequence[tuple[int, int]]
    cheap: bool = False
    title: tuple[str, str] | None = None


class Publisher:
    """Publishes messages to the broker, many per round trip; one publisher per thread.

    Args:
        redis_url: URL of Redis.
        prefix: prefix of all keys of this installation.
    """

    def __init__(self, redis_url: str, prefix: str) -> None:
        pace = {"socket_connect_timeout": 3, "socket_timeout": 5, "socket_keepalive": True}
        self._prefix = prefix
        self._connection = EagerConnection(
            redis_url, transport_options=celery_protocol.prefixed(pace, prefix)
        )
        self._producer: Producer | None = None

    def connect(self) -> None:
        """Connect before rows are claimed from the database, so that they can be published.

        Raises:
            OSError: the broker is unreachable.
        """
        if self._producer is None:
            with self._failing():
                self._connection.ensure_connection(max_retries=0)
                self._producer = Producer(
                    self._connection.channel(), exchange=DEFAULT_EXCHANGE, auto_declare=False
                )

    def publish(self, messages: Sequence[Message]) -> None:
        """Publish messages.

        Raises:
            OSError: the broker is unreachable; some messages may have been sent.
        """
        self.connect()
        with self._failing():
            assert self._producer is not None
            for start in range(0, len(messages), ROUND_TRIP):
                with self._producer.batch():
                    for message in messages[start : start + ROUND_TRIP]:
                        self._send(self._producer, message)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        known = (*self._connection.connection_errors, *self._connection.channel_errors, KombuError)
        try:
            yield
        except known as error:
            self.close()
            raise OSError(f"broker: {error}") from error

    def _send(self, producer: Producer, message: Message) -> None:
        body, properties = celery_protocol.call(message.tasks, cheap=message.cheap, title=message.title)
        producer.publish(body, routing_key=message.queue, **properties)

    def waiting(self, queue: str) -> set[tuple[int, int]]:
        """Return the (task id, attempt) pairs of all messages that no worker has fetched.

        Raises:
            OSError: the broker is unreachable.
        """
        self.connect()
        with self._failing():
            assert self._producer is not None
            # Kombu prefixes only the keys of the commands that it uses itself.
            found = self._producer.channel.client.lrange(self._prefix + queue, 0, -1)
        return {pair for message in found for pair in celery_protocol.pairs(message)}

    def ping(self) -> None:
        """Have the broker answer: that a connection is lost shows only when it is used.

        Raises:
            OSError: the broker cannot be reached.
        """
        self.connect()
        with self._failing():
            assert self._producer is not None
            self._producer.channel.client.ping()

    def failed_writes(self) -> list[str]:
        """Return the persistence operations (AOF write, RDB snapshot) whose last attempt failed.

        Raises:
            OSError: the broker is unreachable.
        """
        self.connect()
        with self._failing():
            assert self._producer is not None
            info = self._producer.channel.client.info("persistence")
        kinds = {"aof_last_write_status": "write to the log", "rdb_last_bgsave_status": "snapshot"}
        return [kind for name, kind in kinds.items() if info.get(name, "ok") != "ok"]

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._producer = None
        self._connection.release()
