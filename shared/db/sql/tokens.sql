-- Bearer tokens, stored as their SHA-256 (shared/db/tokens.py).

-- statement: create
WITH
-- The tenant, new or existing; DO NOTHING would return no row for an existing one.
t AS (
  INSERT INTO tenants (name) VALUES (%(tenant)s)
  ON CONFLICT (name) DO UPDATE SET name = excluded.name
  RETURNING id
)
INSERT INTO tokens (token_id, hash, tenant_id, name, role, created_by, expires_at)
SELECT %(token_id)s, %(hash)s, id, %(name)s, %(role)s, %(by)s,
       clock_timestamp() + %(expires)s * interval '1 second'
FROM t
-- The installation's own token is created at every start, and gets the role operator if it had another.
ON CONFLICT (hash) DO UPDATE SET role = excluded.role WHERE excluded.role = 'operator'

-- part: stored
SELECT t.token_id, t.tenant_id, n.name, t.name, t.role, t.created_at, t.created_by, t.expires_at, t.last_used_at,
       t.revoked_at, t.revoked_by, coalesce(t.expires_at <= clock_timestamp(), false)
FROM tokens t JOIN tenants n ON n.id = t.tenant_id

-- statement: find
{stored}
WHERE t.token_id = %(token)s

-- part: newest_first
ORDER BY t.created_at DESC, t.token_id DESC LIMIT %(limit)s

-- statement: listing
{stored}
WHERE t.tenant_id = (SELECT id FROM tenants WHERE name = %(tenant)s)
{newest_first}

-- statement: listing_after
{stored}
WHERE t.tenant_id = (SELECT id FROM tenants WHERE name = %(tenant)s)
  AND (t.created_at, t.token_id) < (
    SELECT a.created_at, a.token_id FROM tokens a JOIN tenants m ON m.id = a.tenant_id
    WHERE a.token_id = %(after)s AND m.name = %(tenant)s
  )
{newest_first}
