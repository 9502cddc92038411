"""From what is asked to a job's tasks: checked, placed, planned, inserted."""
