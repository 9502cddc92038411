-- Objects that need a stored key, as recorded in rows (shared/db/crypto/needs.py).

-- statement: certificates
-- Unexpired certificates of a key, each with the numbers of unexpired ones below it: valid, and revoked.
SELECT c.id, c.der, c.ca, c.key_version, c.issuer_id, c.not_after,
       count(b.id) FILTER (WHERE b.revoked_at IS NULL), count(b.id) FILTER (WHERE b.revoked_at IS NOT NULL),
       max(b.not_after)
FROM certificates c LEFT JOIN certificates b ON b.issuer_id = c.id AND b.not_after > clock_timestamp()
WHERE c.tenant_id = %(tenant)s AND c.key_id = %(key)s AND c.key_version = ANY(%(versions)s::int[])
  AND c.revoked_at IS NULL AND c.not_after > clock_timestamp()
GROUP BY c.id ORDER BY c.id

-- statement: plans
-- Running plans that have changed a key, and may have to restore it.
SELECT m.plan_id, {steps.state}
FROM migrations m LEFT JOIN jobs j ON j.id = m.job_id
WHERE m.tenant_id = %(tenant)s AND m.state NOT IN ('completed', 'rolled_back') AND m.plan_id <> %(plan)s
  AND EXISTS (
    SELECT FROM migration_steps s, jsonb_each(s.facts) f
    WHERE s.plan_id = m.plan_id AND s.state IN ('started', 'done') AND f.value ->> 'key_id' = %(key)s
  )
ORDER BY m.plan_id

-- statement: jobs
-- Accepted, unfinished jobs that would fail without the key.
SELECT id, spec ->> 'operation' FROM jobs
WHERE tenant_id = %(tenant)s AND finished_at IS NULL AND kind = 'cryptographic' AND id <> %(job)s
  AND spec ->> 'operation' = ANY(%(operations)s::text[])
  AND (
    %(key)s IN (spec ->> 'key_id', spec ->> 'transport_key')
    OR (spec -> 'key_ids')::jsonb ? %(key)s
    OR spec ->> 'issuer' IN (SELECT id FROM certificates WHERE key_id = %(key)s)
  )
ORDER BY id LIMIT 5
