"""The CPU engine beside the simulators of the field: `python -m benchmarks.simulators`."""
