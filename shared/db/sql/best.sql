-- A job's best value in the sign of its problem: MaxCut is maximised, all other problems are minimised.
--
-- Loops minimise, so the journal of a MaxCut holds the negated expected cut. A completed job has the value of
-- its result; before that, the best expectation so far.

-- part: sign
-- Factor for the journal's values of the job `j`.
CASE WHEN j.spec #> '{problem,maxcut}' IS NULL THEN 1 ELSE -1 END

-- part: of_result
-- Best value of the completed job `j`; NULL if its kind has none.
(CASE j.kind
  WHEN 'hybrid_vqe' THEN j.result ->> 'energy'
  WHEN 'hybrid_qaoa' THEN j.result ->> 'best_value'
  WHEN 'quantum_ml' THEN j.result ->> 'loss'
END)::float8

-- statement: reached
-- The number of evaluations of a job or the one it joined, the best value so far, and the sign of
-- improvement.
SELECT count(*), {sign} * min(value), {sign}
FROM jobs j JOIN journal ON job_id = coalesce(j.joined, j.id)
WHERE j.id = %(job)s GROUP BY j.id

-- statement: least
-- The lowest value in the journals of these jobs.
SELECT job_id, min(value) FROM journal WHERE job_id = ANY(%(jobs)s::text[]) GROUP BY job_id
