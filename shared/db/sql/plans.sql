-- Migration plans with their current status (shared/db/crypto/plans.py).

-- part: status
coalesce({steps.state}, 'planned')

-- part: plans
migration_plans p LEFT JOIN migrations m ON m.plan_id = p.id LEFT JOIN jobs j ON j.id = m.job_id

-- statement: find
SELECT p.document, {status} FROM {plans} WHERE p.tenant_id = %(tenant)s AND p.id = %(plan)s

-- part: listed
SELECT p.id, p.document ->> 'name', p.created_at, {status}, p.document ->> 'policy', p.document -> 'timeline',
       json_array_length(p.document -> 'steps')
FROM {plans}
WHERE p.tenant_id = %(tenant)s

-- part: newest_first
ORDER BY p.created_at DESC, p.id DESC LIMIT %(limit)s

-- statement: listing
{listed}
{newest_first}

-- statement: listing_after
{listed}
  AND (p.created_at, p.id) < (
    SELECT created_at, id FROM migration_plans WHERE id = %(after)s AND tenant_id = %(tenant)s
  )
{newest_first}

-- statement: unfinished
-- The newest unfinished plan of a policy that begins with a component.
SELECT p.document FROM {plans}
WHERE p.tenant_id = %(tenant)s AND p.document ->> 'policy' = %(policy)s
  AND p.document -> 'steps' -> 0 -> 'components' ->> 0 = %(component)s
  AND coalesce(m.state, 'planned') NOT IN ('completed', 'rolling_back', 'rolled_back')
ORDER BY p.created_at DESC, p.id DESC LIMIT 1
