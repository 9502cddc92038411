"""Completion of tasks: results, readiness of children and the end of the job, in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.db.claims import Claim
from shared.db.session import Connection
from shared.db.statements import statement


class Finished(NamedTuple):
    """A held task and its result as JSON text; None is no result."""

    claim: Claim
    text: str | None

    @classmethod
    def of(cls, claim: Claim, value: Any) -> Finished:
        """Return a task finished with this value.

        Raises:
            ValueError: a number in it is not finite.
            TypeError: it is not JSON.
        """
        return cls(claim, None if value is None and not claim.final else json.dumps(value, allow_nan=False))


@dataclass(frozen=True, slots=True)
class Freed:
    """Outcome of finishing tasks: tasks that this worker runs inline, and ids whose results were accepted."""

    inline: list[Claim]
    accepted: set[int]


FINISH = statement("completion.finish")
FINISH_JOB = statement("completion.finish_job")
"""The variant that ends jobs, for chunks that contain a final task; most do not and avoid its cost."""

ALONE_S = 0.008
"""Ready children with a total cost below this, in seconds, run faster inline than distributed."""

CHEAP_S = 0.005
"""Tasks expected to run shorter than this, in seconds, are taken several at a time."""


def finish(
    connection: Connection,
    finished: Sequence[Finished],
    *,
    worker: str,
    queue: str,
    lease_s: float,
    inline: int = 0,
    slots: int = 1,
) -> Freed:
    """Running -> completed; children become ready, or running if this worker takes them inline.

    A final task also completes its job and every job that joined it. Tasks no longer held are left unchanged.

    Args:
        connection: its commit must be durable.
        finished: tasks with their results.
        worker: the holder.
        queue: only children on this queue are taken inline.
        lease_s: lease of the tasks taken inline.
        inline: maximum number of tasks taken inline, 0 for none. Expensive ones are taken one at a time.
        slots: number of worker slots that share the cheap children.
    """
    rows = connection.execute(
        FINISH_JOB if any(item.claim.final for item in finished) else FINISH,
        {
            "ids": [item.claim.task_id for item in finished],
            "attempts": [item.claim.attempt for item in finished],
            "results": [item.text for item in finished],
            "worker": worker,
            "queue": queue,
            "lease": lease_s,
            "inline": inline,
            "cheap": CHEAP_S,
            "alone": ALONE_S,
            "slots": slots,
        },
    ).fetchall()
    return Freed(
        inline=[Claim(*row[1:]) for row in rows if row[0] == "inline"],
        accepted={row[1] for row in rows if row[0] == "done"},
    )
