"""Latency of the API under many clients: `python -m benchmarks.api`."""
