-- Jobs that tasks may have in providers' queues (shared/db/provider_jobs.py).

-- statement: intend
WITH
-- The fence: a worker whose lease was reclaimed submits nothing.
mine AS (
  SELECT id, job_id, queue, attempt FROM tasks
  WHERE id = %(task)s AND attempt = %(attempt)s AND state = 'running'
)
-- A later attempt takes over the row with its recorded id, unless the provider has forgotten that job.
INSERT INTO provider_jobs AS p (task_id, job_id, queue, backend, device, tag, attempt)
SELECT id, job_id, queue, %(backend)s, %(device)s, %(tag)s, attempt FROM mine
ON CONFLICT (task_id) DO UPDATE
SET attempt = excluded.attempt, submitting_at = clock_timestamp(), closed_at = NULL,
    provider_job = nullif(p.provider_job, %(forgotten)s)
RETURNING provider_job, notes

-- statement: note
UPDATE provider_jobs SET notes = %(notes)s WHERE task_id = %(task)s AND attempt = %(attempt)s AND closed_at IS NULL

-- statement: submitted
-- No row if a later attempt has taken over, or the row was closed since: then nothing else tracks this job.
UPDATE provider_jobs SET provider_job = %(provider_job)s
WHERE task_id = %(task)s AND attempt = %(attempt)s AND closed_at IS NULL
RETURNING task_id

-- statement: owed
WITH
-- A completed task's job has ended at the provider, too.
done AS (
  UPDATE provider_jobs p SET closed_at = clock_timestamp() FROM tasks t
  WHERE t.id = p.task_id AND t.state = 'completed' AND p.queue = %(queue)s AND p.closed_at IS NULL
),
-- Jobs of tasks that did not complete are to be cancelled: by one worker at a time, and again after a while
-- unless it confirms the cancellation.
due AS (
  SELECT p.task_id, t.tenant_id FROM provider_jobs p JOIN tasks t ON t.id = p.task_id
  WHERE p.queue = %(queue)s AND p.closed_at IS NULL AND t.state IN ('failed', 'cancelled')
    AND (p.cancelling_at IS NULL OR p.cancelling_at < clock_timestamp() - %(again)s * interval '1 second')
  ORDER BY p.task_id LIMIT 20 FOR UPDATE OF p SKIP LOCKED
)
-- A submitter may continue for a lease without heartbeats; until then a tag that is not found may still
-- appear.
UPDATE provider_jobs p SET cancelling_at = clock_timestamp() FROM due
WHERE p.task_id = due.task_id
RETURNING p.task_id, p.job_id, p.backend, p.device, p.tag, p.provider_job,
          p.submitting_at < clock_timestamp() - %(lease)s * interval '1 second', due.tenant_id

-- statement: close
-- Not if the provider's id has been recorded since: that job is cancelled first.
UPDATE provider_jobs SET closed_at = clock_timestamp()
WHERE task_id = %(task)s AND closed_at IS NULL AND provider_job IS NOT DISTINCT FROM %(provider_job)s
