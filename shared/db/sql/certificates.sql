-- Certificates and what is signed about them (shared/db/crypto/certificates.py).

-- part: columns
id, tenant_id, issuer_id, companion_of, key_id, key_version, algorithm, serial, ca, der, created_at, created_by,
revoked_at, revocation_reason

-- statement: above
WITH RECURSIVE
-- From an issuer to its own issuer, and so on to the one that is signed by itself.
above AS (
  SELECT c.*, 1 AS height FROM certificates c WHERE c.id = %(issuer)s
  UNION ALL
  SELECT c.*, a.height + 1 FROM above a JOIN certificates c ON c.id = a.issuer_id
)
SELECT {columns} FROM above ORDER BY height
