"""The CPU engine compared with other simulators: `python -m benchmarks.simulators`."""
