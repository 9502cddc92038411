"""All tables and functions together, for migrations and for comparison with a database."""

from sqlalchemy import DDL, event

from shared.db import provider_tables
from shared.db.crypto import certificate_tables, key_tables, plan_tables, step_tables
from shared.db.tables import Base

__all__ = ["Base", "certificate_tables", "key_tables", "plan_tables", "provider_tables", "step_tables"]

QUEUE_LOAD = """
CREATE FUNCTION queue_load(
  asked text, OUT ready bigint, OUT delayed bigint, OUT queued bigint, OUT running bigint, OUT work_s float8,
  OUT oldest_s float8, OUT slots bigint, OUT seconds float8
)
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_bitmapscan = off AS $$
  SELECT r.n, d.n, a.queued, a.running, r.work_s + a.work_s,
         coalesce(extract(epoch FROM clock_timestamp() - least(r.since, a.since))::float8, 0),
         w.n, (r.work_s + a.work_s) / greatest(w.n, 1)
  FROM (
    SELECT count(*) AS n, coalesce(sum(cost_s), 0) AS work_s, min(ready_at) AS since
    FROM tasks WHERE state = 'ready' AND not_before IS NULL AND queue = asked
  ) r, (
    SELECT count(*) AS n FROM tasks WHERE state = 'ready' AND not_before IS NOT NULL AND queue = asked
  ) d, (
    SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running,
           coalesce(sum(cost_s), 0) AS work_s, min(ready_at) FILTER (WHERE state = 'queued') AS since
    FROM tasks WHERE state IN ('queued', 'running') AND queue = asked
  ) a, (
    SELECT coalesce(sum(slots), 0)::bigint AS n FROM workers
    WHERE queue = asked AND NOT draining AND seen_at > clock_timestamp() - interval '15 seconds'
  ) w
$$
"""
"""Load of a queue, computed from indexes alone: counts of tasks, seconds of work (`work_s`, and `seconds` per
slot of its live workers), and the age of the oldest waiting task.
"""

event.listen(Base.metadata, "after_create", DDL(QUEUE_LOAD))  # type: ignore[no-untyped-call]
