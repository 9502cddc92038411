-- Graphs of tasks (shared/db/graph.py).

-- part: write
-- The tasks as JSON, each with its id: edges refer to tasks by position in the list.
given AS (
  SELECT nextval(pg_get_serial_sequence('tasks', 'id')) AS id, t.*, cardinality(t.after) AS n
  FROM owner, json_to_recordset(%(tasks)s::json) AS t(
    name text, operation text, queue text, payload json, after int[], held bool, final bool, cost_s float8,
    memory_bytes bigint
  )
),
-- A task without parents is ready at once, or running inline on the worker that created it.
written AS (
  INSERT INTO tasks (
    id, job_id, tenant_id, name, operation, queue, payload, state, priority, remaining, has_inputs, final, cost_s,
    memory_bytes, claimed_by, started_at, lease_until
  )
  SELECT id, job_id, tenant_id, name, operation, queue, payload,
         CASE WHEN n > 0 THEN 'blocked' WHEN held THEN 'running' ELSE 'ready' END::task_state, priority, n, n > 0,
         final, cost_s, memory_bytes,
         CASE WHEN held THEN %(worker)s END, CASE WHEN held THEN clock_timestamp() END,
         CASE WHEN held THEN clock_timestamp() + %(lease)s * interval '1 second' END
  FROM given, owner
),
-- Ids ascend in list order, so an array position identifies a task.
numbered AS (
  SELECT array_agg(id ORDER BY id) AS ids FROM given
),
-- The position of an edge is the index of the child's input.
edges AS (
  INSERT INTO dependencies (parent_id, child_id, position)
  SELECT ids[parent + 1], id, position - 1
  FROM numbered, given, unnest(after) WITH ORDINALITY AS e(parent, position)
)

-- statement: insert
WITH
-- The owning job.
owner AS (
  SELECT %(job)s::text AS job_id, %(tenant)s::int AS tenant_id, %(priority)s::smallint AS priority
),
{write}
SELECT id FROM given ORDER BY id
