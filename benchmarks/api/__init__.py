"""How quickly the API answers a crowd: `python -m benchmarks.api`."""
