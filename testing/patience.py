"""How long tests wait: what comes is taken at once; what never comes, or a busy machine, takes as long."""

PATIENCE_S = 120.0
"""For what must come."""

BUSY_S = 60.0
"""Added to promised times: others may keep the machine busy. Benchmarks tell the times of an idle one."""
