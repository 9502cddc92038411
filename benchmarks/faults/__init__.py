"""Faults that the product must survive, on real processes, with measured figures."""
