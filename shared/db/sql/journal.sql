-- The journal of variational loops (shared/db/journal.py).

-- statement: append
WITH
-- Only the task that holds the loop may write, by the same fence as every other write.
held AS (
  SELECT job_id FROM tasks
  WHERE id = %(id)s AND attempt = %(attempt)s AND claimed_by = %(worker)s AND state = 'running'
),
-- As JSON: unnest would flatten the arrays of a batch.
given AS (
  SELECT * FROM json_to_recordset(%(rows)s::json)
  AS r(position int, point float8[], value float8, gradient float8[], variance float8, excess float8)
),
-- An existing position holds the same numbers, since replay is deterministic; events report only new ones.
kept AS (
  INSERT INTO journal (job_id, loop, position, point, value, gradient, variance, excess)
  SELECT job_id, %(loop)s, position, point, value, gradient, variance, excess FROM held, given
  ON CONFLICT DO NOTHING
  RETURNING position, value, variance
),
-- One event per batch, with one-based positions.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'evaluations', json_build_object('loop', %(loop)s::int, 'evaluations', (
    SELECT json_agg(
      json_build_object('evaluation', position + 1, 'value', value, 'std_error', sqrt(variance))
      ORDER BY position
    ) FROM kept
  ))
  FROM held WHERE EXISTS (SELECT 1 FROM kept)
)
SELECT pg_notify('job', job_id) FROM held
