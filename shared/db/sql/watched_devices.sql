-- Devices of providers as their workers last saw them (shared/db/watched_devices.py).

-- statement: due
-- One worker of all asks: the row is taken by the first whose interval has passed.
INSERT INTO watches AS w (backend, asked_at) VALUES (%(backend)s, clock_timestamp())
ON CONFLICT (backend) DO UPDATE SET asked_at = excluded.asked_at
WHERE w.asked_at <= clock_timestamp() - %(every_s)s * interval '1 second'
RETURNING backend

-- statement: record
WITH
-- An answer takes back an earlier refusal of the account.
answered AS (
  UPDATE watches SET answered_at = clock_timestamp(), refusal = NULL WHERE backend = %(backend)s
),
-- One row a device, from one JSON document, however many there are.
listed AS (
  SELECT * FROM json_to_recordset(%(devices)s::json)
    AS d(device text, accepts bool, status text, queue_length int, calibration_id text, calibration json)
),
-- Devices that are no longer listed stay, since jobs still name them.
retired AS (
  UPDATE watched_devices SET accepts = false, status = 'retired', queue_length = NULL
  WHERE backend = %(backend)s AND status <> 'retired' AND device NOT IN (SELECT device FROM listed)
)
-- A calibration of 100 kB is written when it is another one only.
INSERT INTO watched_devices AS w (
  backend, device, accepts, status, queue_length, calibration_id, calibration, seen_at
)
SELECT %(backend)s, device, accepts, status, queue_length, calibration_id, calibration, clock_timestamp() FROM listed
ON CONFLICT (backend, device) DO UPDATE
SET accepts = excluded.accepts, status = excluded.status, queue_length = excluded.queue_length,
    seen_at = excluded.seen_at, calibration_id = excluded.calibration_id,
    calibration = CASE WHEN w.calibration_id = excluded.calibration_id THEN w.calibration ELSE excluded.calibration END
