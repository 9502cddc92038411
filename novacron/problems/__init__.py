"""Reading the files a job names: Hamiltonians, graphs, tables and circuits. Nothing here needs pydantic."""
