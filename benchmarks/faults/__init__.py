"""The faults promised to be survived, on real processes, with the figures seen."""
