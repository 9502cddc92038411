"""Result cache in Redis: filled after commit, not authoritative; an unreachable Redis is a cache miss."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

import redis

log = logging.getLogger("novacron.cache")

PREFIX = "novacron:result:"
KEEP_S = 7 * 24 * 3600
LARGEST_BYTES = 8 << 20


class ResultCache:
    """Results by content key; thread-safe.

    Args:
        redis_url: URL of Redis.
        prefix: prefix of all keys of this installation.
    """

    def __init__(self, redis_url: str, prefix: str) -> None:
        self._prefix = prefix + PREFIX
        self._redis = redis.Redis.from_url(redis_url, socket_connect_timeout=0.5, socket_timeout=1.0)

    def get(self, key: str) -> Any | None:
        """Return the result stored under the key, or None on a miss (or without Redis)."""
        try:
            text = self._redis.get(self._prefix + key)
        except redis.RedisError as error:
            log.warning("result cache: %s", error)
            return None
        return None if text is None else json.loads(text)

    def texts(self, keys: Sequence[str]) -> list[str | None]:
        """Return the results under these keys as JSON, None for each miss (or without Redis)."""
        if not keys:
            return []
        try:
            found: list[bytes | None] = self._redis.mget([self._prefix + key for key in keys])  # type: ignore[assignment]
        except redis.RedisError as error:
            log.warning("result cache: %s", error)
            return [None] * len(keys)
        return [None if text is None else text.decode() for text in found]

    def put(self, key: str, text: str) -> None:
        """Store a result, given as JSON, for a week; skip it if it is too large or Redis is unreachable."""
        if len(text) > LARGEST_BYTES:
            return
        try:
            self._redis.set(self._prefix + key, text, ex=KEEP_S)
        except redis.RedisError as error:
            log.warning("result cache: %s", error)
