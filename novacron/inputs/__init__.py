"""What users hand in: job files, the files these name, and objects. `jobfile` and `spec` need pydantic."""
