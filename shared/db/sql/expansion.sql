-- Replacement of a task by others (shared/db/expansion.py).

-- statement: hand_over
WITH
-- Tasks that waited for this one now wait for the last of the new ones.
edges AS (UPDATE dependencies SET parent_id = %(heir)s WHERE parent_id = %(id)s),
-- Exactly one task of a job is final; if the old one was, its heir becomes final.
heir AS (UPDATE tasks SET final = %(final)s WHERE id = %(heir)s),
old AS (UPDATE tasks SET final = false WHERE id = %(id)s AND final),
-- Progress is computed relative to this number.
counted AS (UPDATE jobs SET n_tasks = n_tasks + %(n)s WHERE id = %(job)s),
-- Record the replacement in the event log.
told AS (
  INSERT INTO events (job_id, type, body)
  VALUES (%(job)s, 'task', json_build_object(
    'tasks', json_build_array(%(id)s::bigint), 'operation', %(operation)s::text, 'from', 'running',
    'to', 'completed', 'cause', 'expanded', 'into', %(ids)s::json, 'worker', %(worker)s::text,
    'attempt', %(attempt)s::int
  ))
)
SELECT pg_notify('ready', '')

-- statement: held
SELECT {claims.columns} FROM tasks t WHERE id = ANY(%(ids)s::bigint[]) AND state = 'running' ORDER BY id
