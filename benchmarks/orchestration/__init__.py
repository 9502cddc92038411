"""Cost of orchestration, compared with other task queues: `python -m benchmarks.orchestration`."""
