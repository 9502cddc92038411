"""Counts of error-correction experiments: one row per block of consecutive chunks of shots.

A chunk's counts are a function of its stream and its number. Rows of the same chunk therefore agree, and readers count
each chunk once, whatever was repeated, late or sampled by two jobs at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.db.session import Connection
from shared.db.statements import statement

RECORD = statement("qec_blocks.record")
READ = statement("qec_blocks.read")


@dataclass(frozen=True, slots=True)
class Stream:
    """What is known of a stream of chunks.

    Attributes:
        errors: logical errors by number of the chunk.
        seconds: processor seconds by number of the chunk, those of its block in equal parts.
    """

    errors: dict[int, int] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)

    @property
    def prefix(self) -> list[int]:
        """The errors of chunks 0, 1, ... up to the first one that is missing."""
        found: list[int] = []
        while len(found) in self.errors:
            found.append(self.errors[len(found)])
        return found


def record(
    connection: Connection, tenant_id: int, stream: str, first: int, errors: Sequence[int], seconds: float
) -> None:
    """Store a block; does nothing if it is stored already.

    Args:
        connection: in autocommit.
        tenant_id: tenant of the job.
        stream: the stream's id.
        first: number of the block's first chunk.
        errors: logical errors of each of its chunks, at least one.
        seconds: processor seconds of the block.
    """
    row = {"tenant": tenant_id, "stream": stream, "first": first, "last": first + len(errors) - 1}
    connection.execute(RECORD, {**row, "errors": list(errors), "seconds": seconds})


def read(connection: Connection, tenant_id: int, streams: Sequence[str]) -> dict[str, Stream]:
    """Return what is known of these streams."""
    found = {stream: Stream() for stream in streams}
    for stream, first, errors, seconds in connection.execute(READ, {"tenant": tenant_id, "streams": streams}):
        for chunk, count in enumerate(errors, first):
            found[stream].errors.setdefault(chunk, count)
            found[stream].seconds.setdefault(chunk, seconds / len(errors))
    return found
