-- Migrations in execution (shared/db/crypto/steps.py).

-- part: state
-- State of the migration `m` of the job `j`. A job that ended without recording one, such as a cancelled job,
-- leaves it failed.
CASE WHEN m.state IN ('running', 'rolling_back') AND j.finished_at IS NOT NULL THEN 'failed' ELSE m.state END

-- statement: held
SELECT m.job_id, {state}
FROM migrations m LEFT JOIN jobs j ON j.id = m.job_id WHERE m.plan_id = %(plan)s AND m.tenant_id = %(tenant)s
