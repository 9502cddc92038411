"""The end of tasks: results, children's readiness and the job's end, in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.db.claims import Claim
from shared.db.session import Connection
from shared.db.statements import statement


class Finished(NamedTuple):
    """A held task and what it came to, as JSON text; None is no result."""

    claim: Claim
    text: str | None

    @classmethod
    def of(cls, claim: Claim, value: Any) -> Finished:
        """A task that came to this value.

        Raises:
            ValueError: a number in it is not finite.
            TypeError: it is not JSON.
        """
        return cls(claim, None if value is None and not claim.final else json.dumps(value, allow_nan=False))


@dataclass(frozen=True, slots=True)
class Freed:
    """What finishing left behind: tasks this worker goes on with, and the ids whose result counted."""

    inline: list[Claim]
    accepted: set[int]


FINISH = statement("completion.finish")
FINISH_JOB = statement("completion.finish_job")
"""With the job's end, for chunks that hold a final task: most do not, and need not pay for it."""

ALONE_S = 0.008
"""Freed work below this is quicker done by the worker that freed it than shared."""

CHEAP_S = 0.005
"""Tasks expected to be quicker than this are taken several at a time."""


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
    """Running -> completed; children move to ready, or to running in this worker's hands.

    A final task also completes its job and every job that joined it. Tasks no longer held are left alone.

    Args:
        connection: its commit must be durable.
        finished: tasks and what they came to.
        worker: the holder.
        queue: only children on this queue are taken inline.
        lease_s: lease of the tasks taken inline.
        inline: most tasks to go on with, 0 for none. Dear ones are taken one at a time.
        slots: workers that share the cheap children.
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
