-- Certificates and their signed status (shared/db/crypto/certificates.py).

-- part: columns
id, tenant_id, issuer_id, companion_of, key_id, key_version, algorithm, serial, ca, der, created_at, created_by,
revoked_at, revocation_reason

-- statement: find
SELECT {columns} FROM certificates WHERE id = %(id)s AND tenant_id = %(tenant)s

-- statement: authority
SELECT {columns} FROM certificates WHERE id = %(id)s AND ca

-- statement: by_effect
SELECT {columns} FROM certificates WHERE effect = %(effect)s AND tenant_id = %(tenant)s

-- statement: by_serial
SELECT {columns} FROM certificates WHERE issuer_id = %(issuer)s AND serial = %(serial)s

-- statement: same
SELECT {columns} FROM certificates WHERE tenant_id = %(tenant)s AND serial = %(serial)s AND der = %(der)s

-- statement: companions
SELECT {columns} FROM certificates WHERE companion_of = %(id)s ORDER BY id

-- statement: listing
SELECT {columns} FROM certificates WHERE tenant_id = %(tenant)s ORDER BY id DESC LIMIT %(limit)s

-- statement: listing_after
SELECT {columns} FROM certificates WHERE tenant_id = %(tenant)s AND id < %(after)s ORDER BY id DESC LIMIT %(limit)s

-- statement: above
WITH RECURSIVE
-- From an issuer to its own issuer, and so on up to the self-signed root.
above AS (
  SELECT c.*, 1 AS height FROM certificates c WHERE c.id = %(issuer)s
  UNION ALL
  SELECT c.*, a.height + 1 FROM above a JOIN certificates c ON c.id = a.issuer_id
)
SELECT {columns} FROM above ORDER BY height

-- statement: insert
INSERT INTO certificates (
  id, tenant_id, issuer_id, companion_of, key_id, key_version, algorithm, serial, ca, der, created_by, not_after, effect
)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
RETURNING {columns}
