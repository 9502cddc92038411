-- Blocks of chunks of error-correction experiments (shared/db/qec_blocks.py).

-- statement: record
-- A repeated block has the same counts: the first row stays.
INSERT INTO qec_blocks (tenant_id, stream, first, last, errors, seconds)
VALUES (%(tenant)s, %(stream)s, %(first)s, %(last)s, %(errors)s::int[], %(seconds)s)
ON CONFLICT (tenant_id, stream, first, last) DO NOTHING

-- statement: read
SELECT stream, first, errors, seconds FROM qec_blocks
WHERE tenant_id = %(tenant)s AND stream = ANY(%(streams)s::text[])
ORDER BY stream, first, last
