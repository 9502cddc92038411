-- Job queries of the API, each restricted to the caller's tenant (shared/db/reading.py).

-- part: columns
j.id, j.kind, j.name, j.state::text, j.priority, j.plan, j.n_tasks, j.created_at, j.started_at, j.finished_at,
j.from_cache, j.joined, j.replay_of, j.error, extract(epoch FROM clock_timestamp() - j.created_at)::float8,
(j.spec ->> 'seed')::bigint, j.depends_on

-- statement: document
-- Spec and result as text, which may be megabytes that need no parsing; the small members of the result that the
-- document repeats are extracted here. Tasks are counted only while the job runs: before and after that the counts
-- are known.
SELECT {columns}, v.n, coalesce({best.of_result}, {best.sign} * v.best), t.done, t.running, j.spec::text,
       j.result::text, coalesce(j.result ->> 'compilation', j.result ->> 'error_correction'), (j.result -> 'receipt' ->> 'cpu_s')::float8
FROM jobs j
CROSS JOIN LATERAL (
  SELECT count(*) AS n, min(value) AS best FROM journal WHERE job_id = coalesce(j.joined, j.id)
) v
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE state = 'completed') AS done, count(*) FILTER (WHERE state = 'running') AS running
  FROM tasks WHERE job_id = j.id
) t ON j.state = 'running'
WHERE j.id = %(job)s AND j.tenant_id = %(tenant)s

-- part: listed
SELECT {columns}, {best.of_result}, {best.sign}
FROM jobs j
WHERE j.tenant_id = %(tenant)s
  AND (%(status)s::job_state IS NULL OR j.state = %(status)s::job_state)
  AND (%(kind)s::text IS NULL OR j.kind = %(kind)s::text)

-- part: newest_first
ORDER BY j.created_at DESC, j.id DESC LIMIT %(limit)s

-- statement: listing
{listed}
{newest_first}

-- statement: listing_after
-- A separate statement, so that the key is the index's start position: one with `%(after)s IS NULL OR ...`
-- would scan the preceding pages again.
{listed}
  AND (j.created_at, j.id) < (SELECT created_at, id FROM jobs WHERE id = %(after)s AND tenant_id = %(tenant)s)
{newest_first}

-- statement: tasks
-- A page of a job's tasks, in creation order.
SELECT t.id, t.name, t.operation, t.queue, t.state::text, t.attempt, t.failures, t.claimed_by, t.not_before,
       t.queued_at, t.started_at, t.finished_at, t.error,
       ARRAY(SELECT d.parent_id FROM dependencies d WHERE d.child_id = t.id ORDER BY d.position)
FROM tasks t
WHERE t.job_id = %(job)s AND t.id > %(after)s
ORDER BY t.id LIMIT %(limit)s
