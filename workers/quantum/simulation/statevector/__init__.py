"""State vectors: all amplitudes, those that can be reached, and the NumPy kernels for short circuits."""
