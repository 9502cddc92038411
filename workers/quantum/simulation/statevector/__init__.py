"""State vectors: all amplitudes, reachable amplitudes only, and the NumPy kernels for short circuits."""
