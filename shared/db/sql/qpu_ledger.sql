-- What tasks reserved and used of providers' devices (shared/db/qpu_ledger.py).

-- part: used
-- A reservation counts until the charge is known.
coalesce(sum(coalesce(charged_s, reserved_s)), 0) AS qpu_s,
coalesce(sum(coalesce(charged_usd, reserved_usd)), 0) AS usd

-- statement: spent
SELECT {used} FROM qpu_ledger WHERE job_id = %(job)s AND task_id <> %(task)s

-- statement: reserve
-- A later attempt keeps the reservation of the first.
INSERT INTO qpu_ledger (task_id, job_id, tenant_id, backend, device, n_circuits, shots, reserved_s, reserved_usd)
VALUES (%(task)s, %(job)s, %(tenant)s, %(backend)s, %(device)s, %(n_circuits)s, %(shots)s, %(qpu_s)s, %(usd)s)
ON CONFLICT (task_id) DO NOTHING

-- statement: settle
-- Once: a later attempt reads the same charge again.
UPDATE qpu_ledger SET charged_s = %(qpu_s)s, charged_usd = %(usd)s, settled_at = clock_timestamp()
WHERE task_id = %(task)s AND settled_at IS NULL

-- part: account
backend, device, count(*), sum(n_circuits)::bigint, sum(n_circuits * shots)::bigint, sum(reserved_s),
sum(reserved_usd), sum(charged_s), sum(charged_usd), count(*) FILTER (WHERE settled_at IS NULL),
sum(coalesce(charged_s, reserved_s)),
-- Unknown if one price is: a sum would leave it out.
CASE WHEN bool_and(coalesce(charged_usd, reserved_usd) IS NOT NULL) THEN sum(coalesce(charged_usd, reserved_usd)) END

-- statement: of_job
SELECT {account} FROM qpu_ledger WHERE job_id = %(job)s GROUP BY backend, device ORDER BY backend, device

-- statement: of_tenant
SELECT {account} FROM qpu_ledger
WHERE tenant_id = %(tenant)s AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
GROUP BY backend, device ORDER BY backend, device
