-- The event log of a job (shared/db/events.py).

-- statement: append
WITH
-- The ordinal is assigned when the event is first read.
told AS (INSERT INTO events (job_id, type, body) VALUES (%(job)s, %(type)s, %(body)s))
SELECT pg_notify('job', %(job)s)
