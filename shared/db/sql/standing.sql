-- Standing jobs, which run until they are cancelled (shared/db/standing.py).

-- part: jobs
FROM jobs
WHERE tenant_id = %(tenant)s AND finished_at IS NULL AND kind = 'cryptographic'
  AND plan ->> 'token_id' = %(token)s AND (spec ->> 'every_s' IS NOT NULL OR spec ->> 'unattended' = 'true')

-- statement: names
SELECT id {jobs} ORDER BY id

-- statement: pass_on
UPDATE jobs SET plan = (plan::jsonb || %(to)s::jsonb)::json WHERE id IN (SELECT id {jobs})
