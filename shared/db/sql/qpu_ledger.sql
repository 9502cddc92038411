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
