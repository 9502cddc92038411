"""Circuits and observables as data, and the NumPy kernels that act on state vectors."""
