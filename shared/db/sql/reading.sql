-- Job queries of the API, each restricted to the caller's tenant (shared/db/reading.py).

-- part: columns
j.id, j.kind, j.name, j.state::text, j.priority, j.plan, j.n_tasks, j.created_at, j.started_at, j.finished_at,
j.from_cache, j.joined, j.replay_of, j.error, extract(epoch FROM clock_timestamp() - j.created_at)::float8,
(j.spec ->> 'seed')::bigint, j.depends_on, j.sweep, j.coordinates, j.tags, j.session, j.position

-- part: of_sweep
-- Numbers of the jobs of a sweep: all, completed, failed, cached; NULL for other kinds.
LEFT JOIN LATERAL (
  SELECT count(*) AS n_jobs, count(*) FILTER (WHERE c.state = 'completed') AS n_completed,
         count(*) FILTER (WHERE c.state = 'failed') AS n_failed, count(*) FILTER (WHERE c.from_cache) AS n_cached
  FROM jobs c WHERE c.sweep = j.id
) s ON j.kind = 'sweep'

-- statement: document
-- Spec and result as text, which may be megabytes that need no parsing; the small members of the result that the
-- document repeats are extracted here. Tasks are counted only while the job runs: before and after that the counts
-- are known.
SELECT {columns}, s.n_jobs, s.n_completed, s.n_failed, s.n_cached, v.n, coalesce({best.of_result}, {best.sign} * v.best), t.done, t.running, j.spec::text,
       j.result::text,
       coalesce(j.result ->> 'compilation', j.result ->> 'error_correction', CASE j.kind WHEN 'compile' THEN j.result ->> 'metadata' END),
       (j.result -> 'receipt' ->> 'cpu_s')::float8
FROM jobs j
CROSS JOIN LATERAL (
  SELECT count(*) AS n, min(value) AS best FROM journal WHERE job_id = coalesce(j.joined, j.id)
) v
LEFT JOIN LATERAL (
  SELECT count(*) FILTER (WHERE state = 'completed') AS done, count(*) FILTER (WHERE state = 'running') AS running
  FROM tasks WHERE job_id = j.id
) t ON j.state = 'running'
{of_sweep}
WHERE j.id = %(job)s AND j.tenant_id = %(tenant)s

-- part: newest_first
ORDER BY j.created_at DESC, j.id DESC LIMIT %(limit)s

-- statement: listing
SELECT {columns}, s.n_jobs, s.n_completed, s.n_failed, s.n_cached, {best.of_result}, {best.sign}
FROM jobs j
{of_sweep}
WHERE j.tenant_id = %(tenant)s {conditions}
{newest_first}

-- statement: counts
-- Numbers of the matching jobs by state.
SELECT j.state::text, count(*) FROM jobs j WHERE j.tenant_id = %(tenant)s {conditions} GROUP BY 1

-- The conditions of a listing. A statement has only those that are asked for: with `%(tags)s IS NULL OR ...` for each,
-- the plan that serves any parameters expects few rows and sorts all jobs instead of reading the newest from the index.

-- part: states
AND j.state = ANY(%(states)s::job_state[])

-- part: kinds
AND j.kind = ANY(%(kinds)s::text[])

-- part: tags
AND j.tags @> %(tags)s::text[]

-- part: name
AND j.name LIKE %(name)s

-- part: since
AND j.created_at >= %(since)s::timestamptz

-- part: until
AND j.created_at < %(until)s::timestamptz

-- part: q
AND strpos(
  lower(concat_ws(' ', j.name, j.id, array_to_string(j.tags, ' '), j.error ->> 'message')), lower(%(q)s::text)
) > 0

-- part: sweep
AND j.sweep = %(sweep)s

-- part: session
AND j.session = %(session)s

-- part: alone
-- Jobs of sweeps and sessions are listed by these only.
AND j.sweep IS NULL AND j.session IS NULL

-- part: after
-- The key is the start position in the index.
AND (j.created_at, j.id) < (SELECT created_at, id FROM jobs WHERE id = %(after)s AND tenant_id = %(tenant)s)

-- statement: answers
-- Results by content: what the cache has lost. Of equal ones any, as they have the same bits.
SELECT DISTINCT ON (content_key) content_key, result::text FROM jobs
WHERE content_key = ANY(%(keys)s::text[]) AND state = 'completed'

-- statement: tasks
-- A page of a job's tasks, in creation order.
SELECT t.id, t.name, t.operation, t.queue, t.state::text, t.attempt, t.failures, t.claimed_by, t.not_before,
       t.queued_at, t.started_at, t.finished_at, t.error,
       ARRAY(SELECT d.parent_id FROM dependencies d WHERE d.child_id = t.id ORDER BY d.position)
FROM tasks t
WHERE t.job_id = %(job)s AND t.id > %(after)s
ORDER BY t.id LIMIT %(limit)s

-- part: row
-- A job for a table: the numbers, flags and short texts of its result, without the result.
SELECT j.position, j.id, j.name, j.kind, coalesce(j.coordinates, '{}'), j.state::text, j.from_cache,
       extract(epoch FROM j.finished_at - j.started_at)::float8, (j.result -> 'receipt' ->> 'cpu_s')::float8,
       j.error ->> 'message', CASE WHEN j.result IS NOT NULL THEN (
         SELECT json_object_agg(coalesce(f.outer || '.', '') || f.key, f.value) FROM (
           SELECT NULL AS outer, key, value FROM json_each(j.result)
           UNION ALL
           SELECT one.key, inner_.key, inner_.value
           FROM json_each(j.result) one CROSS JOIN LATERAL json_each(
             CASE WHEN json_typeof(one.value) = 'object' AND one.key IN ('value', 'expectations') THEN one.value ELSE '{}' END
           ) inner_
         ) f
         WHERE json_typeof(f.value) IN ('number', 'boolean')
            OR (json_typeof(f.value) = 'string' AND length(f.value::text) <= 100)
       ) END
FROM jobs j
WHERE j.tenant_id = %(tenant)s

-- statement: table
-- A page of the jobs of a sweep, by position.
{row} AND j.sweep = %(sweep)s AND j.position > %(after)s
ORDER BY j.position LIMIT %(limit)s

-- statement: rows
-- A page of jobs of any kind.
{row} {conditions}
{newest_first}

-- statement: rows_of
-- Jobs by id, those of sweeps, too.
{row} AND j.id = ANY(%(ids)s::text[])
