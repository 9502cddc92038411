-- A job's best value in the sign of its problem: the cut of MaxCut is maximised, all else is minimised.
--
-- Loops minimise, so that the journal of a MaxCut holds minus the expected cut. A completed job has the value of its
-- result; until then it is the best expectation so far.

-- part: sign
-- What the journal's values of the job `j` are multiplied by.
CASE WHEN j.spec #> '{problem,maxcut}' IS NULL THEN 1 ELSE -1 END

-- part: of_result
-- Best value of the completed job `j`; NULL where its kind has none.
(CASE j.kind
  WHEN 'hybrid_vqe' THEN j.result ->> 'energy'
  WHEN 'hybrid_qaoa' THEN j.result ->> 'best_value'
  WHEN 'quantum_ml' THEN j.result ->> 'loss'
END)::float8

-- statement: reached
-- How many evaluations a job or the one it joined has made, the best so far, and which way is better.
SELECT count(*), {sign} * min(value), {sign}
FROM jobs j JOIN journal ON job_id = coalesce(j.joined, j.id)
WHERE j.id = %(job)s GROUP BY j.id

-- statement: least
-- The lowest value in the journals of these jobs.
SELECT job_id, min(value) FROM journal WHERE job_id = ANY(%(jobs)s::text[]) GROUP BY job_id
