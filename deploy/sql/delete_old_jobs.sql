-- Deletes jobs that ended more than `days` days ago, with their tasks, results, events, journal, log lines and
-- charges, and counts of error-correction studies of that age: at most 10,000 jobs and 100,000 blocks of counts a
-- run, in one transaction. Run it again until it deletes none:
--
--   psql "$NOVACRON_DATABASE_URL" --set days=90 --file deploy/sql/delete_old_jobs.sql
--
-- A job that an unfinished one depends on stays, as its result is still needed.
BEGIN;
CREATE TEMPORARY TABLE old_jobs ON COMMIT DROP AS
  SELECT id FROM jobs j
  WHERE finished_at < clock_timestamp() - :days * interval '1 day'
    AND NOT EXISTS (SELECT 1 FROM jobs waiting WHERE waiting.finished_at IS NULL AND j.id = ANY(waiting.depends_on))
  ORDER BY finished_at LIMIT 10000;
CREATE TEMPORARY TABLE old_tasks ON COMMIT DROP AS SELECT id FROM tasks WHERE job_id IN (SELECT id FROM old_jobs);
-- These have no foreign key to jobs or tasks that would delete them.
DELETE FROM dependencies WHERE parent_id IN (SELECT id FROM old_tasks);
DELETE FROM results WHERE task_id IN (SELECT id FROM old_tasks);
DELETE FROM events WHERE job_id IN (SELECT id FROM old_jobs);
DELETE FROM ledger WHERE job_id IN (SELECT id FROM old_jobs);
-- Tasks, journal, log lines and jobs at providers go with their job.
DELETE FROM jobs WHERE id IN (SELECT id FROM old_jobs);
-- Counts of error-correction studies outlive their jobs. A study that needs deleted ones samples the same shots again.
DELETE FROM qec_blocks WHERE ctid IN (
  SELECT ctid FROM qec_blocks WHERE at < clock_timestamp() - :days * interval '1 day' LIMIT 100000
);
COMMIT;
