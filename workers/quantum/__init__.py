"""Numerical code: Hamiltonians, ansaetze, loops, learning, and the backends that run their circuits."""
