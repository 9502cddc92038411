"""Error mitigation of expectation values, on compiled circuits."""
