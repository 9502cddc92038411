-- Taking back what stopped beating (shared/db/rescue.py).

-- statement: expired
WITH
-- Leases that ran out, in the order in which everybody locks; what somebody has in hand is left to them. One more
-- lost worker and the task would be quarantined: those go another way.
expired AS (
  SELECT id, claimed_by AS worker, extract(epoch FROM clock_timestamp() - lease_until)::float8 AS overdue_s FROM tasks
  WHERE state = 'running' AND lease_until < clock_timestamp() AND failures + 1 < %(limit)s
  ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
),
-- The next attempt: the worker that was lost, should it wake, writes into no row.
back AS (
  UPDATE tasks t
  SET state = 'ready', ready_at = clock_timestamp(), attempt = attempt + 1, failures = failures + 1,
      claimed_by = NULL, lease_until = NULL
  FROM expired e WHERE t.id = e.id
  RETURNING t.id, t.job_id, t.operation, t.attempt, e.worker, e.overdue_s
),
-- One event a task: each names the worker that was lost.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_build_array(id), 'operation', operation, 'from', 'running', 'to', 'ready',
    'cause', 'worker was lost: its lease ran out', 'worker', worker
  )
  FROM back
)
SELECT job_id, id, attempt - 1, worker, overdue_s FROM back

-- statement: quarantine
WITH
-- Asked again whether it is still overdue: its worker may have come back since it was found.
poison AS (
  UPDATE tasks
  SET state = 'failed', failures = failures + 1, finished_at = clock_timestamp(), lease_until = NULL,
      error = %(error)s::json
  WHERE id = %(id)s AND state = 'running' AND lease_until < clock_timestamp() AND failures + 1 >= %(limit)s
  RETURNING id, job_id, operation, claimed_by
),
-- The job's own event follows from its end, in the same transaction.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_build_array(id), 'operation', operation, 'from', 'running', 'to', 'failed',
    'cause', 'quarantined', 'worker', claimed_by
  )
  FROM poison
)
SELECT operation FROM poison

-- statement: part_from_ended
WITH
-- Jobs that joined one which had ended: they joined while it was ending, and neither saw the other.
late AS (
  SELECT f.id, f.joined, f.content_key, f.created_at, l.state, l.result
  FROM jobs f JOIN jobs l ON l.id = f.joined
  WHERE f.finished_at IS NULL AND l.finished_at IS NOT NULL
  ORDER BY f.id FOR NO KEY UPDATE OF f SKIP LOCKED
),
-- Where it completed, its result is theirs.
ended AS (
  UPDATE jobs j
  SET state = 'completed', finished_at = clock_timestamp(), result = late.result, from_cache = true,
      started_at = coalesce(j.started_at, clock_timestamp())
  FROM late WHERE j.id = late.id AND late.state = 'completed'
  RETURNING j.id, j.joined
),
-- Where it did not: whoever computes the same now leads, else the eldest of them; one leader for each content.
first AS (
  SELECT DISTINCT ON (content_key) content_key, id
  FROM (
    SELECT content_key, id, created_at, true AS late FROM late WHERE state <> 'completed'
    UNION ALL
    SELECT content_key, id, created_at, false FROM jobs
    WHERE content_key IN (SELECT content_key FROM late) AND finished_at IS NULL AND joined IS NULL
  ) AS twins
  ORDER BY content_key, late, created_at
),
-- The leader joins none, and is planned.
parted AS (
  UPDATE jobs j SET joined = CASE WHEN first.id <> j.id THEN first.id END
  FROM late JOIN first USING (content_key) WHERE j.id = late.id AND late.state <> 'completed'
  RETURNING j.id
),
-- Those that ended say with whom.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', 'completed', 'cause', 'joined ' || joined) FROM ended
),
-- Whoever watches them looks again.
woken AS (SELECT count(pg_notify('job', id)) FROM ended)
SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM parted) FROM woken
