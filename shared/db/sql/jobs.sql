-- All transitions of a job's state except the completion of its final task (shared/db/jobs.py).

-- statement: insert
WITH
-- Of a session: its next position. No row, and no job, if it has ended meanwhile.
call AS (
  {sessions.call}
),
-- Queued, or completed at once from the cache. If an equal job is in flight, the new one joins it and needs
-- no tasks; of two submissions that both saw none, the unique index on content_key admits one.
job AS (
  INSERT INTO jobs (
    id, tenant_id, kind, name, state, priority, spec, max_retries, timeout_s, content_key, from_cache, joined,
    replay_of, depends_on, idempotency_key, request_hash, role, result, plan, n_tasks, created_at, started_at,
    finished_at, tags, session, position
  )
  SELECT %(id)s, %(tenant)s, %(kind)s, %(name)s, %(state)s, %(priority)s, %(spec)s, %(max_retries)s,
         %(timeout_s)s, %(content_key)s, %(cached)s, twin.id, %(replay_of)s, %(depends_on)s,
         %(idempotency_key)s, %(request_hash)s, %(role)s, %(result)s, %(plan)s,
         CASE WHEN twin.id IS NULL THEN %(n_tasks)s ELSE 0 END,
         now.at, CASE WHEN %(cached)s THEN now.at END, CASE WHEN %(cached)s THEN now.at END, %(tags)s::text[],
         %(session)s::text, call.position
  FROM (SELECT clock_timestamp() AS at) AS now
  LEFT JOIN call ON true
  LEFT JOIN jobs twin
    ON twin.content_key = %(content_key)s AND twin.finished_at IS NULL AND twin.joined IS NULL AND NOT %(cached)s
  WHERE %(session)s::text IS NULL OR call.position IS NOT NULL
  ON CONFLICT DO NOTHING
  RETURNING id, tenant_id, priority, state, joined, n_tasks
),
-- Owner of the tasks; no row, and thus no tasks, for a job that joined another.
owner AS (
  SELECT id AS job_id, tenant_id, priority FROM job WHERE joined IS NULL
),
{graph.write},
-- The acceptance comes first; the planner's events follow it.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', state, 'cause', CASE
    WHEN joined IS NOT NULL THEN 'joined job ' || joined || ', which computes the same'
    WHEN %(cached)s THEN 'served from the result cache'
    ELSE 'accepted'
  END)
  FROM job
  UNION ALL
  SELECT id, type, body FROM job, json_to_recordset(%(events)s::json) AS e(type text, body json)
)
SELECT joined, pg_notify(CASE WHEN n_tasks > 0 THEN 'ready' ELSE 'plan' END, '') FROM job

-- statement: unplanned
-- Jobs without tasks whose dependencies have all completed, or one of which failed: the first failed one is
-- reported.
SELECT j.id, j.tenant_id, j.priority, j.spec, broken.id, broken.state::text, broken.error
FROM jobs j
LEFT JOIN LATERAL (
  SELECT p.id, p.state, p.error FROM jobs p
  WHERE p.id = ANY(j.depends_on) AND p.state IN ('failed', 'cancelled')
  ORDER BY p.finished_at, p.id LIMIT 1
) broken ON true
WHERE j.state = 'queued' AND j.n_tasks = 0 AND j.joined IS NULL AND j.kind <> 'sweep'
  AND (
    NOT EXISTS (SELECT 1 FROM jobs p WHERE p.id = ANY(j.depends_on) AND p.state <> 'completed')
    OR EXISTS (SELECT 1 FROM jobs p WHERE p.id = ANY(j.depends_on) AND p.state IN ('failed', 'cancelled'))
  )
ORDER BY j.created_at LIMIT %(limit)s
FOR UPDATE OF j SKIP LOCKED

-- part: spec_without_message
-- The spec of a job, without the private key if it imports one.
(CASE WHEN kind = 'cryptographic' AND spec ->> 'operation' = 'import_key'
  THEN (spec::jsonb || '{"sealed": ""}')::json ELSE spec END)

-- statement: erase_message
UPDATE jobs SET spec = {spec_without_message} WHERE id = %(job)s

-- statement: finish
WITH
-- Failed or cancelled, once; a private key brought by a job is erased with it.
ended AS (
  UPDATE jobs
  SET state = %(state)s, finished_at = clock_timestamp(), error = %(error)s::json, spec = {spec_without_message}
  WHERE id = ANY(%(jobs)s::text[]) AND state IN ('queued', 'running')
  RETURNING id
),
-- A worker that runs one of them loses its lease at its next heartbeat.
stopped AS (
  UPDATE tasks SET state = 'cancelled', finished_at = clock_timestamp(), lease_until = NULL
  WHERE job_id IN (SELECT id FROM ended) AND state IN ('blocked', 'ready', 'queued', 'running')
  RETURNING id
),
-- Readers of a job stop at this event.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object('status', %(state)s::text, 'cause', %(cause)s::text) FROM ended
),
-- Jobs that joined one of them and do not end with it: the oldest takes its place and is planned again ...
heirs AS (
  SELECT DISTINCT ON (joined) joined, id FROM jobs
  WHERE joined IN (SELECT id FROM ended) AND finished_at IS NULL AND NOT id = ANY(%(jobs)s::text[])
  ORDER BY joined, created_at
),
-- ... and the others join that one.
rejoined AS (
  UPDATE jobs j SET joined = CASE WHEN j.id <> h.id THEN h.id END
  FROM heirs h WHERE j.joined = h.joined AND j.finished_at IS NULL AND NOT j.id = ANY(%(jobs)s::text[])
  RETURNING j.id
)
SELECT pg_notify('job', id), pg_notify('plan', '') FROM ended
