"""User input: job files, the files they name, and objects. `jobfile` and `spec` need pydantic."""
