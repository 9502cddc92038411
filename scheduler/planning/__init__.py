"""From a request to a job's tasks: validation, placement, planning, insertion."""
