"""What orchestration costs, side by side with other task queues: `python -m benchmarks.orchestration`."""
