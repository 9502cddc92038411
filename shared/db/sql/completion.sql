-- Completion of tasks: results, children's readiness and the job's end, in one statement
-- (shared/db/completion.py).

-- part: done
-- The worker's finished tasks, one row per task.
given AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(results)s::text[]) AS g(id, attempt, value)
),
-- The fence: a task that was reclaimed from the worker matches nothing, and its result is dropped.
done AS (
  UPDATE tasks t SET state = 'completed', finished_at = clock_timestamp(), lease_until = NULL
  FROM given g
  WHERE t.id = g.id AND t.attempt = g.attempt AND t.state = 'running' AND t.claimed_by = %(worker)s
  RETURNING t.id, t.job_id, t.final, t.operation, t.attempt, g.value
),
-- A final task's result goes to the job's row instead, as no task reads it here.
kept AS (
  INSERT INTO results (task_id, value) SELECT id, value::json FROM done WHERE value IS NOT NULL AND NOT final
),
-- A child of several of these tasks is updated once, by their number.
children AS (
  SELECT d.child_id AS id, count(*)::int AS n FROM done JOIN dependencies d ON d.parent_id = done.id GROUP BY 1
),
-- Locked in id order, so that two workers that finish siblings cannot deadlock.
locked AS (
  SELECT t.id, t.remaining - c.n AS remaining, t.queue, t.state, t.cost_s
  FROM tasks t JOIN children c USING (id) ORDER BY t.id FOR NO KEY UPDATE OF t
),
-- Candidates for inline execution: children on the worker's own queue, in order, with their cumulative cost.
freed AS (
  SELECT id, cost_s, row_number() OVER (ORDER BY id) AS rank, count(*) OVER () AS n,
         sum(cost_s) OVER (ORDER BY id) AS so_far_s
  FROM locked WHERE remaining = 0 AND state = 'blocked' AND queue = %(queue)s
),
-- Take the first; more if distributing them would cost more than running them, or a share of many cheap ones.
inline AS (
  SELECT id FROM freed
  WHERE rank <= %(inline)s
    AND (rank = 1 OR so_far_s <= %(alone)s OR (cost_s <= %(cheap)s AND rank <= n / %(slots)s))
),
-- Decrement the count of open parents, and release tasks without any; cancelled ones stay as they are.
moved AS (
  UPDATE tasks t
  SET remaining = l.remaining, ready_at = clock_timestamp(),
      state = CASE
        WHEN l.remaining > 0 OR l.state <> 'blocked' THEN t.state
        WHEN i.id IS NOT NULL THEN 'running'::task_state
        ELSE 'ready'::task_state
      END,
      claimed_by = CASE WHEN i.id IS NOT NULL THEN %(worker)s ELSE t.claimed_by END,
      started_at = CASE WHEN i.id IS NOT NULL THEN clock_timestamp() ELSE t.started_at END,
      lease_until = CASE WHEN i.id IS NOT NULL THEN clock_timestamp() + %(lease)s * interval '1 second' END
  FROM locked l LEFT JOIN inline i ON i.id = l.id
  WHERE t.id = l.id
  RETURNING {claims.columns}, t.state, i.id IS NOT NULL AS inline
),
-- One event per job for completed tasks, one for released ones: a fan-in of a thousand is two rows.
told AS (
  INSERT INTO events (job_id, type, body)
  SELECT job_id, 'task', json_build_object(
    'tasks', json_agg(id), 'operation', min(operation), 'from', 'running', 'to', 'completed',
    'worker', %(worker)s::text, 'attempt', max(attempt)
  )
  FROM done GROUP BY job_id
  UNION ALL
  SELECT job_id, 'task', json_build_object(
    'tasks', json_agg(id), 'operation', min(operation), 'from', 'blocked', 'to', min(state::text),
    'cause', CASE WHEN inline THEN 'same worker goes on' ELSE 'inputs are there' END
  )
  FROM moved WHERE state IN ('ready', 'running') GROUP BY job_id, inline
  RETURNING id
),
-- Notify the dispatcher once, and only if a task is ready.
waked AS (
  SELECT count(pg_notify('ready', '')) FROM (SELECT 1 FROM moved WHERE state = 'ready' LIMIT 1) AS any_ready
)

-- part: ended
-- The job of a final task, and every job that joined it: they complete with the same result.
ending AS (
  SELECT job_id AS id, job_id AS leader, value FROM done WHERE final
  UNION ALL
  SELECT f.id, done.job_id, done.value
  FROM done JOIN jobs f ON f.joined = done.job_id AND f.finished_at IS NULL
  WHERE done.final
),
-- A job that was just cancelled or timed out stays so.
ended AS (
  UPDATE jobs j
  SET state = 'completed', finished_at = clock_timestamp(), result = e.value::json,
      started_at = coalesce(j.started_at, clock_timestamp()), from_cache = e.id <> e.leader
  FROM ending e
  WHERE j.id = e.id AND j.state IN ('queued', 'running')
  RETURNING j.id, j.tenant_id, e.leader, j.plan ->> 'shape' AS shape,
            extract(epoch FROM j.finished_at - j.started_at)::float8 AS took_s
),
-- Run times for estimates: mean and squared deviations are merged as in Chan et al. 1979. Sorted, so that two
-- workers lock the rows in the same order.
learnt AS (
  INSERT INTO runtimes AS r (shape, n, mean_s, m2, least_s, most_s)
  SELECT shape, count(*), avg(took_s), var_pop(took_s) * count(*), min(took_s), max(took_s)
  FROM ended WHERE id = leader AND shape IS NOT NULL GROUP BY shape ORDER BY shape
  ON CONFLICT (shape) DO UPDATE
  SET n = r.n + excluded.n,
      mean_s = r.mean_s + (excluded.mean_s - r.mean_s) * excluded.n / (r.n + excluded.n),
      m2 = r.m2 + excluded.m2 + (excluded.mean_s - r.mean_s) ^ 2 * r.n * excluded.n / (r.n + excluded.n),
      least_s = least(r.least_s, excluded.least_s), most_s = greatest(r.most_s, excluded.most_s)
),
-- The seconds of all its tasks are charged once, under the final task: the constraint rejects a second
-- charge.
spent AS (
  INSERT INTO ledger (job_id, tenant_id, task_id, resource, amount)
  SELECT e.id, e.tenant_id, d.id, 'cpu_s', (
    SELECT coalesce(sum(extract(epoch FROM coalesce(finished_at, clock_timestamp()) - started_at)), 0)
    FROM tasks WHERE job_id = e.id
  )
  FROM ended e JOIN done d ON d.job_id = e.id AND d.final
  ON CONFLICT DO NOTHING
),
-- After the tasks' events: readers stop at the end of the job, so it must have the highest number.
told_end AS (
  INSERT INTO events (job_id, type, body)
  SELECT id, 'job', json_build_object(
    'status', 'completed', 'cause', CASE WHEN id = leader THEN 'final task completed' ELSE 'joined ' || leader END
  )
  FROM ended, (SELECT count(id) FROM told) AS tasks_first
),
-- Notify the job's watchers, and the planner for dependent jobs.
woken AS (
  SELECT count(pg_notify('job', id)), count(pg_notify('plan', '')) FROM ended
)

-- statement: finish
-- For chunks without a final task, which are most, to avoid the cost of ending a job.
WITH {done}
SELECT 'done', id, NULL::int, NULL, NULL, NULL::json, NULL::bool, NULL::bool, NULL::float8, NULL::bigint, NULL::int,
       NULL::int
FROM done, waked
UNION ALL
SELECT 'inline', id, attempt, job_id, operation, payload, has_inputs, final, cost_s, memory_bytes, failures, tenant_id
FROM moved WHERE inline

-- statement: finish_job
WITH {done},
{ended}
SELECT 'done', id, NULL::int, NULL, NULL, NULL::json, NULL::bool, NULL::bool, NULL::float8, NULL::bigint, NULL::int,
       NULL::int
FROM done, waked, woken
UNION ALL
SELECT 'inline', id, attempt, job_id, operation, payload, has_inputs, final, cost_s, memory_bytes, failures, tenant_id
FROM moved WHERE inline
