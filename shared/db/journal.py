"""The journal's rows: evaluations of variational loops, written only by the task that holds the loop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from shared.db.claims import Claim
from shared.db.session import Connection


@dataclass(frozen=True, slots=True)
class Row:
    """One evaluation as stored: see `workers.context.Entry`."""

    position: int
    point: list[float]
    value: float
    gradient: list[float] | None
    variance: float | None
    excess: float | None = None


# The JSON twin carries the arrays of a batch: unnest would flatten arrays of arrays.
APPEND = """
WITH held AS (
  SELECT job_id FROM tasks
  WHERE id = %(id)s AND attempt = %(attempt)s AND claimed_by = %(worker)s AND state = 'running'
), given AS (
  SELECT * FROM json_to_recordset(%(rows)s::json)
  AS r(position int, point float8[], value float8, gradient float8[], variance float8, excess float8)
), kept AS (
  INSERT INTO journal (job_id, loop, position, point, value, gradient, variance, excess)
  SELECT job_id, %(loop)s, position, point, value, gradient, variance, excess FROM held, given
  ON CONFLICT DO NOTHING RETURNING position, value, variance
), told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'evaluations', json_build_object('loop', %(loop)s::int, 'evaluations',
         (SELECT json_agg(json_build_object('evaluation', position + 1, 'value', value, 'std_error', sqrt(variance))
                          ORDER BY position) FROM kept))
  FROM held WHERE EXISTS (SELECT 1 FROM kept)
)
SELECT pg_notify('job', job_id) FROM held
"""


def append(connection: Connection, held: Claim, loop: int, rows: Sequence[Row], *, worker: str) -> bool:
    """Record evaluations; False (and nothing recorded) where the task is no longer held by this worker.

    A position already there is left as it is: replay is deterministic, so it holds the same numbers.
    """
    body = json.dumps([asdict(row) for row in rows])
    arguments = {"id": held.task_id, "attempt": held.attempt, "worker": worker, "loop": loop, "rows": body}
    return connection.execute(APPEND, arguments).fetchone() is not None


def read(connection: Connection, job_id: str, loop: int) -> list[Row]:
    """All evaluations of a loop, by position."""
    rows = connection.execute(
        "SELECT position, point, value, gradient, variance, excess FROM journal WHERE job_id = %s AND loop = %s ORDER BY position",
        (job_id, loop),
    )
    return [Row(*row) for row in rows]
