"""A job's best value in the sign of its problem: the cut of MaxCut is maximised, all else is minimised.

Loops minimise, so that the journal of a MaxCut holds minus the expected cut. A completed job has the value
of its result; until then it is the best expectation so far.
"""

SIGN = "CASE WHEN j.spec #> '{problem,maxcut}' IS NULL THEN 1 ELSE -1 END"
"""What the journal's values of the job `j` are multiplied by."""
OF_RESULT = """(CASE j.kind
  WHEN 'hybrid_vqe' THEN j.result ->> 'energy'
  WHEN 'hybrid_qaoa' THEN j.result ->> 'best_value'
  WHEN 'quantum_ml' THEN j.result ->> 'loss'
END)::float8"""
"""Best value of the completed job `j`; NULL where its kind has none."""
