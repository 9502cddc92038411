-- Sessions: calls of one program (shared/db/sessions.py). A session holds nothing: it is open until its program ends
-- it, or no call has come for its idle time.

-- part: over
-- When the session `s` ended; NULL while it is open.
coalesce(s.ended_at, CASE WHEN s.last_call_at + s.idle_s * interval '1 second' < clock_timestamp()
  THEN s.last_call_at + s.idle_s * interval '1 second' END)

-- statement: open
-- The run counts the tenant's sessions of this name.
INSERT INTO sessions (id, tenant_id, name, idle_s, opened_by, run)
SELECT %(id)s, %(tenant)s, %(name)s, %(idle_s)s, %(by)s,
       1 + (SELECT coalesce(max(run), 0) FROM sessions WHERE tenant_id = %(tenant)s AND name = %(name)s)

-- statement: end
UPDATE sessions s SET ended_at = clock_timestamp()
WHERE s.id = %(session)s AND s.tenant_id = %(tenant)s AND {over} IS NULL

-- statement: ended
SELECT {over}, s.idle_s FROM sessions s WHERE s.id = %(session)s AND s.tenant_id = %(tenant)s

-- part: call
-- Takes the position of a new call; no row if there is no such open session.
UPDATE sessions s SET n_calls = s.n_calls + 1, last_call_at = clock_timestamp()
WHERE s.id = %(session)s AND s.tenant_id = %(tenant)s AND {over} IS NULL
RETURNING s.n_calls - 1 AS position

-- part: told
SELECT s.id, s.name, s.run, s.created_at, s.last_call_at, {over}, s.idle_s, s.opened_by,
       n.calls, n.completed, n.failed, n.cancelled, n.cached, n.earlier, n.queue_s, n.worker_s, n.client_s,
       d.qpu_s, d.usd
FROM sessions s
CROSS JOIN LATERAL (
  SELECT count(*) AS calls, count(*) FILTER (WHERE c.state = 'completed') AS completed,
         count(*) FILTER (WHERE c.state = 'failed') AS failed,
         count(*) FILTER (WHERE c.state = 'cancelled') AS cancelled, count(*) FILTER (WHERE c.from_cache) AS cached,
         -- Answers that earlier runs of the same program had received.
         count(*) FILTER (WHERE c.from_cache AND EXISTS (
           SELECT FROM jobs e JOIN sessions r ON r.id = e.session
           WHERE e.content_key = c.content_key AND e.state = 'completed' AND r.tenant_id = s.tenant_id
             AND r.name = s.name AND r.run < s.run
         )) AS earlier,
         coalesce(sum(extract(epoch FROM coalesce(c.started_at, c.finished_at, clock_timestamp()) - c.created_at)), 0)::float8 AS queue_s,
         coalesce(sum(extract(epoch FROM coalesce(c.finished_at, clock_timestamp()) - c.started_at)), 0)::float8 AS worker_s,
         coalesce(sum(c.gap_s), 0)::float8 AS client_s
  FROM (
    -- The program's own time: between a call and the end of all calls before it.
    SELECT j.*, greatest(0, extract(epoch FROM j.created_at - coalesce(max(j.finished_at) OVER (
      ORDER BY j.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), s.created_at))) AS gap_s
    FROM jobs j WHERE j.session = s.id
  ) c
) n
-- Devices of providers; the price is unknown if one is.
CROSS JOIN LATERAL (
  SELECT coalesce(sum(coalesce(q.charged_s, q.reserved_s)), 0)::float8 AS qpu_s,
         CASE WHEN coalesce(bool_and(coalesce(q.charged_usd, q.reserved_usd) IS NOT NULL), true)
           THEN coalesce(sum(coalesce(q.charged_usd, q.reserved_usd)), 0)::float8 END AS usd
  FROM qpu_ledger q JOIN jobs j ON j.id = q.job_id WHERE j.session = s.id
) d
WHERE s.tenant_id = %(tenant)s

-- statement: document
{told} AND s.id = %(session)s

-- part: page
AND (%(name)s::text IS NULL OR s.name LIKE %(name)s)

-- part: newest_first
ORDER BY s.created_at DESC, s.id DESC LIMIT %(limit)s

-- statement: listing
{told} {page} {newest_first}

-- statement: listing_after
{told} {page}
AND (s.created_at, s.id) < (SELECT created_at, id FROM sessions WHERE id = %(after)s AND tenant_id = %(tenant)s)
{newest_first}

-- statement: calls
-- A page of the calls in order. Of expectation values, which may be many, only the first are read.
SELECT j.position, j.id, j.name, j.state::text, j.from_cache,
       extract(epoch FROM coalesce(j.started_at, j.finished_at) - j.created_at)::float8,
       extract(epoch FROM j.finished_at - j.started_at)::float8, j.error ->> 'message',
       coalesce(
         {best.of_result}::text,
         left((coalesce(j.result -> 'expectations', j.result #> '{results,0,expectations}', j.result -> 'value'))::text, 2000)
       )
FROM jobs j
WHERE j.session = %(session)s AND j.tenant_id = %(tenant)s AND j.position > %(after)s
ORDER BY j.position LIMIT %(limit)s
