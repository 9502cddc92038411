-- Tenants (shared/db/tenants.py).

-- part: listed
SELECT n.name, n.weight, (
         SELECT count(*) FROM tokens t
         WHERE t.tenant_id = n.id AND t.revoked_at IS NULL AND coalesce(t.expires_at > clock_timestamp(), true)
       ), (
         SELECT count(*) FROM jobs j WHERE j.tenant_id = n.id AND j.finished_at IS NULL
       )
FROM tenants n

-- statement: listing
{listed} ORDER BY n.name LIMIT %(limit)s

-- statement: listing_after
{listed} WHERE n.name > %(after)s ORDER BY n.name LIMIT %(limit)s
