-- Keys without their private parts (shared/db/crypto/keys.py): one row per version, newest key first, oldest
-- version first.

-- part: columns
k.id, k.tenant_id, k.label, k.usage, k.state, k.version, k.created_at, k.created_by,
v.version, v.algorithm, v.public_key, v.public_key_pem, v.origin, v.seedless, v.created_at, v.created_by, v.destroyed_at

-- part: versions
JOIN key_versions v ON v.key_id = k.id ORDER BY k.id DESC, v.version

-- statement: find
SELECT {columns}
FROM (SELECT * FROM keys WHERE id = %(key)s AND tenant_id = %(tenant)s) k {versions}

-- statement: own
SELECT {columns}
FROM (SELECT * FROM keys WHERE usage = %(usage)s AND tenant_id = %(tenant)s AND state = 'active') k {versions}

-- statement: listing
-- LIMIT applies before the versions are joined, so it counts keys.
SELECT {columns}
FROM (SELECT * FROM keys WHERE tenant_id = %(tenant)s ORDER BY id DESC LIMIT %(limit)s) k {versions}

-- statement: listing_after
SELECT {columns}
FROM (
  SELECT * FROM keys WHERE tenant_id = %(tenant)s AND id < %(after)s ORDER BY id DESC LIMIT %(limit)s
) k {versions}
