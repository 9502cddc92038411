"""The faults promised to be survived, done to real processes by tests and by the campaign of benchmarks."""
