"""Known results by content: those of the cache, else those of completed jobs, which outlive it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from shared.cache import ResultCache
from shared.db import reading
from shared.db.session import Connection


class Answers:
    """Results of earlier jobs; thread-safe.

    Args:
        cache: filled again from the database with what it has lost.
    """

    def __init__(self, cache: ResultCache) -> None:
        self._cache = cache

    def texts(self, connection: Connection, keys: Sequence[str]) -> list[str | None]:
        """Return the results under these content keys as JSON, None for each that is not known."""
        cached = dict(zip(keys, self._cache.texts(keys), strict=True))
        stored = reading.answers(connection, [key for key, text in cached.items() if text is None])
        for key, text in stored.items():
            self._cache.put(key, text)
        return [cached[key] or stored.get(key) for key in keys]

    def get(self, connection: Connection, key: str | None) -> Any | None:
        """Return the result under a content key; None if it is not known, or not shared."""
        (text,) = self.texts(connection, [key]) if key else [None]
        return None if text is None else json.loads(text)
